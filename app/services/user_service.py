"""Accounts."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import Text, bindparam, select
from sqlalchemy.exc import IntegrityError

from app.core.database import Session, violated_constraint
from app.core.errors import Conflict, Fault, Invalid, NotFound, RuleBroken
from app.core.passwords import PasswordHasher, normalise, own_words
from app.core.preconditions import Expected, check
from app.core.text import parse_email
from app.core.throttle import Policy, Throttle
from app.models import USER_TEXTS, Action, Role, User
from app.models.search import matches
from app.schemas.user import ProfileUpdate, UserCreate, UserParameters, UserUpdate
from app.services.audit_service import AuditService
from app.services.paging import Listing, Pager, Slice

USERS = Listing(
    User,
    {
        "role": User.role == bindparam("role"),
        "is_active": User.is_active == bindparam("is_active"),
        "q": matches(USER_TEXTS, bindparam("q", type_=Text)),
    },
)
WRONG_PASSWORDS = Policy.of("password", "10 per 15 minutes")
CURRENT_PASSWORD = Fault("/current_password", "wrong", "This is not your password")


class EmailTaken(Conflict):
    """Somebody has registered this address, in this or another spelling."""


class GuessablePassword(Invalid):
    """The password is common, or made of the user's own words."""


class WrongPassword(RuleBroken):
    """The current password, asked for as a proof of identity, is another."""

    keeps_writes = True


class UserNotFound(NotFound):
    """There is no such account."""


class LastAdmin(Conflict):
    """Without this account nobody could administer the service."""


@dataclass(frozen=True)
class UserService:
    """Registers, finds and changes accounts."""

    session: Session
    passwords: PasswordHasher
    throttle: Throttle
    pager: Pager
    audit: AuditService

    async def register(self, data: UserCreate, role: Role = Role.USER) -> User:
        """Add an account; the unique constraint decides between two that come at once.

        Raises:
            GuessablePassword: the password is too easy to guess.
            EmailTaken: the address has an account.
        """
        password = data.password.get_secret_value()
        email, canonical = parse_email(data.email)
        await self._refuse_guessable(password, email, data.name, "/password")
        user = User(
            email=email,
            email_canonical=canonical,
            password_hash=await self.passwords.hash(password),
            name=data.name,
            age=data.age,
            role=role,
        )
        self.session.add(user)
        await claim_email(self.session)
        self.audit.record(Action.REGISTERED, actor=user.id, target=user.id)
        return user

    async def get(self, user_id: UUID, *, lock: bool = False) -> User:
        """Find an account. It may be the caller's, read before the lock: then read again what stands now.

        Raises:
            UserNotFound: there is none.
        """
        if user := await self.session.get(User, user_id, with_for_update=lock, populate_existing=lock):
            return user
        raise UserNotFound("There is no such user.")

    async def page(self, parameters: UserParameters) -> Slice[User]:
        """List accounts."""
        return await self.pager.read(USERS, parameters)

    async def update_profile(self, user: User, data: ProfileUpdate, expected: Expected) -> User:
        """Change what people may change about themselves.

        Raises:
            VersionChanged: the account is no longer as expected.
        """
        self.audit.record(Action.PROFILE_CHANGED, actor=user.id, target=user.id)
        return await self._apply(user.id, data, expected)

    async def prove(self, user: User, current_password: SecretStr) -> None:
        """Make sure that the user, and not only their device, is asking.

        Raises:
            WrongPassword: the password is another.
            TooManyRequests: too many were; whoever stole the session cannot guess on.
        """
        await self.session.commit()  # nothing is written yet: hand the connection back while hashing waits
        current = normalise(current_password.get_secret_value())
        async with self.passwords.turn:
            await self.throttle.check(WRONG_PASSWORDS, str(user.id))
            if await self.passwords.verify(current, user.password_hash):
                return
            await self.throttle.count(WRONG_PASSWORDS, str(user.id))
        self.audit.record(Action.PROOF_FAILED, actor=user.id, target=user.id)
        raise WrongPassword("The current password is another.", CURRENT_PASSWORD)

    async def set_password(self, user: User, new_password: SecretStr, action: Action) -> None:
        """Replace the password, and remember by which way.

        Raises:
            GuessablePassword: it is too easy to guess.
        """
        new = new_password.get_secret_value()
        await self._refuse_guessable(new, user.email, user.name, "/new_password")
        user.password_hash = await self.passwords.hash(new)
        self.audit.record(action, actor=user.id, target=user.id)

    async def update(self, admin: User, user_id: UUID, data: UserUpdate, expected: Expected) -> User:
        """Change what administrators may change.

        Raises:
            UserNotFound: there is no such account.
            VersionChanged: it is no longer as expected.
            LastAdmin: it is the only administrator who can still log in.
        """
        admins = await self._lock_admins()
        user = await self._apply(user_id, data, expected)
        if admins == [user.id] and not (user.is_active and user.role == Role.ADMIN):
            raise LastAdmin("The last administrator cannot be demoted or disabled.")
        self.audit.record(Action.CHANGED, actor=admin.id, target=user.id)
        return user

    async def erase(self, actor: User, user_id: UUID) -> None:
        """Delete an account and all that belongs to it; the audit trail keeps its id, and no address.

        Raises:
            UserNotFound: there is no such account.
            LastAdmin: it is the only administrator who can still log in.
        """
        if await self._lock_admins() == [user_id]:
            raise LastAdmin("The last administrator cannot be deleted.")
        await self.session.delete(await self.get(user_id))
        await self.audit.forget_addresses(user_id)
        self.audit.record(Action.DELETED, actor=actor.id, target=user_id)

    async def _refuse_guessable(self, password: str, email: str, name: str, pointer: str) -> None:
        if await self.passwords.is_guessable(password, own_words(email, name)):
            fault = Fault(pointer, "guessable", "Choose one that is harder to guess")
            raise GuessablePassword("The password is easy to guess.", fault)

    async def _lock_admins(self) -> list[UUID]:
        """Two administrators who demote each other at the same time must not both succeed."""
        query = select(User.id).where(User.role == Role.ADMIN, User.is_active).order_by(User.id)
        return list(await self.session.scalars(query.with_for_update()))

    async def _apply(self, user_id: UUID, data: ProfileUpdate | UserUpdate, expected: Expected) -> User:
        user = await self.get(user_id, lock=True)
        check(expected, user)
        for name, value in data.model_dump().items():
            setattr(user, name, value)
        await self.session.flush()  # the answer carries the new time of change
        return user


async def claim_email(session: Session) -> None:
    """Write an account with a new address; the constraint decides whose it is.

    Raises:
        EmailTaken: somebody has registered it.
    """
    try:
        await session.flush()  # the answer carries what the database says
    except IntegrityError as error:
        if violated_constraint(error) != "uq_users_email_canonical":
            raise
        raise EmailTaken("This address is already registered.") from error
