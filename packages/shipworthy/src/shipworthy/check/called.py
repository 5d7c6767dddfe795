"""Which functions are called by their name, and not by FastAPI only."""

import ast
from collections.abc import Iterator

from shipworthy.check.mentions import imported_as, pattern
from shipworthy.check.nodes import dotted, every
from shipworthy.check.project import Project
from shipworthy.check.source import Source

UNKNOWN = ""
FAR = 100  # characters of space that are looked through


class Called:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.found: dict[Source, set[str]] = {}
        self.said: dict[str, dict[str, set[Source]]] = {}

    def __contains__(self, path: str) -> bool:
        """Whether anything calls a function; only what says its name, or another name of it, can."""
        names = imported_as({path.rpartition(".")[2]}, self.project)
        maybe = (source for name in names for how in (path, UNKNOWN) for source in self.by(name).get(how, ()))
        return any(path in self.of(source) for source in maybe)

    def by(self, name: str) -> dict[str, set[Source]]:
        """What seems to be called by a name, and the files that seem to do so."""
        if name not in self.said:
            self.said[name] = {}
            for source in self.project.saying.get(name, ()):
                for whole in set(written(name, source)):
                    path = self.project.resolve(whole, source) if whole else UNKNOWN
                    self.said[name].setdefault(path, set()).add(source)
        return self.said[name]

    def of(self, source: Source) -> set[str]:
        """What a file calls."""
        if source not in self.found:
            names = {dotted(node.func) for node in every(source.tree) if node.__class__ is ast.Call}
            self.found[source] = {self.project.resolve(name, source) for name in names if name}
        return self.found[source]


def written(name: str, source: Source) -> Iterator[str]:
    """What looks like a call of a name, with what is before its dots; nothing where that is not plain."""
    text = source.text
    for match in pattern(f"{name}(").finditer(text):
        start = match.start()
        while start and (text[start - 1].isalnum() or text[start - 1] in "_."):
            start -= 1
        whole = text[start : match.start()] + name
        before = text[max(0, start - FAR) : start].rstrip()
        if whole.startswith(".") or before.endswith("."):
            if not before.endswith((")", "]", "}", '"', "'")):
                yield UNKNOWN
        elif not before.endswith("def"):
            yield whole
