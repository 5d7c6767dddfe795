"""Which module of the project an import names."""

import sys
from collections import defaultdict

from shipworthy.check.sinks import LIBRARIES
from shipworthy.check.source import Source

FOREIGN = LIBRARIES | set(sys.stdlib_module_names) | {"fastapi", "starlette", "pydantic"}


class Imports:
    """Answers for the modules that were read."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self.sources = sources
        self.count = len(sources)
        self.packages = {name for name, source in sources.items() if source.path.name == "__init__.py"}
        self.folders = {name for each in sources for name in above(each)}
        self.roots: defaultdict[str, list[str]] = defaultdict(list)
        for folder in sorted(self.folders | set(sources)):
            prefix, _, top = folder.rpartition(".")
            if prefix not in self.packages:
                self.roots[top].append(prefix)
        self.names = {path.rpartition(".")[2] for path in self.folders | set(sources)}
        self.found: dict[tuple[str, str], Source | None] = {}

    def find(self, name: str, source: Source) -> Source | None:
        """The module, as seen from a file."""
        if name.partition(".")[0] not in self.names:
            return None
        key = (name, source.folder)
        if key not in self.found:
            self.found[key] = self.search(name, source.folder)
        if self.found[key] is not source:
            return self.found[key]
        outer = source.folder.rpartition(".")[0]  # no file imports itself
        return None if name.partition(".")[0] in FOREIGN else self.search(name, outer)

    def search(self, name: str, package: str) -> Source | None:
        """Beside the file or in a folder above that holds packages; else in the nearest that has it."""
        if name in self.sources and "." in name and name.startswith(f"{package}."):
            return self.sources[name]  # a relative import, already written out
        folders = [package, *reversed(list(above(package)))] if package else []
        outside = [each for each in folders if each not in self.packages]
        found = self.first(name, [*outside, ""])
        top = name.partition(".")[0]
        if found or top in FOREIGN:
            return found
        near = sorted(self.roots[top], key=lambda each: -len(shared(each, package)))
        return self.first(name, [*near, *folders])

    def first(self, name: str, prefixes: list[str]) -> Source | None:
        """The first of some folders that has it."""
        paths = (f"{prefix}.{name}" if prefix else name for prefix in prefixes)
        return next((self.sources[path] for path in paths if path in self.sources), None)


def above(module: str) -> list[str]:
    """The packages a module is in, outermost first."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def shared(one: str, other: str) -> list[str]:
    """What two paths have in common."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return [left for left, right in pairs if left == right]
