"""Which table the object of a generic class works on: `Items(Crud[Item])`, `Crud(Item)`, `model = Item`."""

import ast
from collections.abc import Iterator

from shipworthy.check.callees import plain
from shipworthy.check.database import Database
from shipworthy.check.models import classes_in
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.scopes import locals_of, nodes_of
from shipworthy.check.source import Source


class Generic:
    """Answers for one project."""

    def __init__(self, database: Database) -> None:
        self.database, self.types, self.project = database, database.types, database.project

    def table(self, owner: ast.expr, code: Code) -> str | None:
        """The table of what a method is called on."""
        found = (*self.at_call(owner, code), *self.in_class(plain(self.types.infer(owner, code) or "")))
        return next(filter(self.database.is_row, found), None)

    def at_call(self, owner: ast.expr, code: Code) -> Iterator[str]:
        """The classes that are named where the object is made."""
        call, source = self.maker(owner, code)
        if isinstance(call, ast.Call):
            for each in (*call.args, *(option.value for option in call.keywords), call.func):
                yield from classes_in(each, source, self.project)

    def maker(self, owner: ast.expr, code: Code) -> tuple[ast.expr | None, Source]:
        """What makes an object, and the file that says so."""
        if isinstance(owner, ast.Name) and owner.id in locals_of(code.node):
            return locals_of(code.node)[owner.id][-1], code.source
        path = dotted(owner)
        module, _, name = self.project.resolve(path, code.source).rpartition(".") if path else ("", "", "")
        source = self.project.sources.get(module)
        return (source.values.get(name), source) if source else (owner, code.source)

    def in_class(self, kind: str) -> Iterator[str]:
        """The classes that a class names: as what fills in its bases, as an attribute, when it is made."""
        for base in filter(self.project.classes.__contains__, self.types.bases(kind)):
            node, source = self.project.classes[base]
            for each in node.bases:
                yield from classes_in(each, source, self.project) if isinstance(each, ast.Subscript) else ()
            for line in node.body:
                if isinstance(line, ast.Assign | ast.AnnAssign):
                    yield from classes_in(line.value, source, self.project)
            made = self.project.functions.get(f"{base}.__init__")
            for inner in nodes_of(made.node) if made else ():
                if isinstance(inner, ast.Name | ast.Attribute):
                    yield from classes_in(inner, source, self.project)
