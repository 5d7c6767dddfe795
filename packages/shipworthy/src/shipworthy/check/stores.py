"""What is put into dictionaries, to be taken out of them elsewhere: clients, models, handlers."""

import ast
from functools import cached_property
from operator import itemgetter

from shipworthy.check.injected import Injected
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.scopes import top_of
from shipworthy.check.source import Source, Stored


class Stores(Injected):
    """Answers for one project, given what expressions are."""

    @cached_property
    def stores(self) -> dict[str, list[tuple[Source, Stored]]]:
        """What is put into dictionaries, by the last names of those."""
        found: dict[str, list[tuple[Source, Stored]]] = {}
        for source in self.project.sources.values():
            for each in source.stored:
                found.setdefault(each.holder.rpartition(".")[2], []).append((source, each))
        return found

    def stored(self, node: ast.expr, key: ast.expr, code: Code, depth: int) -> str | None:
        """The class of what is put into a dictionary: under the same key, or else the first under any."""
        written, inside = dotted(node) or "", code.name.removeprefix(f"{code.source.module}.")
        found = [
            (not same(each.key, key), source, each)
            for source, each in self.stores.get(written.rpartition(".")[2], ())
            if self.holder(each.holder, source, each.where) == self.holder(written, code.source, inside)
        ]
        for _, source, each in sorted(found, key=itemgetter(0)):
            where = self.project.functions.get(f"{source.module}.{each.where}") or top_of(source)
            kind = self.infer(each.value, where, depth - 1)
            if kind:
                return kind
        return None

    def holder(self, written: str, source: Source, where: str) -> str:
        """The path of a dictionary that a function names: of its own object, or of a module."""
        head, _, rest = written.partition(".")
        own = f"{source.module}.{where.rpartition('.')[0]}.{rest}"
        return own if head == "self" else self.project.resolve(written, source)


def same(key: ast.expr, other: ast.expr) -> bool:
    """Whether two keys are the same constant."""
    return isinstance(key, ast.Constant) and isinstance(other, ast.Constant) and key.value == other.value
