"""Which expressions give rows of the database as they are."""

import ast
from collections.abc import Iterable

from shipworthy.check.database import Database, is_lookup
from shipworthy.check.documents import Documents, answered, is_trimmed
from shipworthy.check.generic import Generic
from shipworthy.check.members import element
from shipworthy.check.models import classes_in
from shipworthy.check.nodes import dotted, last_name
from shipworthy.check.project import Code
from shipworthy.check.responses import family, returned
from shipworthy.check.spots import Spot, put

FETCH = {
    "all", "first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "scalars", "scalar",
    "unique", "get", "get_one", "fetchall", "fetchone", "to_list", "find_one", "exec", "execute",
    "filter", "filter_by", "order_by", "limit", "offset", "where", "options", "join", "query",
    "select", "merge", "get_or_none", "prefetch_related", "select_related", "exclude", "distinct", "find",
    "find_all", "find_many", "sort", "skip", "first_or_none", "outerjoin", "mappings",
    "insert", "create", "save", "dicts", "objects", "get_by_id",
    "model_dump", "dict",
}  # fmt: skip
ACTIVE = {
    "all", "filter", "find", "find_all", "find_many", "find_one", "first", "get", "get_or_none", "exclude",
    "create", "select", "get_by_id",
}  # fmt: skip
MAKES = {"model_validate", "from_orm", "parse_obj", "model_construct", "construct"}
PAIRS = {"get_or_create", "update_or_create"}  # give the row, and whether it is new
QUERIES = {"query", "select", "get", "get_one"}
RUNS = {"scalar", "scalars", "exec", "execute", "fetch_all", "fetch_one"}
SAME = {"list", "dict", "tuple", "sorted", "reversed", "vars", "jsonable_encoder", "next", "iter"}
PICKS = {"include", "exclude"}
OWN = "self"  # the table of the object that a method belongs to
DOCUMENT = "<document>."


