"""Code speaks the first version of Pydantic to the second.

The old names are deprecated, warn at each use, and go away with version 3.

Bad:

    from pydantic import BaseModel, validator

    class Item(BaseModel):
        name: str

        @validator("name")
        def no_space(cls, value: str) -> str:
            return value.strip()

Bad:

    from pydantic import BaseModel

    class Item(BaseModel):
        name: str

    def stored(item: Item) -> dict[str, str]:
        return item.dict()

Good:

    from pydantic import BaseModel, ConfigDict, field_validator

    class Item(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        name: str

        @field_validator("name")
        @classmethod
        def no_space(cls, value: str) -> str:
            return value.strip()

    def stored(item: Item) -> dict[str, str]:
        return item.model_dump()

A project that asks for `pydantic<2` is left alone. It does not see methods of
an object whose class is unknown.

Shipworthy's own service has one strict base model, in the second version's
words.

Measured on 39 public repositories: 570 told, 22 read, 22 right.
On 35 others, drawn by chance: 14 read, 14 right.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from shipworthy.check.fix import Fix
from shipworthy.check.fixes.pydantic import config, is_second, rename, rename_option
from shipworthy.check.models import is_model
from shipworthy.check.nodes import dotted
from shipworthy.check.pins import wants_first
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import Source
from shipworthy.check.walk import Call, Class

CODE = "SW601"
PRACTICE, SEVERITY, CONFIDENCE = "Pydantic 2 idioms", "warning", "high"
METHODS = {
    "dict": "model_dump",
    "json": "model_dump_json",
    "copy": "model_copy",
    "parse_obj": "model_validate",
    "parse_raw": "model_validate_json",
    "from_orm": "model_validate",
    "construct": "model_construct",
    "schema": "model_json_schema",
    "update_forward_refs": "model_rebuild",
}
DECORATORS = {"pydantic.validator": "field_validator", "pydantic.root_validator": "model_validator"}
OPTIONS = {
    "regex": "pattern",
    "min_items": "min_length",
    "max_items": "max_length",
    "allow_mutation": "frozen",
}
CALLS = {*(f".{name}" for name in METHODS), *(f"{name}=" for name in OPTIONS)}


def check(found: Class | Call, world: World) -> Iterator[Problem]:
    """Look at classes and calls of projects that are not kept on the first version."""
    if any(each.startswith("pydantic.v1") for each in found.source.imports.values()):
        return
    problems = list(in_class(found, world) if isinstance(found, Class) else in_call(found, world))
    if problems and not wants_first("pydantic", found.source.path):
        sure = is_second(world.project)
        yield from (replace(each, fix=each.fix and replace(each.fix, safe=sure)) for each in problems)


def in_class(found: Class, world: World) -> Iterator[Problem]:
    """An inner `Config`, and the decorators of methods."""
    if not is_model(found.name, world.types):
        return
    for line in found.node.body:
        if isinstance(line, ast.ClassDef) and line.name == "Config":
            fix = config_of(found, world)
            yield Problem(line, "`class Config` is of Pydantic 1; set `model_config`", fix=fix)
        for each in line.decorator_list if isinstance(line, ast.FunctionDef) else ():
            path = resolved(each.func if isinstance(each, ast.Call) else each, found.source, world)
            if path in DECORATORS:
                yield Problem(each, f"`@{path}` is of Pydantic 1; use `{DECORATORS[path]}`")


def config_of(found: Class, world: World) -> Fix | None:
    """Its fix; not where another library has its own manner of configuration."""
    bases = set(world.types.bases(found.name))
    if bases & {"pydantic.BaseSettings", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel"}:
        return None
    settings = any(base.startswith("pydantic_settings.") for base in bases)
    return config(found.source, found.node, settings=settings)


def in_call(found: Call, world: World) -> Iterator[Problem]:
    """A method of a model, or an option of `Field`."""
    func = found.node.func
    if isinstance(func, ast.Attribute) and func.attr in METHODS:
        written = world.project.resolve(dotted(func.value) or "", found.source)
        kind = world.types.of(func.value, found.code) or written
        own = any(f"{base}.{func.attr}" in world.project.functions for base in world.types.bases(kind))
        if is_model(kind, world.types) and not own:
            message = f"`.{func.attr}()` is of Pydantic 1; call `.{METHODS[func.attr]}()`"
            yield Problem(found.node, message, fix=rename(found.source, found.node))
    elif resolved(func, found.source, world) == "pydantic.Field":
        for each in found.node.keywords:
            if each.arg in OPTIONS:
                message = f"`{each.arg}=` is of Pydantic 1; use `{OPTIONS[each.arg]}=`"
                yield Problem(each.value, message, fix=rename_option(found.source, each, OPTIONS[each.arg]))


def resolved(node: ast.expr, source: Source, world: World) -> str:
    """The path of a name."""
    return world.project.resolve(dotted(node) or "", source)
