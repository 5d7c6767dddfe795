"""What an expression is, as far as the source says: the path of its class."""

import ast
from collections import defaultdict

from shipworthy.check.annotations import DEPTH
from shipworthy.check.members import Members, element
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import inner_of, locals_of, top_of
from shipworthy.check.sinks import LIBRARIES, METHODS, canonical, gives
from shipworthy.check.source import dotted

__all__ = ["Types", "locals_of", "top_of"]
LONGEST = 160  # of a path: what is further from an import says nothing
SAME_AS_ARGUMENT = {
    "next", "anext", "iter", "aiter", "contextlib.closing", "contextlib.aclosing", "asyncio.wait_for",
    "asyncio.shield", "reversed", "sorted", "list", "tuple", "copy.copy", "copy.deepcopy", "inspect.unwrap",
}  # fmt: skip
INJECTS = {
    "get",
    "resolve",
    "provide",
    "get_instance",
    "create_object",
}  # a container gives an object of a class
ENTERS = {"enter_context", "enter_async_context"}
FACTORIES = ("sqlalchemy.orm.sessionmaker", "sqlalchemy.orm.scoped_session")


class Types(Members):
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.known: defaultdict[Code, dict[ast.AST, str | None]] = defaultdict(dict)

    def of(self, node: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The class of an expression inside a function, if its name is known."""
        kind = self.infer(node, code, depth)
        if kind and kind.startswith("type["):
            return None
        named = kind and (kind in self.project.classes or kind in METHODS or "sessionmaker" in kind)
        return kind if kind and (named or kind.rpartition(".")[2][:1].isupper()) else None

    def infer(self, node: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The same, or the path of the call that makes it; worked out once, and unknown while that goes on."""
        known = self.known[code]
        if node not in known:
            known[node] = None
            known[node] = self.work_out(node, code, depth) if depth > 0 else None
        return known[node]

    def forget(self, code: Code) -> None:
        """Work a function out again: more is known about its parameters."""
        self.known.pop(code, None)
        self.returned.pop(code, None)

    def work_out(self, node: ast.AST, code: Code, depth: int) -> str | None:  # noqa: PLR0911
        """The class of an expression, from what it is made of."""
        match node:
            case ast.Await(value) | ast.NamedExpr(value=value) | ast.Starred(value):
                return self.infer(value, code, depth - 1)
            case ast.Call():
                return self.called(node, code, depth)
            case ast.Name("self") if code.owner:
                return code.receiver or code.owner
            case ast.Name(local):
                return self.local(local, code, depth) or self.value(
                    self.project.resolve(local, code.source), depth
                )
            case ast.Attribute():
                return self.attribute(node, code, depth)
            case ast.Subscript(value):
                kind = self.infer(value, code, depth - 1)
                return element(kind) if kind and kind.endswith("]") else gives(f"{kind}[]")
            case ast.BinOp(left, ast.Div()):
                return self.infer(left, code, depth - 1)
            case ast.BoolOp(values=values):
                return self.best(values, code, depth)
            case ast.IfExp(_, body, orelse):
                return self.best([body, orelse], code, depth)
            case ast.List(elts) | ast.Tuple(elts) | ast.Dict(values=elts) if elts:
                kind = self.infer(elts[0], code, depth - 1)
                return f"{'dict' if isinstance(node, ast.Dict) else 'list'}[{kind}]" if kind else None
        return None

    def attribute(self, node: ast.Attribute, code: Code, depth: int) -> str | None:
        """The class of `x.y`."""
        owner = plain(self.infer(node.value, code, depth - 1) or "")
        if owner:
            found = self.member(owner, node.attr, depth)
            return found or self.foreign(self.method(owner, node.attr))
        if isinstance(node.value, ast.Attribute) and node.value.attr == "state":
            return self.state(node.attr, depth)
        path = dotted(node)
        resolved = self.project.resolve(path, code.source) if path else ""
        holder, _, name = resolved.rpartition(".")
        if holder in self.project.classes:
            return self.member(holder, name, depth) or self.foreign(self.method(holder, name))
        return (self.value(resolved, depth) or self.foreign(resolved)) if path else None

    def foreign(self, path: str) -> str | None:
        """What an attribute of another library's object or module is."""
        known = path.partition(".")[0] in LIBRARIES and len(path) < LONGEST
        return gives(path) or (path if known else None)

    def called(self, node: ast.Call, code: Code, depth: int) -> str | None:
        """What a call gives."""
        callee = self.callee(node.func, code, depth - 1)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else callee
        if node.args and (callee in SAME_AS_ARGUMENT or name in ENTERS):
            return self.infer(node.args[0], code, depth - 1)
        if callee in {"typing.cast", "cast"} and node.args:
            return self.annotation(node.args[0], code.source)
        if isinstance(node.func, ast.Attribute) and name in {"get", "pop", "setdefault", "values"}:
            owner = self.infer(node.func.value, code, depth - 1)
            if owner and owner.startswith("dict["):
                return f"list[{element(owner) or ''}]" if name == "values" else element(owner)
        if name in INJECTS and len(node.args) == 1 and not (callee and self.function(callee)):
            asked = self.callee(node.args[0], code, depth - 1)
            if asked in self.project.classes:
                return asked
        if callee and canonical(callee) in FACTORIES:
            written = [dotted(each.value) or "" for each in node.keywords if each.arg == "class_"]
            makes = "Async" in "".join(written) or (node.args and self.is_async(node.args[0], code, depth))
            return "sqlalchemy.ext.asyncio.async_sessionmaker()" if makes else f"{canonical(callee)}()"
        return self.made(callee, depth)

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

    def function(self, path: str) -> Code | None:
        """A function of the project, or a method inherited from one of its classes."""
        found = self.project.functions.get(path) or self.inherited.get(path)
        holder, _, name = path.rpartition(".")
        return found or (self.find_method(holder, name) if holder in self.project.classes else None)

    def callee(self, func: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The path of what is called: a function, a class, or a method of the class that defines it."""
        path = self.bound(func, code, depth)
        target = self.inherited.get(path or "")
        return f"{target.owner}.{target.node.name}" if target else path

    def bound(self, func: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The same, of the class that a method is called on."""
        if isinstance(func, ast.Name):
            return self.named(func, code, depth)
        if not isinstance(func, ast.Attribute):
            return None
        if isinstance(func.value, ast.Call) and dotted(func.value.func) == "super" and code.owner:
            above = [base for base in self.bases(code.receiver or code.owner) if base != code.owner][:]
            line = self.bases(code.owner)[1:] or above
            found = next((base for base in line if f"{base}.{func.attr}" in self.project.functions), None)
            return f"{found or line[-1]}.{func.attr}" if line else None
        if isinstance(func.value, ast.Name) and func.value.id == "cls" and code.owner:
            return self.method(code.receiver or code.owner, func.attr)
        kind = self.infer(func.value, code, depth)
        if kind:
            return self.method(plain(kind), func.attr)
        written = dotted(func)
        return self.of_class(self.project.resolve(written, code.source)) if written else None

    def of_class(self, path: str) -> str:
        """A path whose middle may be a class: `User.get` is what `User` inherits it from."""
        holder, _, name = path.rpartition(".")
        return self.method(holder, name) if holder in self.project.classes else canonical(path)

    def named(self, func: ast.Name, code: Code, depth: int) -> str | None:
        """The path of a plain name that is called: an inner function, an object, or what is imported."""
        scope: Code | None = code
        while scope:
            if func.id in inner_of(scope.node):
                inner = f"{scope.name}.{func.id}"
                return (
                    inner if inner in self.project.functions else f"{scope.owner}.{scope.node.name}.{func.id}"
                )
            scope = self.outer(scope)
        kind = self.infer(func, code, depth - 1) if depth else None
        if kind and kind.startswith("type["):
            return element(kind)
        if kind:
            return f"{kind}.__call__" if self.find_method(kind, "__call__") else kind
        return canonical(self.project.resolve(func.id, code.source))

    def method(self, kind: str, name: str) -> str:
        """The path of a method: in the class of the project that has it, else in a library's."""
        found = self.find_method(kind, name)
        if found:
            return found.name
        foreign = [base for base in self.bases(kind) if base not in self.project.classes and "." in base]
        inherits = kind in self.project.classes
        known = [base for base in foreign if base in METHODS] if inherits else []
        return f"{[*known, *(foreign if inherits else []), kind][0]}.{name}"


def plain(kind: str) -> str:
    """A class, for a variable that holds it or an object of it."""
    return kind[len("type[") : -1] if kind.startswith("type[") else kind
