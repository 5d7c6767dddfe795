"""Names that a fix needs."""

import ast
from functools import cache

from shipworthy.check.fix import Edit
from shipworthy.check.fixes.text import end_of, gap, start_of
from shipworthy.check.nodes import every
from shipworthy.check.source import Source


def need(source: Source, module: str, name: str) -> tuple[str, tuple[Edit, ...]] | None:
    """What a name is called in a file, and the edits that import it; nothing if it means something else."""
    froms = [node for node in source.tree.body if isinstance(node, ast.ImportFrom) and node.module == module]
    known = [alias for node in froms if not node.level for alias in node.names if alias.name == name]
    if known:
        return known[0].asname or name, ()
    if name in source.words and name in bound(source.tree):
        return None
    open_ends = [node.names[-1] for node in froms if not node.level and node.names[-1].name != "*"]
    if open_ends:
        last = open_ends[0]
        end = end_of(source, last)
        return name, (Edit(end, end, f",{gap(source, last)}{name}"),)
    place = first_line(source)
    return name, (Edit(place, place, f"from {module} import {name}\n"),)


@cache
def bound(tree: ast.Module) -> set[str]:
    """Every name that a file gives a meaning to, anywhere."""
    names: set[str] = set()
    for node in every(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Import(names=brought) | ast.ImportFrom(names=brought):
                names.update(each.asname or each.name.partition(".")[0] for each in brought)
    return names


def first_line(source: Source) -> int:
    """The beginning of the first line after the docstring and the imports from the future."""
    for node in source.tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            first = min([node, *getattr(node, "decorator_list", [])], key=lambda each: each.lineno)
            return start_of(source, first) - (1 if first is not node else 0)
    return len(source.text)
