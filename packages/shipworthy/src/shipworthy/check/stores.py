"""What is put into dictionaries, to be taken out of them elsewhere: clients, models, handlers."""

import ast
from functools import cached_property

from shipworthy.check.injected import Injected
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.scopes import top_of
from shipworthy.check.source import Source, Stored


class Stores(Injected):
    """Answers for one project, given what expressions are."""

    @cached_property
    def stores(self) -> dict[str, list[tuple[Source, Stored]]]:
        """What is put into dictionaries, by the paths of those."""
        found: dict[str, list[tuple[Source, Stored]]] = {}
        for source in self.project.sources.values():
            for each in source.stored:
                found.setdefault(self.holder(each.holder, source, each.where), []).append((source, each))
        return found

    def stored(self, node: ast.expr, key: ast.expr, code: Code, depth: int) -> str | None:
        """The class of what is put into a dictionary: under the same key, or else the first under any."""
        inside = code.name.removeprefix(f"{code.source.module}.")
        found = self.stores.get(self.holder(dotted(node) or "", code.source, inside), [])
        for source, each in sorted(found, key=lambda pair: not same(pair[1].key, key)):
            where = self.project.functions.get(f"{source.module}.{each.where}") or top_of(source)
            kind = self.infer(each.value, where, depth - 1)
            if kind:
                return kind
        return None

    def holder(self, written: str, source: Source, where: str) -> str:
        """The path of a dictionary that a function names: of an object, an application, a module, its own."""
        head, _, rest = written.partition(".")
        if head in {"self", "cls"}:
            return f"{source.module}.{where.rpartition('.')[0]}.{rest}"
        _, state, name = written.rpartition(".state.")
        path = f"state.{name}" if state else self.project.resolve(written, source)
        return f"{source.module}.{where}:{written}" if path == written else path


def same(key: ast.expr, other: ast.expr) -> bool:
    """Whether two keys are the same constant."""
    return isinstance(key, ast.Constant) and isinstance(other, ast.Constant) and key.value == other.value
