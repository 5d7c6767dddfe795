"""Which expressions give rows of the database as they are."""

import ast
from collections.abc import Iterator

from shipworthy.check.database import Database
from shipworthy.check.members import element
from shipworthy.check.models import classes_in
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.responses import returned
from shipworthy.check.scopes import all_of, locals_of

FETCH = {
    "all", "first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "scalars", "scalar",
    "unique", "get", "get_one", "fetchall", "fetchone", "to_list", "find_one", "exec", "execute",
    "filter", "filter_by", "order_by", "limit", "offset", "where", "options", "join", "query",
    "select", "merge", "get_or_none", "prefetch_related", "select_related", "exclude", "distinct", "find",
    "find_all", "find_many", "sort", "skip", "first_or_none",
}  # fmt: skip
ACTIVE = {
    "all",
    "filter",
    "find",
    "find_all",
    "find_many",
    "find_one",
    "first",
    "get",
    "get_or_none",
    "exclude",
}
QUERIES = {"query", "select", "get", "get_one"}
DEPTH = 5


class Rows:
    """Answers for one project."""

    def __init__(self, database: Database) -> None:
        self.database, self.types, self.project = database, database.types, database.project

    def of(self, node: ast.expr | None, code: Code, depth: int = DEPTH) -> str | None:  # noqa: PLR0911
        """The class of the row, or of the rows, that an expression gives."""
        if node is None or depth == 0:
            return None
        match node:
            case ast.Await(value) | ast.Starred(value):
                return self.of(value, code, depth)
            case ast.IfExp(_, body, orelse):
                return self.of(body, code, depth - 1) or self.of(orelse, code, depth - 1)
            case ast.BoolOp(values=[first, *_]):
                return self.of(first, code, depth - 1)
            case ast.List(parts) | ast.Dict(values=parts):
                return next(filter(None, (self.of(each, code, depth - 1) for each in parts)), None)
            case ast.ListComp(ast.Name(name), [ast.comprehension(ast.Name(target), source)]) if (
                name == target
            ):
                return self.of(source, code, depth - 1)
            case ast.Call():
                return self.called(node, code, depth)
            case ast.Name(name):
                earlier = [each for each in locals_of(code.node).get(name, []) if each.lineno < node.lineno]
                last = max(earlier, key=lambda each: each.lineno, default=None)
                inside = (self.of(each, code, depth - 1) for each in put(name, code))
                found = self.of(last, code, depth - 1) or next(filter(None, inside), None)
                return found or (None if last else self.typed(node, code))
        return None

    def typed(self, node: ast.expr, code: Code) -> str | None:
        """The row that the class of an expression is, alone or in a list."""
        kind = self.types.infer(node, code) or ""
        inner = element(kind) if kind.endswith("]") else kind
        return inner if inner and self.database.is_row(inner) else None

    def called(self, node: ast.Call, code: Code, depth: int) -> str | None:
        """What a call gives: a new row, a query, or what a function of the project returns."""
        callee = self.types.callee(node.func, code) or ""
        if callee in self.project.classes:
            return callee if self.database.is_row(callee) else None
        target = next(self.types.targets(callee), None)
        if target:
            declared = classes_in(target.node.returns, target.source, self.project)
            rows = (each for each in declared if self.database.is_row(each))
            found = (self.of(value, target, depth - 1) for value in returned(target))
            return next(rows, None) or next(filter(None, found), None)
        if isinstance(node.func, ast.Attribute) and node.func.attr in FETCH:
            inner = node.func.value
            return self.asked(node, code) or (self.of(inner, code, depth - 1))
        return self.asked(node, code)

    def asked(self, node: ast.Call, code: Code) -> str | None:
        """The class that `query(User)` or `get(User, 1)` names, or that a query inside does."""
        name = (dotted(node.func) or str(getattr(node.func, "attr", ""))).rpartition(".")[2]
        first = node.args[0] if node.args else None
        if name in QUERIES and len(node.args) == 1 + (name in {"get", "get_one"}) and dotted(first):
            path = self.project.resolve(dotted(first) or "", code.source)
            return path if self.database.is_row(path) else None
        if name in {"scalar", "scalars", "exec", "execute"} and first is not None:
            return self.of(first, code, DEPTH - 1)
        holder = dotted(node.func.value) if isinstance(node.func, ast.Attribute) else None
        path = self.project.resolve(holder, code.source) if holder and name in ACTIVE else ""
        return path if self.database.is_row(path, foreign=True) else None  # which finds itself


def put(name: str, code: Code) -> Iterator[ast.expr]:
    """What is put into a dictionary: `answer["user"] = user`."""
    for line in all_of(code.node, ast.Assign):
        match line:
            case ast.Assign([ast.Subscript(ast.Name(owner))], value) if owner == name:
                yield value
