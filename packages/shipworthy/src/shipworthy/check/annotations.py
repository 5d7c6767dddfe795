"""What annotations name."""

import ast
from collections.abc import Iterator

from shipworthy.check.ledger import DEPTH, Ledger
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Project
from shipworthy.check.scopes import signatures
from shipworthy.check.sinks import canonical
from shipworthy.check.source import Source

WRAPPERS = {  # what is inside counts
    "Iterator", "Generator", "AsyncIterator", "AsyncGenerator", "Optional", "Annotated", "Union", "ClassVar",
    "Final", "Awaitable", "ContextManager", "AsyncContextManager", "AbstractContextManager", "Mapped",
    "AbstractAsyncContextManager", "Iterable", "AsyncIterable", "Required", "NotRequired", "InitVar",
}  # fmt: skip
LISTS = {"list", "List", "Sequence", "set", "Set", "frozenset", "tuple", "Tuple", "Collection", "deque"}
MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"}
PROTOCOLS = {"typing.Protocol", "typing_extensions.Protocol"}
VAGUE = {
    "Any", "typing.Any", "object", "None", "typing.Self", "Self", "typing.Callable", "Callable",
    *(f"{module}.{name}" for module in ("typing", "collections.abc", "contextlib") for name in WRAPPERS),
}  # fmt: skip
DEPENDS = ("Depends", "Security")


