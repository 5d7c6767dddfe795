"""Pydantic models of a project, and their fields."""

import ast
from collections.abc import Iterator

from shipworthy.check.nodes import dotted
from shipworthy.check.project import Project
from shipworthy.check.source import Source
from shipworthy.check.types import Types

MODELS = {
    "pydantic.BaseModel",
    "pydantic.main.BaseModel",
    "pydantic.generics.GenericModel",
    "pydantic.RootModel",
    "pydantic.BaseSettings",
    "pydantic_settings.BaseSettings",
    "pydantic_settings.main.BaseSettings",
    "sqlmodel.SQLModel",
    "sqlmodel.main.SQLModel",
}


def is_model(name: str, types: Types) -> bool:
    """Whether a class of the project is a Pydantic model."""
    return name in types.project.classes and bool(MODELS & set(types.bases(name)))


def fields(model: str, types: Types) -> Iterator[tuple[str, ast.AnnAssign, Source]]:
    """The fields of a class and of what it inherits from, nearest first."""
    seen: set[str] = set()
    for base in types.bases(model):
        node, source = types.project.classes.get(base, (None, None))
        for line in node.body if node else ():
            name = (
                line.target.id
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
                else None
            )
            if name and name not in seen and source and isinstance(line, ast.AnnAssign):
                seen.add(name)
                yield name, line, source


def classes_in(node: ast.expr | None, source: Source, project: Project) -> Iterator[str]:
    """The classes of the project that an annotation mentions, inside lists and unions."""
    match node:
        case ast.Name() | ast.Attribute():
            path = project.resolve(dotted(node) or "", source)
            module, _, name = path.rpartition(".")
            if path in project.classes:
                yield path
            elif module in project.sources and name in project.sources[module].values:
                value = project.sources[module].values[name]
                if isinstance(value, ast.Subscript | ast.BinOp):
                    yield from classes_in(value, project.sources[module], project)
        case ast.Subscript(value, inner):
            yield from classes_in(value, source, project)
            for each in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
                yield from classes_in(each, source, project)
        case ast.BinOp(left, ast.BitOr(), right):
            yield from classes_in(left, source, project)
            yield from classes_in(right, source, project)
        case ast.Constant(str(text)):
            try:
                yield from classes_in(ast.parse(text, mode="eval").body, source, project)
            except SyntaxError:
                return
