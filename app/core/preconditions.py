"""Conditional requests (RFC 9110, section 13): a client says which version it has, as an entity tag."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Protocol, Self

from app.core.errors import DomainError, PreconditionFailed, PreconditionRequired

TAG = r'(?P<weak>W/)?"(?P<revision>[\x21\x23-\x7e\x80-\xff]*)"'
ONE_TAG = re.compile(rf"[ \t]*(?:{TAG})?[ \t]*(?:,|$)")  # a recipient takes empty elements, too (5.6.1.2)


class MalformedEntityTag(DomainError):
    """If-Match or If-None-Match holds something else than entity tags (RFC 9110, section 8.8.3)."""


class MissingIfMatch(PreconditionRequired):
    """Whoever changes this must say which version they have seen (RFC 6585, section 3)."""


class VersionChanged(PreconditionFailed):
    """It is no longer the version that If-Match names (RFC 9110, section 13.1.1)."""


class Versioned(Protocol):
    """A row that knows its version."""

    @property
    def revision(self) -> str:
        """Another with every change."""


@dataclass(frozen=True)
class Document:
    """Something public that stays as it is while the process runs."""

    body: bytes
    media_type: str

    @cached_property
    def revision(self) -> str:
        """Another with every content."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class EntityTags:
    """The versions that a client knows, as strong or weak tags; ``*`` is any."""

    any: bool = False
    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, header: str) -> Self:
        """Read the value of If-Match or If-None-Match.

        Raises:
            MalformedEntityTag: it is neither ``*`` nor a list of tags.
        """
        if header.strip(" \t") == "*":
            return cls(any=True)
        tags = list(_split(header))
        if not tags:
            raise MalformedEntityTag("Send at least one entity tag, or *.")
        strong = frozenset(revision for weak, revision in tags if not weak)
        return cls(strong=strong, weak=frozenset(revision for weak, revision in tags if weak))

    def include(self, row: Versioned) -> bool:
        """Whether the client knows this version; strength makes no difference (weak comparison)."""
        return self.any or row.revision in self.strong | self.weak


Expected = EntityTags | None


def check(expected: Expected, row: Versioned) -> None:
    """Refuse a change that was made to another version; a weak tag is never enough (strong comparison).

    Raises:
        VersionChanged: the row is at another version.
    """
    if expected and not expected.any and row.revision not in expected.strong:
        raise VersionChanged("It has changed since you read it: read it again.")


def require(expected: Expected, row: Versioned) -> None:
    """Refuse a change that does not say to which version it was made, too.

    Raises:
        MissingIfMatch: it does not say.
        VersionChanged: the row is at another version.
    """
    if expected is None:
        raise MissingIfMatch("Send If-Match with the ETag of the version that you have read.")
    check(expected, row)


def entity_tag(row: Versioned) -> str:
    """The strong tag of a row's version."""
    return f'"{row.revision}"'


def _split(header: str) -> Iterable[tuple[str | None, str]]:
    position = 0
    while position < len(header):
        if (found := ONE_TAG.match(header, position)) is None:
            raise MalformedEntityTag('An entity tag looks like "1": in double quotes, separated by commas.')
        position = found.end()
        if (revision := found["revision"]) is not None:
            yield found["weak"], revision
