"""Two-factor authentication over the wire."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from app.schemas.base import Input
from app.schemas.user import PasswordProof

Code = Annotated[SecretStr, Field(max_length=64, examples=["123456"])]


class TwoFactorConfirmation(Input):
    """A code of the authenticator app, which proves that it knows the secret."""

    code: Code = Field(description="Six digits.")


class TwoFactorProof(PasswordProof):
    """Both factors, as a proof of identity."""

    code: Code = Field(description="Six digits of the app, or a recovery code.")


class EnrolmentResponse(BaseModel):
    """What an authenticator app needs. It is shown once."""

    secret: str = Field(description="In Base32, to type.", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    uri: str = Field(
        description="The same, to show as a QR code.",
        examples=["otpauth://totp/Shipworthy:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Shipworthy"],
    )


class RecoveryCodesResponse(BaseModel):
    """Codes for when the app is lost. Each works once; they are shown once."""

    recovery_codes: list[str] = Field(examples=[["k3vq7d-2mzn5a-xw4hjt-pb6c2e"]])
