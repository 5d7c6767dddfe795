"""Which router is included in which, under what prefix and with which dependencies."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from shipworthy.check.needs import Need, needs_in
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import locals_of, loops_at_top, loops_of, nodes_of, outside, top_of
from shipworthy.check.types import Types

ROUTERS = {
    "fastapi.APIRouter",
    "fastapi.FastAPI",
    "fastapi.routing.APIRouter",
    "fastapi.applications.FastAPI",
}
UNKNOWN = "{?}"
DEPTH = 10
MOST = 8  # ways to include a router that are told


@dataclass(frozen=True)
class Inclusion:
    """A router inside another."""

    parent: str
    prefix: str
    needs: tuple[Need, ...]


class Routers:
    """Answers for one project."""

    def __init__(self, project: Project, types: Types) -> None:
        self.project, self.types = project, types
        self.around: defaultdict[str, list[Inclusion]] = defaultdict(list)
        for source in project.sources.values():
            if "include_router" in source.text or ".mount(" in source.text:
                for code in [top_of(source), *project.inside.get(source, ())]:
                    self.read(code)

    def read(self, code: Code) -> None:
        """Note what a function, or the top of a module, includes."""
        at_top = code.node.name == "top" and not code.node.decorator_list
        for node in outside(code.source.tree) if at_top else nodes_of(code.node):
            match node:
                case ast.Call(func=ast.Attribute(value=parent, attr="include_router" | "mount" as how)):
                    given = [*node.args, *(k.value for k in node.keywords if k.arg in {"router", "app"})]
                    child = given[1 if how == "mount" and len(given) > 1 else 0] if given else None
                    holder = self.identity(parent, code)
                    for each in self.each(child, code) if child and holder else ():
                        needs = tuple(needs_in(node, code, self.types))
                        under = (
                            (node.args[0] if node.args else option(node, "path"))
                            if how == "mount"
                            else option(node, "prefix")
                        )
                        prefix = self.text(under, code)
                        self.around[each].append(Inclusion(holder or "", prefix, needs))

    def each(self, node: ast.expr, code: Code) -> Iterator[str]:
        """The routers that an expression stands for; one that runs through a list stands for several."""
        loop = loops_of(code.node).get(node.id) if isinstance(node, ast.Name) else None
        if code.node.name == "top" and isinstance(node, ast.Name):
            loop = loops_at_top(code.source).get(node.id, loop)
        values = self.listed(loop, code) if loop else [(node, code)]
        for value, scope in values:
            found = self.identity(value, scope)
            if found:
                yield found

    def listed(self, node: ast.expr, code: Code) -> list[tuple[ast.expr, Code]]:
        """The items of a list, written here or at the top of a module."""
        if isinstance(node, ast.List | ast.Tuple):
            return [(each, code) for each in node.elts]
        value, scope = self.worth(node, code)
        return [(each, scope) for each in getattr(value, "elts", [])]

    def worth(self, node: ast.expr, code: Code) -> tuple[ast.expr | None, Code]:
        """The value behind a name of a function or of a module."""
        path = dotted(node) or ""
        local = locals_of(code.node).get(path)
        if local:
            return local[0], code
        module, _, name = self.project.resolve(path, code.source).rpartition(".")
        source = self.project.sources.get(module)
        return (source.values.get(name), top_of(source)) if source else (None, code)

    def identity(self, node: ast.expr, code: Code, depth: int = DEPTH) -> str | None:
        """One name for a router, wherever it is seen from: the place that makes it."""
        if isinstance(node, ast.Call):
            function = self.types.function(self.types.bound(node.func, code) or "")
            for each in nodes_of(function.node) if function and depth else ():
                if isinstance(each, ast.Return) and each.value and function:
                    return self.identity(each.value, function, depth - 1)
            return None
        if isinstance(node, ast.Attribute):
            owner = self.types.infer(node.value, code)
            if owner in self.project.classes:
                return f"{owner}.{node.attr}"
        value, scope = self.worth(node, code)
        if depth and isinstance(value, ast.Name | ast.Attribute | ast.Call) and self.is_other(value, scope):
            return self.identity(value, scope, depth - 1) or self.place(node, code)
        return self.place(node, code)

    def is_other(self, value: ast.expr, scope: Code) -> bool:
        """Whether a value is another name for a router, and not where it is made."""
        if not isinstance(value, ast.Call):
            return True
        return self.types.function(self.types.bound(value.func, scope) or "") is not None

    def place(self, node: ast.expr, code: Code) -> str | None:
        """The path of a name: of a variable of a function around, or of a module."""
        path = dotted(node)
        scope: Code | None = code
        while path and scope:
            if path in locals_of(scope.node):
                return f"{scope.name}.{path}"
            scope = self.types.outer(scope)
        return self.project.resolve(path, code.source) if path else None

    def made(self, router: str) -> tuple[ast.Call | None, Code | None]:
        """The call that makes a router."""
        holder, _, name = router.rpartition(".")
        function = self.project.functions.get(holder)
        source = self.project.sources.get(holder)
        values = locals_of(function.node).get(name, []) if function else []
        value = source.values.get(name) if source else next(iter(values), None)
        scope = function or (top_of(source) if source else None)
        return (value, scope) if isinstance(value, ast.Call) else (None, scope)

    def own(self, router: str) -> tuple[str, list[Need]]:
        """The prefix and the dependencies that a router is made with."""
        call, code = self.made(router)
        if not call or not code:
            return "", []
        return self.text(option(call, "prefix"), code), list(needs_in(call, code, self.types))

    def prefixes(self, router: str, depth: int = DEPTH) -> list[str]:
        """What comes before the paths of a router, once for each way it is included."""
        own, _ = self.own(router)
        outer = [
            prefix + each.prefix
            for each in self.around.get(router, ())
            for prefix in (self.prefixes(each.parent, depth - 1) if depth else [""])
        ]
        return [prefix + own for prefix in list(dict.fromkeys(outer))[:MOST] or [""]]

    def needs(self, router: str, depth: int = DEPTH) -> Iterator[Need]:
        """What a router and those around it depend on."""
        yield from self.own(router)[1]
        for each in self.around.get(router, ()):
            yield from each.needs
            yield from self.needs(each.parent, depth - 1) if depth else ()

    def text(  # noqa: PLR0911 - a case for each kind
        self, node: ast.expr | None, code: Code, depth: int = DEPTH
    ) -> str:
        """A prefix as a text: a constant, or what is put together from constants and settings."""
        match node:
            case None:
                return ""
            case ast.Constant(str(value)):
                return value
            case ast.JoinedStr(values):
                return "".join(self.text(each, code, depth - 1) for each in values)
            case ast.FormattedValue(value):
                return self.text(value, code, depth)
            case ast.BinOp(left, ast.Add(), right):
                return self.text(left, code, depth - 1) + self.text(right, code, depth - 1)
            case ast.Name() | ast.Attribute() if depth:
                found, scope = self.worth(node, code)
                found = found or self.field(node, code)
                return self.text(found, scope, depth - 1) if found else UNKNOWN
        return UNKNOWN

    def field(self, node: ast.expr, code: Code) -> ast.expr | None:
        """The default of a field of a settings class."""
        owner = self.types.infer(node.value, code) if isinstance(node, ast.Attribute) else None
        for base in self.types.bases(owner) if owner and isinstance(node, ast.Attribute) else ():
            for line in self.project.classes[base][0].body if base in self.project.classes else ():
                target = (
                    line.target if isinstance(line, ast.AnnAssign) else getattr(line, "targets", [None])[0]
                )
                if dotted(target) == getattr(node, "attr", None) and target is not None:
                    return getattr(line, "value", None)
        return None


def option(call: ast.Call, name: str) -> ast.expr | None:
    """What a call says about `name`."""
    return next((each.value for each in call.keywords if each.arg == name), None)
