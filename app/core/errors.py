"""Domain errors. A service raises them and knows no HTTP; ``problems`` turns them into responses.

* DomainError 400
  - RuleBroken 400
  - NotAuthenticated 401
  - Forbidden 403
  - NotFound 404
  - Conflict 409
  - PreconditionFailed 412
  - Invalid 422
  - PreconditionRequired 428
  - Unavailable 503

One line beside the service that raises it makes a new one: ``class ItemNotFound(NotFound): ...`` answers
404 with the type ``item-not-found``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import ClassVar

MAX_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where (a JSON pointer, RFC 6901), which kind, and a sentence for people."""

    pointer: str
    code: str
    message: str


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901). A name may be the client's own: of a long one, the beginning."""
    names = (str(part)[:MAX_NAME_LENGTH].replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{name}" for name in names)


class DomainError(Exception):
    """The business said no. The status comes from the family, the type from the class's own name."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    type: ClassVar[str] = "domain-error"
    headers: Mapping[str, str] = MappingProxyType({})
    # A security write, such as ending a session, must be committed although the request is refused.
    keeps_writes: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.type = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, detail: str, *faults: Fault) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults


class RuleBroken(DomainError, ValueError):
    """The request is well formed and breaks a rule of the business."""


class NotAuthenticated(DomainError):
    """Who is calling is unknown (RFC 6750)."""

    status = HTTPStatus.UNAUTHORIZED
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    status = HTTPStatus.FORBIDDEN


class NotFound(DomainError):
    """There is no such thing, or it is somebody else's."""

    status = HTTPStatus.NOT_FOUND


class Conflict(DomainError):
    """The present state does not allow it."""

    status = HTTPStatus.CONFLICT


class PreconditionFailed(DomainError):
    """It is not as the client supposed: somebody else was faster (RFC 9110, section 15.5.13)."""

    status = HTTPStatus.PRECONDITION_FAILED


class Invalid(DomainError):
    """The request is well formed and its content is not acceptable; the faults say where."""

    status = HTTPStatus(422)  # its name changed in Python 3.13


class PreconditionRequired(DomainError):
    """The client must say what it supposes, so that nobody's change is lost (RFC 6585, section 3)."""

    status = HTTPStatus.PRECONDITION_REQUIRED


class Unavailable(DomainError):
    """Something the service needs is away; trying again will help."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers = MappingProxyType({"Retry-After": "2"})