class Rows:
    """Answers for one project."""

    def __init__(self, database: Database) -> None:
        self.database, self.types, self.project = database, database.types, database.project
        self.generic, self.documents = Generic(database), Documents(database.types)

    def of(self, node: ast.expr | None, code: Code) -> str | None:
        """The class of the row, or of the rows, that an expression gives."""
        found = self.seek(node, Spot(code)) if node else None
        return None if found == OWN else found

    def seek(self, node: ast.expr, spot: Spot) -> str | None:  # noqa: C901, PLR0911 - a case for each kind
        """The same, from where the expression stands."""
        if not spot.depth:
            return None
        match node:
            case ast.Await(value) | ast.Starred(value) | ast.NamedExpr(value=value) | ast.ListComp(value):
                return self.seek(value, spot)
            case ast.GeneratorExp(value) | ast.Subscript(value, ast.Slice()):
                return self.seek(value, spot)
            case ast.IfExp(_, body, orelse):
                return self.any([body, orelse], spot)
            case ast.BoolOp(values=[first, *_]):
                return self.seek(first, spot)
            case ast.Tuple(parts) if spot.place is not None:
                return self.any(parts[spot.place :][:1], spot._replace(place=None))
            case ast.List(parts) | ast.Tuple(parts) | ast.Dict(values=parts):
                return self.any(parts, spot)
            case ast.Subscript(value, ast.Constant(int(place))):
                return self.seek(value, spot._replace(place=place))
            case ast.Attribute():
                return self.attribute(node, spot)
            case ast.Call():
                return self.called(node, spot)
            case ast.Name():
                return self.named(node, spot)
        return None

    def any(self, nodes: Iterable[ast.expr], spot: Spot) -> str | None:
        """The first row of several expressions."""
        return next(filter(None, (self.seek(each, spot) for each in nodes)), None)

    def attribute(self, node: ast.Attribute, spot: Spot) -> str | None:
        """What `answer.data` of Supabase holds, `row.__dict__`, and the query that a class has for itself."""
        if node.attr == "data":
            last = spot.last(node.value) if isinstance(node.value, ast.Name) else None
            table = answered(last or node.value)
            return DOCUMENT + table if table else None
        if node.attr == "__dict__":
            return self.seek(node.value, spot)
        return self.table(node.value, spot) if node.attr in {"query", "objects"} else None

    def named(self, node: ast.Name, spot: Spot) -> str | None:
        """What a variable was given, or what was put into it."""
        last = spot.last(node)
        found = self.seek(last, spot) if last else self.outside(node, spot)
        found = found or self.any(put(spot.code.node).get(node.id, ()), spot.further())
        found = found or (None if last else self.typed(node, spot))
        return None if found and found.startswith(DOCUMENT) and is_trimmed(spot.code) else found

    def outside(self, node: ast.Name, spot: Spot) -> str | None:
        """What a parameter was passed, or what a loop runs through."""
        passed, loop = spot.passed(node.id), spot.loop(node)
        if passed:
            return self.seek(*passed)
        return self.seek(loop, spot.further()) if loop else None

    def typed(self, node: ast.expr, spot: Spot) -> str | None:
        """The row that the class of an expression is, alone or in a list."""
        kind = self.types.infer(node, spot.code) or ""
        inner = element(kind, spot.place) if kind.endswith("]") else kind
        return inner if inner and self.database.is_row(inner) else None

    def called(self, node: ast.Call, spot: Spot) -> str | None:
        """What a call gives: a new row, a query, or what a function of the project returns."""
        callee = self.types.path(node.func, spot.code) or ""
        if family(callee, self.types) == "json":
            content = [each.value for each in node.keywords if each.arg == "content"]
            return self.any([*content, *node.args[:1]], spot)
        if callee in self.project.classes:
            return callee if self.database.is_row(callee) else None
        target = next(self.types.targets(callee), None)
        if target:
            return self.answered(target, node, spot)
        return self.asked(node, spot) or self.same(node, spot)

    def answered(self, target: Code, node: ast.Call, spot: Spot) -> str | None:
        """What a function of the project returns."""
        declared = target.node.returns
        if spot.place is not None and isinstance(declared, ast.Subscript):
            parts = getattr(declared.slice, "elts", [declared.slice])
            declared = next(iter(parts[spot.place :]), None) if len(parts) > 1 else declared
        rows = filter(self.database.is_row, classes_in(declared, target.source, self.project))
        found = next(rows, None) or self.any(returned(target), spot.into(target, node))
        if found != OWN:
            return found
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        inner = bool(owner) and dotted(owner) in {"self", "cls"}
        return (self.generic.table(owner, spot.code) if owner else None) or (OWN if inner else None)

    def same(self, node: ast.Call, spot: Spot) -> str | None:
        """What a call passes on: the next step of a query, or the same as something else."""
        if is_lookup(node) or any(each.arg in PICKS for each in node.keywords):
            return None
        if isinstance(node.func, ast.Attribute):
            return self.seek(node.func.value, spot) if node.func.attr in FETCH else None
        return self.any(node.args[:1], spot) if dotted(node.func) in SAME else None

    def asked(self, node: ast.Call, spot: Spot) -> str | None:
        """The class that `query(User)` or `get(User, 1)` names, or that a query inside does."""
        name = last_name(node.func) or ""
        first = node.args[0] if node.args else None
        if name in QUERIES and first and len(node.args) == 1 + (name in {"get", "get_one"}) and dotted(first):
            return self.table(first, spot)
        document = self.documents.found(node, spot.code)
        if document:
            return DOCUMENT + document
        if name in RUNS and first is not None:
            return self.seek(first, spot)
        return self.active(node.func, name, spot)

    def active(self, func: ast.expr, name: str, spot: Spot) -> str | None:
        """The class that finds or makes itself; `self.model(...)` makes one of the object's own."""
        if not isinstance(func, ast.Attribute):
            return None
        if "model" in name and dotted(func) == f"self.{name}":
            return OWN
        path = self.table(func.value, spot) if name in ACTIVE | MAKES | PAIRS else None
        if name in MAKES or path in {OWN, None}:
            return path
        pair = name in PAIRS and spot.place != 0
        return path if self.database.is_row(path or "", foreign=True) and not pair else None

    def table(self, node: ast.expr, spot: Spot) -> str | None:
        """The table that is named, or passed, or that the object has for its own."""
        path = dotted(node) or ""
        passed = spot.passed(path)
        if passed:
            return self.table(*passed)
        if path.startswith(("self.", "cls.")):
            return OWN
        named = self.project.resolve(path, spot.code.source) if path else ""
        return named if self.database.is_row(named) else None
