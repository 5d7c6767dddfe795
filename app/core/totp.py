"""Time-based one-time passwords, as authenticator apps make them (RFC 6238)."""

from pyotp import TOTP, OTPVerificationError, random_base32

ISSUER = "Shipworthy"
WINDOW = 1  # steps of 30 seconds that a clock may be ahead or behind


def make_secret() -> str:
    """160 random bits, which the app and we share (RFC 4226, section 4)."""
    return random_base32()


def enrolment_uri(secret: str, account: str) -> str:
    """What the app reads from a QR code."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def matching_step(secret: str, code: str) -> int | None:
    """The step of time that this is the code of; ``None`` if it is not one around now."""
    try:
        return TOTP(secret).verify_and_get_timecode(code, valid_window=WINDOW)
    except OTPVerificationError:
        return None
