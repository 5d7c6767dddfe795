"""The files of a project and the names between them."""

import ast
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shipworthy.check.source import Function, Source

# Not request code, or not the project's own.
SKIPPED = {"tests", "test", "migrations", "alembic", "scripts", "examples", "node_modules", "site-packages"}
DEPTH = 20  # re-exports followed before a name is given up: imports may run in circles


@dataclass(frozen=True)
class Unread:
    """A file that could not be parsed."""

    path: Path
    line: int
    reason: str


@dataclass(eq=False)
class Code:
    """A function of the project, and the class it belongs to."""

    name: str
    node: Function
    source: Source
    owner: str | None


@dataclass(eq=False)
class Project:
    """Everything that was read."""

    sources: dict[str, Source] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    functions: dict[str, Code] = field(default_factory=dict)
    classes: dict[str, tuple[ast.ClassDef, Source]] = field(default_factory=dict)

    def add(self, path: Path, module: str) -> None:
        """Read a file; what cannot be parsed is remembered, never skipped in silence."""
        try:
            with warnings.catch_warnings(), tokenize.open(path) as file:
                warnings.simplefilter("ignore")
                text = file.read()
                tree = ast.parse(text, str(path))
        except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
            self.unread.append(Unread(path, getattr(error, "lineno", None) or 1, str(error).splitlines()[0]))
            return
        source = self.sources[module] = Source(path, module, text, tree)
        self.define(source, tree, module, None)

    def define(self, source: Source, node: ast.AST, prefix: str, owner: str | None) -> None:
        """Register the functions and classes below a node."""
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self.functions[f"{prefix}.{name}"] = Code(f"{prefix}.{name}", child, source, owner)
                    self.define(source, child, f"{prefix}.{name}", owner)
                case ast.ClassDef(name=name):
                    self.classes[f"{prefix}.{name}"] = (child, source)
                    self.define(source, child, f"{prefix}.{name}", f"{prefix}.{name}")
                case ast.expr():
                    pass
                case _:
                    self.define(source, child, prefix, owner)

    def resolve(self, name: str, source: Source, depth: int = DEPTH) -> str:
        """The path that defines a name used in a file; names of other libraries stay as imported."""
        head, _, rest = name.partition(".")
        tail = f".{rest}" if rest else ""
        here = f"{source.module}.{head}"
        if here in self.functions or here in self.classes or head in source.values:
            return here + tail
        if head in source.imports:
            return self.follow(source.imports[head] + tail, source, depth - 1)
        for star in source.stars:
            found = self.follow(f"{star}.{name}", source, depth - 1)
            if self.known(found):
                return found
        return name

    def known(self, name: str) -> bool:
        """Whether the project itself defines it."""
        module, _, value = name.rpartition(".")
        inside = module in self.sources and value in self.sources[module].values
        return name in self.functions or name in self.classes or inside

    def follow(self, target: str, source: Source, depth: int) -> str:
        """Where an imported path is really defined."""
        parts = target.split(".")
        for cut in range(len(parts), 0, -1):
            module = self.module(".".join(parts[:cut]), source)
            if module and depth > 0:
                rest = ".".join(parts[cut:])
                return self.resolve_in(module, rest, depth) if rest else module.module
        return target

    def resolve_in(self, module: Source, rest: str, depth: int) -> str:
        """A name as seen from inside the module it is imported from."""
        found = self.resolve(rest, module, depth)
        return found if found != rest else f"{module.module}.{rest}"

    def module(self, name: str, source: Source) -> Source | None:
        """The module of an import: beside the importing file, or in a folder above that holds packages."""
        parts = source.module.split(".")
        for length in range(len(parts) - 1, -1, -1):
            prefix = ".".join(parts[:length])
            if length and source.path.parents[len(parts) - 1 - length].joinpath("__init__.py").exists():
                continue
            found = self.sources.get(f"{prefix}.{name}" if prefix else name)
            if found:
                return found
        return self.sources.get(name)


def python_files(root: Path) -> Iterator[Path]:
    """The files of request code below a folder."""
    if root.is_file():
        yield root
        return
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if not (path.name in SKIPPED or path.name.startswith(".") or (path / "pyvenv.cfg").exists()):
                yield from python_files(path)
        elif path.suffix == ".py" and not path.name.startswith(("test_", "conftest")):
            yield path


def read(roots: list[Path]) -> Project:
    """Read every file below the given paths."""
    project = Project()
    for root in roots:
        base = root.parent if root.is_file() or (root / "__init__.py").exists() else root
        for path in python_files(root):
            parts = path.relative_to(base).with_suffix("").parts
            names = parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts
            project.add(path, ".".join(names))
    return project
