"""Where files mention a word, or another name for the same: what does not mention it need not be walked."""

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache

from shipworthy.check.nodes import dotted
from shipworthy.check.project import Project
from shipworthy.check.source import Source

OPEN = {  # what follows a method, a call, a keyword, any word
    ".": r"[\s\\]*\(",
    "(": r"[\s\\]*\(",
    "=": r"[\s\\]*=",
    "": r"\b",
}
GIVEN = re.compile(r"(\w+)\s*(?::[^=]+)?=\s*(?:\w+\.)*$")


class Mentions:
    """Answers for marks: `Depends` and other names of it, methods `.dict`, calls `print(`, `reload=`."""

    def __init__(self, marks: Collection[str], project: Project) -> None:
        plain = meaning({each for each in marks if each.isidentifier()}, project)
        self.marks: defaultdict[str, set[str]] = defaultdict(set)
        for each in (*plain, *marks):
            self.marks[each.strip(".(=")].add(each)
        self.words = frozenset(self.marks)

    def lines(self, source: Source) -> list[int]:
        """The numbers of the lines that say one of them, first to last."""
        places = {place for word in self.words & source.words for place in self.places(word, source.text)}
        found, line, position = [], 1, 0
        for place in sorted(places):
            line += source.text.count("\n", position, place)
            position = place
            found.append(line)
        return found

    def places(self, word: str, text: str) -> list[int]:
        """Where a word stands in one of the ways that are asked for."""
        marks = self.marks[word]
        if word in marks:
            return [match.start() for match in pattern(word).finditer(text)]
        return [
            match.start() for mark in marks for match in pattern(mark).finditer(text) if fits(mark, match)
        ]


@cache
def pattern(mark: str) -> re.Pattern[str]:
    """Finds a mark; it begins with a letter, which is what makes it fast."""
    word = mark.strip(".(=")
    return re.compile(word + OPEN[mark.replace(word, "")])


def fits(mark: str, match: re.Match[str]) -> bool:
    """Whether a dot is before a method."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    return not mark.startswith(".") or before in {".", " ", "\t", "\n", "\f"}


def meaning(words: set[str], project: Project) -> set[str]:
    """Some names, and every name that the project gives to the same or derives from them."""
    found, todo, names = set(words), set(words), (aliases(project), heirs(project))
    while todo:
        fresh = {each for word in todo for known in names for each in known.get(word, ())}
        for source in project.sources.values():
            for word in todo & source.words:
                fresh.update(given(word, source.text))
        todo = fresh - found
        found |= todo
    return found


def imported_as(words: set[str], project: Project) -> set[str]:
    """Some names, and those that they are imported as."""
    found, todo = set(words), list(words)
    while todo:
        fresh = aliases(project).get(todo.pop(), set()) - found
        found |= fresh
        todo += fresh
    return found


@cache
def aliases(project: Project) -> dict[str, set[str]]:
    """For a name those that it is imported as."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source in project.sources.values():
        for name, path in source.imports.items():
            if (last := path.rpartition(".")[2]) != name:
                found[last].add(name)
    return found


@cache
def heirs(project: Project) -> dict[str, set[str]]:
    """For the name of a class those of what inherits from it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for node, _ in project.classes.values():
        for base in node.bases:
            written = dotted(base.value if isinstance(base, ast.Subscript) else base)
            if written:
                found[written.rpartition(".")[2]].add(node.name)
    return found


def given(word: str, text: str) -> Iterator[str]:
    """What is given a name uncalled: a variable, a default, an attribute."""
    for match in pattern(word).finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        target = GIVEN.search(line) if "=" in line else None
        if target and text[match.end() : match.end() + 1] not in {"(", "."}:
            yield target[1]
