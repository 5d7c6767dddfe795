"""What an expression is, as far as the source says: the path of its class."""

import ast

from shipworthy.check.annotations import several
from shipworthy.check.callees import plain
from shipworthy.check.ledger import DEPTH
from shipworthy.check.members import element
from shipworthy.check.nodes import dotted
from shipworthy.check.passed import Passed
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import locals_of, top_of
from shipworthy.check.sinks import LIBRARIES, METHODS, canonical, gives

__all__ = ["Types", "locals_of", "top_of"]
LONGEST = 160  # of a path: what is further from an import says nothing
SAME_AS_ARGUMENT = {
    "next", "anext", "iter", "aiter", "contextlib.closing", "contextlib.aclosing", "asyncio.wait_for",
    "asyncio.shield", "reversed", "sorted", "list", "tuple", "copy.copy", "copy.deepcopy", "inspect.unwrap",
    "functools.partial", "contextlib.contextmanager", "contextlib.asynccontextmanager",
}  # fmt: skip
OF_ARGUMENTS = {"typing.cast", "cast", "asyncio.gather"}
INJECTS = {
    "get",
    "resolve",
    "provide",
    "get_instance",
    "create_object",
}  # a container gives an object of a class
PLAIN = {ast.Constant, ast.JoinedStr, ast.Compare, ast.Lambda}  # they are of no class that matters
ENTERS = {"enter_context", "enter_async_context"}
FACTORIES = ("sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.scoped_session")


