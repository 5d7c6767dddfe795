"""What a function adds to the database: rows that it makes itself, not those that were there before."""

import ast
from collections.abc import Iterator

from shipworthy.check.nodes import dotted, every, inside, last_name, without_await
from shipworthy.check.project import Code
from shipworthy.check.responses import returned
from shipworthy.check.rows import MAKES, Rows
from shipworthy.check.scopes import all_of, locals_of

DEPTH = 3
MAKERS = MAKES | {"create"}
KEEPS = {"insert", "create", "save"}  # a document, itself
REMOVES = {"delete", "remove", "delete_one", "discard"}


class Added:
    """Answers for one project."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.types, self.database = rows, rows.types, rows.database

    def by(self, code: Code, depth: int = DEPTH) -> list[str]:
        """The names of the tables and collections that a function adds to, or one whose answer it gives."""
        calls: list[ast.Call] = all_of(code.node, ast.Call)
        if not depth or any(last_name(each.func) in REMOVES for each in calls):
            return []
        own = [
            name for each in calls for name in self.kept(each, code) if not self.is_there(name, each, code)
        ]
        called = (self.types.bound(each, code) for each in answering(code))
        inner = (each for path in called for each in self.types.targets(path))
        return [*own, *(name for each in inner for name in self.by(each, depth - 1))]

    def kept(self, call: ast.Call, code: Code) -> Iterator[str]:
        """What a call adds."""
        match call:
            case ast.Call(ast.Attribute(_, "add"), [row]):
                yield from self.new(row, code)
            case ast.Call(ast.Attribute(owner, "insert_one"), [_, *_]):
                yield from filter(None, [self.rows.documents.collection(owner, code)])
            case ast.Call(ast.Attribute(row, how)) if how in KEEPS:
                own = self.made(call, code) if how == "create" and dotted(row) else None
                yield from filter(self.keeps_itself, [own] if own else self.new(row, code))

    def keeps_itself(self, kind: str) -> bool:
        """Whether a row, or a document, needs no session."""
        return kind not in self.rows.project.classes or self.database.is_row(kind, foreign=True)

    def new(self, row: ast.expr, code: Code) -> Iterator[str]:
        """The class of a row that is made here, and is none that was found before."""
        values = locals_of(code.node).get(row.id, []) if isinstance(row, ast.Name) else [row]
        kinds = [self.made(each, code) for each in values]
        yield from [kinds[0]] if kinds and kinds[0] and all(kinds) else ()

    def made(self, node: ast.expr, code: Code) -> str | None:
        """The class of a row that an expression makes: `Item(...)`, `Item.create(...)`."""
        call = without_await(node)
        if not isinstance(call, ast.Call):
            return None
        path = dotted(call.func) or ""
        holder, _, name = path.rpartition(".")
        found = self.rows.project.resolve(holder if name in MAKERS else path, code.source)
        if self.database.is_row(found):
            return found
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        return self.rows.documents.model(call, owner, code) if owner and name == "create" else None

    def is_there(self, name: str, call: ast.Call, code: Code) -> bool:
        """Whether one that was found may be changed, answered with or left as it is instead."""
        tests = [each.test for each in all_of(code.node, ast.If) if inside(call, each)]
        asked = {each.id for test in tests for each in every(test) if isinstance(each, ast.Name)}
        maybe = (touched(code) | asked) & set(locals_of(code.node))
        return any(self.is_found(variable, name, code) for variable in sorted(maybe))

    def is_found(self, variable: str, name: str, code: Code) -> bool:
        """Whether a variable holds what a query found in a table."""
        values = [each for each in locals_of(code.node)[variable] if self.made(each, code) is None]
        kinds = {(self.rows.of(each, code) or "").rpartition(".")[2] for each in values}
        return name.rpartition(".")[2] in kinds


def touched(code: Code) -> set[str]:
    """The variables whose attributes are set, or that are answered with."""
    targets = [
        target
        for line in all_of(code.node, ast.Assign, ast.AugAssign)
        for target in getattr(line, "targets", [getattr(line, "target", None)])
    ]
    set_here = {dotted(each.value) for each in targets if isinstance(each, ast.Attribute)}
    given = {each.id for value in returned(code) for each in ast.walk(value) if isinstance(each, ast.Name)}
    by_name = {
        dotted(each.args[0]) for each in all_of(code.node, ast.Call) if last_name(each.func) == "setattr"
    }
    return {each for each in set_here | by_name if each} | given


def answering(code: Code) -> Iterator[ast.expr]:
    """What is called for what a function answers with."""
    for value in returned(code):
        inner = without_await(value)
        given = locals_of(code.node).get(inner.id, []) if isinstance(inner, ast.Name) else [inner]
        for each in given:
            call = without_await(each)
            if isinstance(call, ast.Call):
                yield call.func
