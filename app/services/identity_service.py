"""Whose account a provider's user has: decided by what both sides know for certain, and by nothing else."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Session
from app.core.errors import Conflict, DomainError, Forbidden
from app.core.oidc import Person
from app.core.opaque_tokens import make_token
from app.core.passwords import PasswordHasher
from app.core.text import parse_email
from app.models import Action, OidcIdentity, User
from app.schemas.user import Name
from app.services.audit_service import AuditService

NAME: TypeAdapter[str] = TypeAdapter(Name)


class UnverifiedIdentity(Forbidden):
    """The provider does not vouch for your address, so it cannot tell which account is yours."""

    keeps_writes = True


class AccountNotLinked(Conflict):
    """An account has your address, and it is not certain to be yours: log in with its password instead."""

    keeps_writes = True


class AccountDisabled(Forbidden):
    """An administrator has disabled your account."""

    keeps_writes = True


@dataclass(frozen=True)
class IdentityService:
    """Finds, links and makes the accounts of a provider's users."""

    session: Session
    passwords: PasswordHasher
    audit: AuditService

    async def find(self, issuer: str, person: Person) -> User:
        """The account of somebody who has logged in at the provider.

        Raises:
            UnverifiedIdentity: they are new here, and the provider does not vouch for their address.
            AccountNotLinked: an account has their address, and may be somebody else's.
            AccountDisabled: the account is disabled.
        """
        query = select(User).join(OidcIdentity, OidcIdentity.user_id == User.id)
        mine = query.where(OidcIdentity.issuer == issuer, OidcIdentity.subject == person.subject)
        if (user := await self.session.scalar(mine)) is not None:
            return self._active(user)
        email, canonical = self._vouched(person)
        user = await self.session.scalar(select(User).where(User.email_canonical == canonical))
        if user is None:
            user = await self._register(email, canonical, person)
        if not user.email_verified:
            reason = "Log in with its password and confirm the address, then it can be linked."
            raise self._refusal(AccountNotLinked(f"An account has your address unconfirmed. {reason}"), user)
        await self._link(self._active(user), issuer, person)
        return user

    async def _register(self, email: str, canonical: str, person: Person) -> User:
        await self.session.commit()  # nothing is written yet: hand the connection back while hashing waits
        nobodys = await self.passwords.hash(make_token())  # until its owner has a password mailed
        new = insert(User).values(
            email=email,
            email_canonical=canonical,
            password_hash=nobodys,
            name=_name(person, email),
            email_verified=True,
        )
        alone = new.on_conflict_do_nothing(index_elements=[User.email_canonical]).returning(User)
        user: User | None = await self.session.scalar(alone)
        if user is None:
            raise AccountNotLinked("The address was registered at this moment. Log in again.")
        self.audit.record(Action.REGISTERED, actor=user.id, target=user.id)
        return user

    async def _link(self, user: User, issuer: str, person: Person) -> None:
        """The constraints decide: a user of the provider has one account, and an account one such user."""
        values = {"user_id": user.id, "issuer": issuer, "subject": person.subject}
        new = insert(OidcIdentity).values(values).on_conflict_do_nothing()
        if await self.session.scalar(new.returning(OidcIdentity.id)) is None:
            reason = "Another user of the provider has it."
            raise self._refusal(AccountNotLinked(f"The account of your address is taken. {reason}"), user)
        self.audit.record(Action.IDENTITY_LINKED, actor=user.id, target=user.id)

    def _active(self, user: User) -> User:
        if not user.is_active:
            raise self._refusal(AccountDisabled("Your account is disabled."), user)
        return user

    def _vouched(self, person: Person) -> tuple[str, str]:
        """The address, if the provider has made sure of it."""
        try:
            if person.email_verified and isinstance(person.email, str):
                return parse_email(person.email)
        except ValueError:
            pass  # verified, and yet no address that we could write to
        reason = "Confirm it there, or register with a password."
        raise self._refusal(UnverifiedIdentity(f"The provider does not vouch for your address. {reason}"))

    def _refusal(self, error: DomainError, user: User | None = None) -> DomainError:
        self.audit.record(Action.LOGIN_FAILED, actor=None, target=user.id if user else None)
        return error


def _name(person: Person, email: str) -> str:
    """The name they have there, or else the address without its domain."""
    try:
        return NAME.validate_python(person.name)
    except ValidationError:
        return email.partition("@")[0][:100]
