"""Where functions seem to be called: by their name, found through the text of files."""

import ast
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from shipworthy.check.manners import decorators
from shipworthy.check.mentions import imported_as, pattern
from shipworthy.check.nodes import below, last_name, touches
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import top_of
from shipworthy.check.source import Source

Site = tuple[ast.Call, Code]


class Sites:
    """Answers for one project, in the order of the paths and lines."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.found: dict[str, list[Site]] = {}

    def of(self, names: set[str]) -> Iterator[Site]:
        """The calls of some names, and of those that they are imported as."""
        known = sorted(imported_as(names, self.project))
        found = [site for name in known for site in self.named(name)]
        yield from found if len(known) == 1 else sorted(found, key=place)

    def named(self, name: str) -> list[Site]:
        """The calls of one name."""
        if name not in self.found:
            sources = sorted(self.project.saying.get(name, ()), key=lambda each: str(each.path))
            self.found[name] = [site for source in sources for site in self.inside(source, name)]
        return self.found[name]

    @cached_property
    def functions(self) -> dict[Source, list[Code]]:
        """The functions of each file, first to last."""
        inside = self.project.inside.items()
        return {source: sorted(codes, key=lambda each: each.node.lineno) for source, codes in inside}

    @cached_property
    def decorated(self) -> dict[str, list[Code]]:
        """The methods below each decorator, by the last word of that."""
        found: dict[str, list[Code]] = {}
        for source in sorted(self.functions, key=lambda each: str(each.path)):
            for code in self.functions[source]:
                for name in decorators(code.node) if code.owner else ():
                    found.setdefault(name, []).append(code)
        return found

    def inside(self, source: Source, name: str) -> Iterator[Site]:
        """The calls of a name in one file, each with the function that it is in."""
        lines, line, position = list[int](), 1, 0
        for match in pattern(f"{name}(").finditer(source.text):
            line += source.text.count("\n", position, match.start())
            position = match.start()
            lines.append(line)
        around = dict.fromkeys(self.around(source, line) for line in lines)
        calls = (
            (call, code) for code in around for call in calls_on(lines, code) if last_name(call.func) == name
        )
        yield from sorted(calls, key=place)

    def around(self, source: Source, line: int) -> Code:
        """The innermost function that covers a line."""
        codes = self.functions.get(source, [])
        last = bisect_right(codes, line, key=lambda each: each.node.lineno)
        covering = (each for each in reversed(codes[:last]) if (each.node.end_lineno or 0) >= line)
        return next(covering, top_of(source))


def calls_on(lines: list[int], code: Code) -> Iterator[ast.Call]:
    """The calls that a function, or the top of a file, makes on some lines."""
    todo: list[ast.AST] = [*(code.source.tree if code is top_of(code.source) else code.node).body]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not touches(node, lines):
            continue
        if isinstance(node, ast.Call):
            yield node
        todo += below(node)


def place(site: Site) -> tuple[str, int, int]:
    """Where a call is."""
    call, code = site
    return str(code.source.path), call.lineno, call.col_offset
