"""What an expression is, as far as the source says: the path of its class."""

import ast
from collections.abc import Iterator
from functools import cache

from shipworthy.check.project import Code, Project
from shipworthy.check.source import Function, Source, assigned, dotted, own_nodes

WRAPPERS = {"Iterator", "Generator", "AsyncIterator", "AsyncGenerator", "Optional", "Annotated"}
MADE = {  # what calling something of another library gives
    "sqlalchemy.orm.sessionmaker()": "sqlalchemy.orm.Session",
    "redis.from_url": "redis.Redis",
    "sqlmodel.Session": "sqlalchemy.orm.Session",
    "sqlite3.connect": "sqlite3.Connection",
    "psycopg2.connect": "psycopg2.connection",
}
SAME = {
    "sqlalchemy.orm.session.Session": "sqlalchemy.orm.Session",
    "sqlmodel.Session": "sqlalchemy.orm.Session",
}
DEPTH = 12


class Types:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.known: dict[tuple[ast.AST, Code], str | None] = {}

    def bases(self, name: str, depth: int = DEPTH) -> Iterator[str]:
        """A class and what it inherits from, nearest first."""
        yield SAME.get(name, name)
        if name in self.project.classes and depth:
            node, source = self.project.classes[name]
            for base in node.bases:
                written = dotted(base.value if isinstance(base, ast.Subscript) else base)
                if written:
                    yield from self.bases(self.project.resolve(written, source), depth - 1)

    def annotation(self, node: ast.AST | None, source: Source, depth: int = DEPTH) -> str | None:
        """The class an annotation names."""
        match node:
            case _ if depth == 0:
                return None
            case ast.Constant(str(text)):
                return self.quoted(text, source, depth)
            case ast.BinOp(left, ast.BitOr(), right):
                sides = (self.annotation(side, source, depth - 1) for side in (left, right))
                return next(filter(None, sides), None)
            case ast.Subscript(value, inner):
                name = (dotted(value) or "").rpartition(".")[2]
                first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
                return self.annotation(first if name in WRAPPERS else value, source, depth - 1)
        path = dotted(node)
        return self.alias(self.project.resolve(path, source), depth) if path else None

    def quoted(self, text: str, source: Source, depth: int) -> str | None:
        """An annotation written as a string."""
        try:
            return self.annotation(ast.parse(text, mode="eval").body, source, depth - 1)
        except SyntaxError:
            return None

    def alias(self, path: str, depth: int) -> str:
        """`Session = Annotated[...]` stands for what it annotates."""
        module, _, name = path.rpartition(".")
        source = self.project.sources.get(module)
        if source and name in source.values:
            return self.annotation(source.values[name], source, depth - 1) or path
        return SAME.get(path, path)

    def of(self, node: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The class of an expression inside a function; worked out once, and unknown while that goes on."""
        key = (node, code)
        if key not in self.known:
            self.known[key] = None
            self.known[key] = self.work_out(node, code, depth)
        return self.known[key]

    def work_out(self, node: ast.AST, code: Code, depth: int) -> str | None:  # noqa: PLR0911
        """The class of an expression, from what it is made of."""
        if depth == 0:
            return None
        match node:
            case ast.Await(value):
                return self.of(value, code, depth - 1)
            case ast.Call(func):
                return self.made(self.callee(func, code, depth - 1))
            case ast.Name("self") if code.owner:
                return code.owner
            case ast.Name(local):
                return self.local(local, code, depth) or self.value(
                    self.project.resolve(local, code.source), depth
                )
            case ast.Attribute(value, name):
                owner = self.of(value, code, depth - 1)
                found = self.member(owner, name, depth) if owner else None
                path = dotted(node)
                return found or (self.value(self.project.resolve(path, code.source), depth) if path else None)
        return None

    def made(self, callee: str | None) -> str | None:
        """What a call gives."""
        if not callee:
            return None
        if callee in self.project.functions:
            code = self.project.functions[callee]
            return self.annotation(code.node.returns, code.source)
        called = callee if callee in self.project.classes or callee.split(".")[-1][:1].isupper() else None
        return MADE.get(callee) or called or (f"{callee}()" if "sessionmaker" in callee else None)

    def callee(self, func: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The path of what is called: a function, a class, or a method of a class."""
        if isinstance(func, ast.Name):
            kind = self.of(func, code, depth - 1) if depth else None
            path = self.project.resolve(func.id, code.source)
            nested = f"{code.name}.{func.id}"
            return kind or (nested if nested in self.project.functions else path)
        if isinstance(func, ast.Attribute):
            kind = self.of(func.value, code, depth)
            if kind:
                return self.method(kind, func.attr)
            written = dotted(func)
            return self.project.resolve(written, code.source) if written else None
        return None

    def method(self, kind: str, name: str) -> str:
        """The path of a method, in the class that defines it."""
        known = [base for base in self.bases(kind) if f"{base}.{name}" in self.project.functions]
        foreign = [base for base in self.bases(kind) if base not in self.project.classes]
        return f"{[*known, *foreign, kind][0]}.{name}"

    def local(self, name: str, code: Code, depth: int) -> str | None:
        """The class of a parameter or a local variable."""
        arguments = code.node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.arg == name:
                return self.annotation(argument.annotation, code.source)
        values = locals_of(code.node).get(name, ())
        return next(filter(None, (self.of(value, code, depth - 1) for value in values)), None)

    def value(self, path: str, depth: int) -> str | None:
        """The class of a value at the top of a module."""
        module, _, name = path.rpartition(".")
        source = self.project.sources.get(module)
        if not source or name not in source.values:
            return None
        return self.of(source.values[name], top_of(source), depth - 1)

    def member(self, owner: str, name: str, depth: int) -> str | None:
        """The class of an attribute: annotated in the class, or set in `__init__`."""
        for base in self.bases(owner):
            if base in self.project.classes:
                node, source = self.project.classes[base]
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and dotted(line.target) == name:
                        return self.annotation(line.annotation, source)
                setup = self.project.functions.get(f"{base}.__init__")
                for each in own_nodes(setup.node) if setup else ():
                    if isinstance(each, ast.Assign) and dotted(each.targets[0]) == f"self.{name}" and setup:
                        return self.of(each.value, setup, depth - 1)
        return None


@cache
def locals_of(function: Function) -> dict[str, list[ast.expr]]:
    """What each local variable is given."""
    values: dict[str, list[ast.expr]] = {}
    for node in own_nodes(function):
        for name, value in assigned(node):
            values.setdefault(name, []).append(value)
    return values


@cache
def top_of(source: Source) -> Code:
    """The top level of a module, as if it were a function without names of its own."""
    empty = ast.parse("def top(): pass").body[0]
    if not isinstance(empty, ast.FunctionDef):
        raise TypeError
    return Code(source.module, empty, source, None)
