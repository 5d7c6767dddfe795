"""What `Depends` asks for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from shipworthy.check.project import Code
from shipworthy.check.scopes import parameters, top_of
from shipworthy.check.source import Source
from shipworthy.check.types import Types


@dataclass(frozen=True)
class Need:
    """A `Depends(...)`: where it is asked for, the call itself, and the function that provides it."""

    node: ast.expr  # in the file of what asks
    call: ast.Call
    source: Source  # the file of the call
    provider: Code | None
    own: bool = True  # asked for by a parameter, and not by a router or a class around it

    def option(self, name: str) -> ast.expr | None:
        """What it says about `name`, such as `scope`."""
        return next((each.value for each in self.call.keywords if each.arg == name), None)

    @property
    def is_async(self) -> bool:
        """Whether its function runs on the event loop, and not in a thread."""
        return self.provider is not None and isinstance(self.provider.node, ast.AsyncFunctionDef)


def needs_of(code: Code, types: Types) -> Iterator[Need]:
    """What the parameters of a function ask for, and the class of a class-based view."""
    for annotation, default in parameters(code.node).values():
        yield from asked(annotation, default, code.source, types)
    if code.owner in types.project.classes:
        node, source = types.project.classes[code.owner]
        for line in node.body:
            if isinstance(line, ast.AnnAssign | ast.Assign):
                yield from asked(getattr(line, "annotation", None), line.value, source, types)


def asked(
    annotation: ast.expr | None, default: ast.expr | None, source: Source, types: Types
) -> Iterator[Need]:
    """What one parameter asks for: in its default, or in an annotation that may be named elsewhere."""
    call = types.depends(default, source)
    if call and default:
        named = call.args[0] if call.args else annotation
        yield Need(default, call, source, types.provider(named, source) if named else None)
        return
    written, origin = types.spelled(annotation, source)
    call = types.depends(written, origin)
    if call and annotation:
        inner = (
            written.slice.elts[0]
            if isinstance(written, ast.Subscript) and isinstance(written.slice, ast.Tuple)
            else None
        )
        named = call.args[0] if call.args else inner
        yield Need(annotation, call, origin, types.provider(named, origin) if named else None)


def needs_in(call: ast.Call, code: Code, types: Types) -> Iterator[Need]:
    """What `dependencies=[...]` asks for."""
    for keyword in call.keywords:
        if keyword.arg == "dependencies":
            for each in getattr(keyword.value, "elts", []):
                found = types.depends(each, code.source) if isinstance(each, ast.Call) else None
                if found and found.args:
                    yield Need(
                        each, found, code.source, types.provider(found.args[0], code.source), own=False
                    )


def below(need: Need, types: Types) -> Iterator[Need]:
    """A dependency and what it depends on."""
    todo, seen = [need], set()
    while todo:
        each = todo.pop(0)
        if each.provider and each.provider.name not in seen:
            seen.add(each.provider.name)
            yield each
            todo += needs_of(each.provider, types)


__all__ = ["Need", "below", "needs_in", "needs_of", "top_of"]