class Annotations:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.ledger = Ledger()
        self.ancestors: dict[str, list[str]] = {}
        self.parents: dict[str, list[str]] = {}
        self.children: dict[str, list[str]] | None = None

    def bases(self, name: str) -> list[str]:
        """A class and what it inherits from, nearest first."""
        if name not in self.ancestors:
            self.ancestors[name] = list(dict.fromkeys(self.line(name, set())))
        return self.ancestors[name]

    def line(self, name: str, seen: set[str]) -> Iterator[str]:
        """The same, worked out; a class may seem to inherit from itself."""
        seen.add(name)
        yield canonical(name)
        for parent in self.above(name):
            if parent not in seen:
                yield from self.line(parent, seen)

    def above(self, name: str) -> list[str]:
        """What a class names as its bases."""
        if name not in self.parents:
            self.parents[name] = list(self.named_above(name))
        return self.parents[name]

    def named_above(self, name: str) -> Iterator[str]:
        """The same, worked out."""
        if name in self.project.classes:
            node, source = self.project.classes[name]
            for base in node.bases:
                written = dotted(base.value if isinstance(base, ast.Subscript) else base)
                if written:
                    yield self.alias(self.project.resolve(written, source), DEPTH) or written

    def inheritors(self, name: str) -> list[str]:
        """The classes that inherit from one."""
        if self.children is None:
            self.children = {}
            for child in self.project.classes:
                for base in self.bases(child)[1:]:
                    self.children.setdefault(base, []).append(child)
            for protocol in filter(self.is_protocol, self.project.classes):
                self.children.setdefault(protocol, []).extend(self.fitting(protocol))
        return self.children.get(name, [])

    def is_protocol(self, name: str) -> bool:
        """Whether a class says what others can do, and does not do it itself."""
        node, source = self.project.classes[name]
        written = (each.value if isinstance(each, ast.Subscript) else each for each in node.bases)
        return any(self.project.resolve(dotted(each) or "", source) in PROTOCOLS for each in written)

    def fitting(self, protocol: str) -> Iterator[str]:
        """The classes that follow a protocol without naming it: they have its methods and parameters."""
        asked = signatures(self.project.classes[protocol][0])
        for name, (node, _) in self.project.classes.items() if asked else ():
            if asked <= signatures(node) and protocol not in self.bases(name) and not self.is_protocol(name):
                yield name

    def annotation(self, node: ast.AST | None, source: Source, depth: int = DEPTH) -> str | None:
        """The class an annotation names; `list[Item]` keeps what is in it."""
        match node:
            case _ if depth == 0:
                return None
            case ast.Constant(str(text)):
                return self.quoted(text, source, depth)
            case ast.BinOp(left, ast.BitOr(), right):
                sides = (self.annotation(side, source, depth - 1) for side in (left, right))
                return next(filter(None, sides), None)
            case ast.Subscript(value, inner):
                return self.subscript(value, inner, source, depth)
        path = dotted(node)
        found = self.alias(self.project.resolve(path, source), depth) if path else None
        return None if found in VAGUE else found

    def subscript(self, value: ast.expr, inner: ast.expr, source: Source, depth: int) -> str | None:
        """`Annotated[...]`, `list[...]` and other generic classes."""
        name = (dotted(value) or "").rpartition(".")[2]
        parts = inner.elts if isinstance(inner, ast.Tuple) and inner.elts else [inner]
        if name in {"Literal", "Callable"}:
            return None
        if name in {"type", "Type"}:
            kind = self.annotation(parts[0], source, depth - 1)
            return f"type[{kind}]" if kind else None
        if name in WRAPPERS or name == "Coroutine":
            meant = parts[-1:] if name == "Coroutine" else parts[: 2 if name == "Union" else 1]
            kinds = (self.annotation(each, source, depth - 1) for each in meant)
            return next(filter(None, kinds), None)
        if name in {"tuple", "Tuple"} and len(parts) > 1:
            return several([self.annotation(each, source, depth - 1) for each in parts])
        if name in LISTS or name in MAPPINGS:
            kind = self.annotation(parts[-1 if name in MAPPINGS else 0], source, depth - 1)
            return f"{'dict' if name in MAPPINGS else 'list'}[{kind or ''}]"
        return self.annotation(value, source, depth - 1)

    def quoted(self, text: str, source: Source, depth: int) -> str | None:
        """An annotation written as a string."""
        try:
            return self.annotation(ast.parse(text, mode="eval").body, source, depth - 1)
        except (SyntaxError, ValueError):
            return None

    def alias(self, path: str, depth: int) -> str | None:
        """`Session = Annotated[...]` stands for what it annotates, a type variable for what bounds it."""
        module, _, name = path.rpartition(".")
        source = self.project.sources.get(module)
        value = source.values.get(name) if source else None
        if source and isinstance(value, ast.Call):
            bounds = [each.value for each in value.keywords if each.arg == "bound"]
            made = (dotted(value.func) or "").rpartition(".")[2]
            inner = [*bounds, *(value.args[1:2] if made == "NewType" else [])]
            return self.annotation(inner[0], source, depth - 1) if inner else path
        if source and value and depth:
            return self.annotation(value, source, depth - 1) or path
        return canonical(path)

    def depends(self, node: ast.expr | None, source: Source) -> ast.Call | None:
        """The `Depends(...)` of a parameter: its default, or in its annotation, however that is named."""
        if isinstance(node, ast.Call):
            name = (dotted(node.func) or "").rpartition(".")[2]
            resolved = self.project.resolve(dotted(node.func) or "", source).rpartition(".")[2]
            return node if name in DEPENDS or resolved in DEPENDS else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            found = (self.depends(each, source) for each in node.slice.elts[1:] if isinstance(each, ast.Call))
            return next(filter(None, found), None)
        return None

    def spelled(
        self, node: ast.expr | None, source: Source, depth: int = DEPTH
    ) -> tuple[ast.expr | None, Source]:
        """An annotation with its alias opened, and the file that writes it."""
        path = dotted(node)
        module, _, name = self.project.resolve(path, source).rpartition(".") if path else ("", "", "")
        origin = self.project.sources.get(module)
        if origin and name in origin.values and depth:
            return self.spelled(origin.values[name], origin, depth - 1)
        return node, source


def several(kinds: list[str | None]) -> str | None:
    """A tuple of some classes, if one is known: `tuple[a.B;;c.D]`; tuples in tuples are not."""
    row = [kind if kind and ";" not in kind else "" for kind in kinds]
    return f"tuple[{';'.join(row)}]" if any(row) else None