class Types(Passed):
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.paths: dict[tuple[Code, ast.AST], str | None] = {}

    def of(self, node: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The class of an expression inside a function, if its name is known."""
        kind = self.infer(node, code, depth)
        if kind and (kind.startswith("type[") or kind in self.project.functions):
            return None
        named = kind and (kind in self.project.classes or kind in METHODS or "sessionmaker" in kind)
        return kind if kind and (named or kind.rpartition(".")[2].lstrip("_")[:1].isupper()) else None

    def infer(self, node: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The same, or the path of the call that makes it."""
        if node.__class__ in PLAIN:  # which spares the ledger a third of the questions
            return None
        return self.ledger.answer((node, code), depth, self.work_out)

    def path(self, func: ast.AST, code: Code) -> str | None:
        """The same as `bound`, remembered; not for while something else is worked out."""
        key = (code, func)
        if key not in self.paths:
            self.paths[key] = self.bound(func, code)
        return self.paths[key]

    def work_out(  # noqa: C901, PLR0911 - a case for each kind
        self, node: ast.AST, code: Code, depth: int
    ) -> str | None:
        """The class of an expression, from what it is made of."""
        if isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
            return self.infer(node.value, code, depth - 1)
        match node:
            case ast.Call():
                return self.called(node, code, depth)
            case ast.Name("self" | "cls" as name) if code.owner:
                owner = code.receiver or code.owner
                return owner if name == "self" else f"type[{owner}]"
            case ast.Name():
                return self.local(node, code, depth) or self.global_name(node.id, code, depth)
            case ast.Attribute():
                return self.attribute(node, code, depth)
            case ast.Subscript():
                return self.item(node, code, depth)
            case ast.BinOp(left, ast.Div() | ast.BitOr(), right):
                return self.best([left, right], code, depth)
            case ast.BoolOp() | ast.IfExp():
                values = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
                return self.best(values, code, depth)
            case ast.Tuple(elts):
                return self.row(elts, code, depth)
            case ast.List(values, _) | ast.Dict(_, values) if values:
                kind = self.infer(values[0], code, depth - 1)
                return f"{'dict' if isinstance(node, ast.Dict) else 'list'}[{kind}]" if kind else None
        return None

    def global_name(self, name: str, code: Code, depth: int) -> str | None:
        """The class of a value; a class itself; of a function, its path."""
        path = self.inner(name, code) or self.project.resolve(name, code.source)
        if path in self.project.functions:
            return path
        return f"type[{path}]" if path in self.project.classes else self.value(path, depth)

    def item(self, node: ast.Subscript, code: Code, depth: int) -> str | None:
        """The class of `x[y]`."""
        kind = self.infer(node.value, code, depth - 1)
        place = node.slice.value if isinstance(node.slice, ast.Constant) else None
        found = element(kind, place) if kind and kind.endswith("]") else gives(f"{kind}[]")
        return found or self.stored(node.value, node.slice, code, depth)

    def row(self, values: list[ast.expr], code: Code, depth: int) -> str | None:
        """Several values, each of a class of its own."""
        return several([self.infer(each, code, depth - 1) for each in values])

    def attribute(self, node: ast.Attribute, code: Code, depth: int) -> str | None:
        """The class of `x.y`."""
        if isinstance(node.value, ast.Attribute) and node.value.attr == "state":
            return self.state(node.attr, depth)
        owner = plain(self.infer(node.value, code, depth - 1) or "")
        if owner:
            found = self.member(owner, node.attr, depth)
            return found or self.foreign(self.method(owner, node.attr))
        path = dotted(node)
        resolved = self.project.resolve(path, code.source) if path else ""
        holder, _, name = resolved.rpartition(".")
        if holder in self.project.classes:
            return self.member(holder, name, depth) or self.foreign(self.method(holder, name))
        return (self.value(resolved, depth) or self.foreign(resolved)) if path else None

    def foreign(self, path: str) -> str | None:
        """What an attribute of another library's object or module is; of a method, its path."""
        if self.function(path):
            return path
        known = path.partition(".")[0] in LIBRARIES and len(path) < LONGEST
        return gives(path) or (path if known else None)

    def called(self, node: ast.Call, code: Code, depth: int) -> str | None:
        """What a call gives."""
        callee = self.callee(node.func, code, depth - 1)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else callee
        if node.args and (callee in SAME_AS_ARGUMENT or callee in OF_ARGUMENTS or name in ENTERS):
            return self.from_arguments(node, callee, code, depth)
        if isinstance(node.func, ast.Attribute) and name in {"get", "pop", "setdefault", "values"}:
            taken = self.taken(node, node.func, code, depth)
            if taken:
                return taken
        if name in INJECTS and len(node.args) == 1 and not (callee and self.function(callee)):
            asked = self.callee(node.args[0], code, depth - 1)
            if asked in self.project.classes:
                return asked
        if callee and canonical(callee) in FACTORIES:
            written = [dotted(each.value) or "" for each in node.keywords if each.arg == "class_"]
            makes = "Async" in "".join(written) or (node.args and self.is_async(node.args[0], code, depth))
            return "sqlalchemy.ext.asyncio.async_sessionmaker()" if makes else f"{canonical(callee)}()"
        return self.made(callee, depth)

    def from_arguments(self, node: ast.Call, callee: str | None, code: Code, depth: int) -> str | None:
        """What a call gives where only its arguments tell."""
        if callee == "asyncio.gather":
            return self.row(node.args, code, depth)
        if callee in OF_ARGUMENTS:
            return self.annotation(node.args[0], code.source)
        return self.infer(node.args[0], code, depth - 1)

    def taken(self, node: ast.Call, func: ast.Attribute, code: Code, depth: int) -> str | None:
        """What is taken out of a dictionary."""
        owner = self.infer(func.value, code, depth - 1) or ""
        found = element(owner) if owner.startswith("dict[") else None
        if found and func.attr == "values":
            return f"list[{found}]"
        return found or (self.stored(func.value, node.args[0], code, depth) if node.args else None)

    def is_async(self, node: ast.expr, code: Code, depth: int) -> bool:
        """Whether an engine or a factory is an asynchronous one."""
        return "asyncio" in (self.infer(node, code, depth - 1) or "")

    def made(self, callee: str | None, depth: int = DEPTH) -> str | None:
        """What calling a path gives."""
        if not callee or len(callee) > LONGEST:
            return None
        code = self.function(callee)
        if code:
            return self.returns(code, depth - 1)
        if callee in self.project.classes:
            return callee
        callee = canonical(callee)
        if callee.rpartition(".")[2][:1].isupper():
            return gives(callee) or callee
        return gives(callee) or (f"{callee}()" if callee.partition(".")[0] in LIBRARIES else None)
