"""What is asked: five requests that every contender answers with the same bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

BODY = (
    '{"title": "Reading lamp", "description": "Brass, 1932.", "status": "active", "tags": ["lamp", "brass"]'
)
BODY += ', "price_minor": 4900, "currency": "EUR"}'
FEW, MANY = 32, 128  # connections


class Request(NamedTuple):
    """One request, as the load generators read it."""

    method: str
    path: str
    token: str = ""
    body: str = ""

    def line(self) -> str:
        """For the file of requests."""
        return "\t".join(self)


@dataclass(frozen=True)
class Account:
    """A user with a valid token, one of their items, and where the second page of their items begins."""

    token: str
    item: str
    cursor: str = ""


@dataclass(frozen=True)
class Workload:
    """One kind of request. ``{item}`` and ``{cursor}`` in its path are the account's."""

    name: str
    title: str
    path: str
    method: str = "GET"
    status: int = 200
    body: str = ""
    anonymous: bool = False

    def requests(self, accounts: Iterable[Account], paths: dict[str, str]) -> list[Request]:
        """One request of each account; ``paths`` are those of a contender that has others than we."""
        path = paths.get(self.name, self.path)
        return [self._request(path, each) for each in accounts]

    def _request(self, path: str, account: Account) -> Request:
        filled = path.format(item=account.item, cursor=account.cursor)
        return Request(self.method, filled, "" if self.anonymous else account.token, self.body)


WORKLOADS = (
    Workload("W1", "`GET /health`", "/health", anonymous=True),
    Workload("W2", "one item", "/api/v1/items/{item}"),
    Workload("W3", "a page of 50 items, by cursor", "/api/v1/items?limit=50&cursor={cursor}"),
    Workload("W4", "create an item", "/api/v1/items", method="POST", status=201, body=BODY),
    Workload("W5", "the current user", "/api/v1/users/me"),
)
FIRST_PAGE = Workload("first", "where W3 begins", "/api/v1/items?limit=20")
AUTHENTICATED = tuple(each.name for each in WORKLOADS if not each.anonymous)


def lines(requests: Sequence[Request]) -> str:
    """The file of requests."""
    return "".join(f"{each.line()}\n" for each in requests)
