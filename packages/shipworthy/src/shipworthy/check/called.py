"""Which functions are called by their name, and not by FastAPI only."""

import ast

from shipworthy.check.mentions import imported_as
from shipworthy.check.project import Project
from shipworthy.check.source import Source, dotted, every


class Called:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.found: dict[Source, set[str]] = {}

    def __contains__(self, path: str) -> bool:
        """Whether anything calls a function; only what says its name, or another name of it, can."""
        names = imported_as({path.rpartition(".")[2]}, self.project)
        saying = (source for source in self.project.sources.values() if not names.isdisjoint(source.words))
        return any(path in self.of(source) for source in saying)

    def of(self, source: Source) -> set[str]:
        """What a file calls."""
        if source not in self.found:
            names = {dotted(node.func) for node in every(source.tree) if node.__class__ is ast.Call}
            self.found[source] = {self.project.resolve(name, source) for name in names if name}
        return self.found[source]
