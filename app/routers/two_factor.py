"""Two-factor authentication: off until the owner of an account switches it on."""

from app.core.problems import problems
from app.core.routing import Router
from app.core.throttle import TooManyRequests
from app.dependencies import CurrentLogin, CurrentUser, Sessions, TwoFactor, Users
from app.schemas.two_factor import (
    EnrolmentResponse,
    RecoveryCodesResponse,
    TwoFactorConfirmation,
    TwoFactorProof,
)
from app.schemas.user import PasswordProof
from app.services.two_factor_service import TwoFactorOff, TwoFactorOn, WrongCode
from app.services.user_service import WrongPassword

router = Router(prefix="/auth/two-factor", tags=["auth"])
PROVED = problems(WrongPassword, WrongCode, TwoFactorOff, TooManyRequests)


@router.post("", responses=problems(WrongPassword, TwoFactorOn, TooManyRequests))
async def start_two_factor(
    data: PasswordProof, user: CurrentUser, users: Users, two_factor: TwoFactor
) -> EnrolmentResponse:
    """Get a secret for your authenticator app. Nothing changes until you confirm it; an earlier one dies."""
    await users.prove(user, data.current_password)
    return await two_factor.start(user)


@router.post("/confirm", responses=problems(WrongCode, TwoFactorOn, TwoFactorOff, TooManyRequests))
async def confirm_two_factor(
    data: TwoFactorConfirmation, login: CurrentLogin, two_factor: TwoFactor, sessions: Sessions
) -> RecoveryCodesResponse:
    """Switch it on with a code of your app; every other session ends. Keep the recovery codes."""
    codes = await two_factor.confirm(login.user, data.code.get_secret_value())
    await sessions.end_all(login.user, but=login.session_id)
    return RecoveryCodesResponse(recovery_codes=codes)


@router.delete("", status_code=204, responses=PROVED)
async def disable_two_factor(
    data: TwoFactorProof, user: CurrentUser, users: Users, two_factor: TwoFactor
) -> None:
    """Switch it off; the recovery codes die."""
    await users.prove(user, data.current_password)
    await two_factor.disable(user, data.code.get_secret_value())


@router.post("/recovery-codes", responses=PROVED)
async def renew_recovery_codes(
    data: TwoFactorProof, user: CurrentUser, users: Users, two_factor: TwoFactor
) -> RecoveryCodesResponse:
    """Get new recovery codes; the old ones die."""
    await users.prove(user, data.current_password)
    codes = await two_factor.renew_recovery_codes(user, data.code.get_secret_value())
    return RecoveryCodesResponse(recovery_codes=codes)
