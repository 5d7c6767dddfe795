"""What a driver gives as it is stored, with all that is in it: documents, and rows of `select *`."""

import ast
import re
from collections.abc import Iterator

from shipworthy.check.nodes import dotted, without_await
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of, locals_of
from shipworthy.check.types import Types

FINDS = {"find": 1, "find_one": 1, "find_one_and_update": 2, "find_one_and_replace": 2}  # then a projection
PRISMA = {
    "find_unique", "find_unique_or_raise", "find_first", "find_first_or_raise", "find_many",
    "create", "update", "delete", "upsert",
}  # fmt: skip
SAYS = {"where", "data"}  # what Prisma is told by name
HOLDER = re.compile(r"(db|database|mongo\w*)(\(\)\)?)?$", re.IGNORECASE)  # also `(await get_db())`
COLLECTION = re.compile(r"(^|_)(collection|coll|col)$")
STAR = re.compile(r"\s*select\s+(?:\w+\.)?\*\s+from\s+[\"`\[]?([\w.]+)", re.IGNORECASE)
ASKS = {"fetch", "fetchrow", "fetch_all", "fetch_one"}  # with the statement
FETCHES = {"fetchall", "fetchone", "fetchmany"}  # what was asked before
TABLES = {"table", "from_"}
KEYS = {"_id", "id"}


class Documents:
    """Answers for one project."""

    def __init__(self, types: Types) -> None:
        self.types = types

    def found(self, node: ast.Call, code: Code) -> str | None:
        """The collection or the table whose whole documents or rows a call gives."""
        if not isinstance(node.func, ast.Attribute):
            return None
        name, owner = node.func.attr, node.func.value
        if name in FINDS:
            return self.collection(owner, code) if all(map(is_whole, projections(node, name))) else None
        if name in PRISMA:
            return self.model(node, owner, code)
        if name in ASKS and node.args:
            return starred(node.args[0], code)
        if name in FETCHES:
            return next((starred(each, code) for each in asked_before(node, owner, code)), None)
        return None

    def model(self, node: ast.Call, owner: ast.expr, code: Code) -> str | None:
        """The name of a model of Prisma, if it is one."""
        if not isinstance(owner, ast.Attribute) or node.args:
            return None
        told = bool(SAYS & {each.arg for each in node.keywords}) and HOLDER.search(ast.unparse(owner.value))
        known = (self.types.infer(owner.value, code) or "").startswith("prisma.")
        return owner.attr if told or known else None

    def collection(self, owner: ast.expr, code: Code) -> str | None:
        """The name of a collection of MongoDB, if it is one."""
        kind = self.types.infer(owner, code) or ""
        match owner:
            case ast.Attribute(value, name) if HOLDER.search(ast.unparse(value)):
                return name
            case ast.Subscript(value, key) if HOLDER.search(ast.unparse(value)):
                return str(key.value) if isinstance(key, ast.Constant) else ast.unparse(key)
            case ast.Name(name) if name in locals_of(code.node) and not isinstance(
                locals_of(code.node)[name][-1], ast.Name
            ):
                return self.collection(locals_of(code.node)[name][-1], code)
        name = (dotted(owner) or "").rpartition(".")[2]
        known = COLLECTION.search(name) or kind.startswith(("motor.", "pymongo."))
        return name if name and known else None


def projections(node: ast.Call, name: str) -> list[ast.expr]:
    """What says which fields of a document are wanted."""
    named = [each.value for each in node.keywords if each.arg == "projection"]
    return [*node.args[FINDS[name] :][:1], *named]


def is_whole(projection: ast.expr) -> bool:
    """Whether a projection leaves out the key at most: `{"_id": 0}`."""
    return ast.unparse(projection) in {"{'_id': 0}", "{'_id': False}", "None"}


def answered(node: ast.expr) -> str | None:
    """The table of Supabase whose whole rows the answer to a query holds."""
    call = without_await(node)
    steps = {each.func.attr: each.args for each in chained(call) if isinstance(each.func, ast.Attribute)}
    table = next((steps[name] for name in TABLES & set(steps) if steps[name]), None)
    if not table or "execute" not in steps or not isinstance(table[0], ast.Constant):
        return None
    columns = [each.value if isinstance(each, ast.Constant) else "" for each in steps.get("select", ())]
    return str(table[0].value) if all("*" in str(each) for each in columns) else None


def chained(node: ast.expr) -> Iterator[ast.Call]:
    """The calls that follow one another, last to first."""
    while isinstance(node, ast.Call):
        yield node
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func


def asked_before(node: ast.Call, owner: ast.expr, code: Code) -> Iterator[ast.expr]:
    """The statement that was run before its rows are fetched: on the same line, or the last above."""
    runs = [owner] if isinstance(owner, ast.Call) else []
    above = [each for each in all_of(code.node, ast.Call) if each.lineno < node.lineno]
    runs += sorted(above, key=lambda each: -each.lineno)
    for each in runs:
        if isinstance(each.func, ast.Attribute) and each.func.attr == "execute" and each.args:
            yield each.args[0]


def starred(statement: ast.expr, code: Code) -> str | None:
    """The table of `select * from table`."""
    match statement:
        case ast.Name(name) if name in locals_of(code.node):
            value = locals_of(code.node)[name][0]
            return None if isinstance(value, ast.Name) else starred(value, code)
        case ast.Call(args=[inner, *_]):
            return starred(inner, code)
        case ast.JoinedStr(values=[first, *_]):
            return starred(first, code)
        case ast.Constant(str(text)):
            match = STAR.match(text)
            return match[1].rpartition(".")[2] or None if match else None
    return None


def is_trimmed(code: Code) -> bool:
    """Whether a function takes something out of a dictionary, by a name that is no key."""
    taken = [each.args[0] for each in all_of(code.node, ast.Call) if is_pop(each)]
    deleted = [each for line in all_of(code.node, ast.Delete) for each in line.targets]
    taken += [each.slice for each in deleted if isinstance(each, ast.Subscript)]
    return any(isinstance(each, ast.Constant) and each.value not in KEYS for each in taken)


def is_pop(call: ast.Call) -> bool:
    """Whether it is `document.pop("password")`."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "pop" and bool(call.args)
