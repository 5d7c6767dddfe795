"""Before anything is measured: each contender answers as the service does, and refuses what it refuses."""

import json
import re
from typing import Any

import httpx2

from bench.servers import Server
from bench.workloads import BODY, FIRST_PAGE, WORKLOADS, Account, Request, Workload

NEW = re.compile(rb'"(id|created_at|updated_at)":"[^"]*"')  # what is generated in a new item, and in a page
CURSOR = re.compile(rb'"(next_cursor)":"[^"]*"')
REFUSED = {400, 422}
CLIENT = httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0))  # none outlives its server
Answer = tuple[int, bytes]


class WrongAnswer(Exception):
    """A contender does something else than the service, so its figures would mean nothing."""


def ask(server: Server, request: Request) -> httpx2.Response:
    """One request."""
    headers = {"Authorization": f"Bearer {request.token}"} if request.token else {}
    if request.body:
        headers["Content-Type"] = "application/json"
    content = request.body.encode() or None
    return CLIENT.request(
        request.method, server.url + request.path, headers=headers, content=content, timeout=10
    )


def with_cursors(server: Server, accounts: list[Account]) -> list[Account]:
    """The accounts with the contender's own cursors: each has a form of its own."""
    first = FIRST_PAGE.requests(accounts, server.contender.paths)
    found = [_json(ask(server, each)).get("next_cursor") or "" for each in first]
    return [Account(each.token, each.item, cursor) for each, cursor in zip(accounts, found, strict=True)]


def verify(server: Server, service: Server) -> None:
    """Compare with the service.

    Raises:
        WrongAnswer: it differs.
    """
    if server.contender.url:  # an application of its own, which answers with its own data
        _verify_statuses(server)
        return
    for workload in WORKLOADS:
        got, wanted = _answer(server, workload), _answer(service, workload)
        if got != wanted:
            raise WrongAnswer(f"{workload.name} is {_difference(got, wanted)}")
    _verify_refusals(server)


def _verify_statuses(server: Server) -> None:
    for workload in WORKLOADS:
        request = workload.requests(server.accounts[:1], server.contender.paths)[0]
        if (status := ask(server, request).status_code) not in {workload.status, 200}:
            raise WrongAnswer(f"{workload.name} is {status}")


def _answer(server: Server, workload: Workload) -> Answer:
    """Status and bytes, with dots for what was generated."""
    answer = ask(server, workload.requests(server.accounts[:1], server.contender.paths)[0])
    generated = NEW if workload.method == "POST" else CURSOR
    return answer.status_code, generated.sub(rb'"\1":"..."', answer.content)


def _difference(got: Answer, wanted: Answer) -> str:
    """Where two answers part, in a few words."""
    one, other = str(got), str(wanted)
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
    start = max(0, same - 40)
    return f"...{one[start : same + 40]}... and not ...{other[start : same + 40]}..."


def _json(answer: httpx2.Response) -> Any:  # noqa: ANN401 - JSON
    try:
        return answer.json()
    except ValueError:
        raise WrongAnswer(f"{answer.url.path} is {answer.status_code} {answer.content[:200]!r}") from None


def _verify_refusals(server: Server) -> None:
    mine, theirs = server.accounts[:2]
    item = f"/api/v1/items/{mine.item}"
    forged = f"{mine.token[:-4]}AAAA"
    nothing = json.dumps(json.loads(BODY) | {"title": " "})
    refusals = {
        "no token": (Request("GET", item), {401}),
        "a forged token": (Request("GET", item, forged), {401}),
        "somebody else's item": (Request("GET", item, theirs.token), {404}),
        "an item without a title": (Request("POST", "/api/v1/items", mine.token, nothing), REFUSED),
    }
    for what, (request, wanted) in refusals.items():
        if (status := ask(server, request).status_code) not in wanted:
            raise WrongAnswer(f"{what} is answered {status}")
