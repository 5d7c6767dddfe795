"""The files of a project and the names between them."""

import ast
import gc
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from shipworthy.check.files import modules
from shipworthy.check.imports import FOREIGN, Imports
from shipworthy.check.nodes import Function
from shipworthy.check.parse import Unread, parse
from shipworthy.check.source import Source, is_none

__all__ = ["Code", "Project", "Unread", "read"]
DEPTH = 20  # re-exports followed before a name is given up: imports may run in circles


@dataclass(eq=False)
class Code:
    """A function of the project, and the class it belongs to."""

    name: str
    node: Function
    source: Source
    owner: str | None
    receiver: str | None = None  # the class of `self` where that is not the owner


@dataclass(eq=False)
class Project:
    """Everything that was read."""

    sources: dict[str, Source] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    functions: dict[str, Code] = field(default_factory=dict)
    classes: dict[str, tuple[ast.ClassDef, Source]] = field(default_factory=dict)
    skipped: list[Path] = field(default_factory=list)  # folders and files that are no request code
    names: dict[tuple[str, str, int], str] = field(default_factory=dict)
    imports: Imports | None = None

    def add(self, path: Path, module: str) -> None:
        """Read a file; what cannot be parsed is remembered, never skipped in silence."""
        try:
            parsed = parse(path, module, path.read_bytes())
        except OSError as error:
            parsed = Unread(path, 1, str(error))
        if isinstance(parsed, Unread):
            self.unread.append(parsed)
            return
        while module in self.sources:  # `a.py` beside `a/__init__.py`
            module += "_"
        try:
            source = Source(path, module, *parsed)
        except RecursionError:
            self.unread.append(Unread(path, 1, "it is nested too deeply"))
            return
        self.sources[module] = source
        self.define(source)

    def define(self, source: Source) -> None:
        """Register the functions and classes of a file; a handler that another of its name hides, too."""
        for name, node, owner in source.definitions:
            path = f"{source.module}.{name}"
            if isinstance(node, ast.ClassDef):
                self.classes[path] = (node, source)
                continue
            earlier = self.functions.get(path)
            if earlier and changes_property(node):
                continue
            if earlier:
                earlier.name = f"{path}:{earlier.node.lineno}"
                self.functions[earlier.name] = earlier
            self.functions[path] = Code(path, node, source, f"{source.module}.{owner}" if owner else None)

    def resolve(self, name: str, source: Source, depth: int = DEPTH) -> str:
        """The path that defines a name used in a file; names of other libraries stay as imported."""
        key = (name, source.module, depth)  # stars in a circle ask for the same again and again
        if key not in self.names:
            self.names[key] = self.find(name, source, depth)
        return self.names[key]

    def find(self, name: str, source: Source, depth: int) -> str:
        """The same, unremembered."""
        head, _, rest = name.partition(".")
        tail = f".{rest}" if rest else ""
        here = f"{source.module}.{head}"
        own = head in source.annotations or (
            head in source.values and not (head in source.imports and is_none(source.values[head]))
        )
        if own or here in self.functions or here in self.classes:
            return here + tail
        if head in source.imports:
            return self.follow(source.imports[head] + tail, source, depth - 1)
        for star in source.stars:
            found = self.follow(f"{star}.{name}", source, depth - 1)
            if self.known(found):
                return found
        return name

    def known(self, name: str) -> bool:
        """Whether the project itself defines it, or a part of it."""
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            path = ".".join(parts[:cut])
            module, _, value = path.rpartition(".")
            source = self.sources.get(module)
            inside = source is not None and (value in source.values or value in source.annotations)
            if path in self.functions or path in self.classes or inside:
                return True
        return False

    def follow(self, target: str, source: Source, depth: int) -> str:
        """Where an imported path is really defined."""
        parts = target.split(".")
        if depth <= 0 or parts[0] not in self.index.names:
            return target
        package = self.index.find(".".join(parts[:-1]), source)
        if package and hides(package, parts[-1]):
            return self.resolve_in(package, parts[-1], depth)
        for cut in range(len(parts), 0, -1):
            module = self.index.find(".".join(parts[:cut]), source)
            rest = ".".join(parts[cut:])
            if module and not (parts[0] in FOREIGN and rest and not defines(module, parts[cut])):
                return self.resolve_in(module, rest, depth) if rest else module.module
        return target

    def resolve_in(self, module: Source, rest: str, depth: int) -> str:
        """A name as seen from inside the module it is imported from."""
        found = self.resolve(rest, module, depth)
        return found if found != rest else f"{module.module}.{rest}"

    @cached_property
    def inside(self) -> dict[Source, list[Code]]:
        """The functions by their file, for when all files have been read."""
        found: dict[Source, list[Code]] = {}
        for code in self.functions.values():
            found.setdefault(code.source, []).append(code)
        return found

    @cached_property
    def uses_fastapi(self) -> bool:
        """Whether any file imports it."""
        return any(
            path.startswith("fastapi") for source in self.sources.values() for path in source.imports.values()
        )

    @cached_property
    def saying(self) -> dict[str, list[Source]]:
        """The files that say a name of what the project defines, or another name that an import gives it."""
        names = {each.node.name for source in self.sources.values() for each in source.definitions}
        names |= {name for source in self.sources.values() for name in source.imports} | {"cls"}
        found: dict[str, list[Source]] = {}
        for source in self.sources.values():
            for name in names & source.words:
                found.setdefault(name, []).append(source)
        return found

    def module(self, name: str, source: Source) -> Source | None:
        """The module of an import."""
        return self.index.find(name, source)

    @property
    def index(self) -> Imports:
        """The modules there are, for as long as no file is added."""
        if self.imports is None or self.imports.count != len(self.sources):
            self.imports = Imports(self.sources)
        return self.imports


def defines(module: Source, name: str) -> bool:
    """Whether a module has a name of its own, or from elsewhere."""
    named = name in module.values or name in module.imports or bool(module.stars)
    return named or any(each.name == name for each in module.definitions)


def hides(package: Source, name: str) -> bool:
    """Whether a package brings something that is called like the module it comes from."""
    return package.imports.get(name) == f"{package.module}.{name}.{name}"


def changes_property(node: Function) -> bool:
    """Whether it is the setter of a property, which is called by no name."""
    return any(
        isinstance(each, ast.Attribute) and each.attr in {"setter", "deleter"} for each in node.decorator_list
    )


def read(roots: list[Path]) -> Project:
    """Read every file below the given paths; trees hold no cycles, so that looking for some is in vain."""
    project, collects = Project(), gc.isenabled()
    gc.disable()
    try:
        for path, module in modules(roots, project.skipped):
            project.add(path, module)
        gc.freeze()
    finally:
        if collects:
            gc.enable()
    return project
