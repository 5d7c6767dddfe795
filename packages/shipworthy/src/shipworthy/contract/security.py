"""Who may call: credentials that were enough must stay enough."""

from collections.abc import Iterator
from typing import Any

from shipworthy.contract.references import Document
from shipworthy.contract.report import Break
from shipworthy.contract.schemas import Comparison

IDENTITY = ("type", "scheme", "in", "name", "openIdConnectUrl")
Demand = dict[tuple[str, ...], frozenset[str]]  # which scopes of which scheme


def security(comparison: Comparison, old: dict[str, Any], new: dict[str, Any], place: str) -> Iterator[Break]:
    """Each way to authenticate that has become too little."""
    after = _demands(comparison.new, new["security"])
    for shown, demand in zip(old["security"] or [{}], _demands(comparison.old, old["security"]), strict=True):
        if not any(_is_enough(demand, each) for each in after):
            why = "the credentials of clients are no longer enough"
            yield Break(f"{place} security", shown or "public", new["security"], why)


def _demands(document: Document, alternatives: list[dict[str, list[str]]]) -> list[Demand]:
    """No alternative at all is the same as one that asks for nothing."""
    schemes = document.content.get("components", {}).get("securitySchemes", {})
    return [
        {
            _identity(name, document.follow(schemes.get(name, {}))): frozenset(scopes)
            for name, scopes in alternative.items()
        }
        for alternative in alternatives or [{}]
    ]


def _identity(name: str, scheme: dict[str, Any]) -> tuple[str, ...]:
    """What a scheme asks for on the wire; its name in the document does not matter."""
    return tuple(str(scheme.get(key, "")).lower() for key in IDENTITY) if scheme else (name,)


def _is_enough(held: Demand, asked: Demand) -> bool:
    return all(scheme in held and scopes <= held[scheme] for scheme, scopes in asked.items())
