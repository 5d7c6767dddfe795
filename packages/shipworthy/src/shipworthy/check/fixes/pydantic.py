"""From Pydantic 1 to 2: `class Config` and the methods of models."""

import ast
from functools import cache

from shipworthy.check.fix import Edit, Fix
from shipworthy.check.fixes.imports import need
from shipworthy.check.fixes.text import end_of, start_of, written
from shipworthy.check.project import Project
from shipworthy.check.source import Source

METHODS = {  # the new name, and the arguments that mean the same
    "dict": (
        "model_dump",
        {"include", "exclude", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none"},
    ),
    "json": (
        "model_dump_json",
        {"include", "exclude", "by_alias", "exclude_unset", "exclude_defaults", "exclude_none", "indent"},
    ),
    "copy": ("model_copy", {"update", "deep"}),
    "parse_obj": ("model_validate", set()),
    "parse_raw": ("model_validate_json", set()),
    "construct": ("model_construct", {"_fields_set"}),
    "schema": ("model_json_schema", {"by_alias", "ref_template"}),
    "update_forward_refs": ("model_rebuild", set()),
}
RENAMED = {
    "orm_mode": "from_attributes",
    "allow_population_by_field_name": "populate_by_name",
    "anystr_lower": "str_to_lower",
    "anystr_upper": "str_to_upper",
    "anystr_strip_whitespace": "str_strip_whitespace",
    "min_anystr_length": "str_min_length",
    "max_anystr_length": "str_max_length",
    "keep_untouched": "ignored_types",
    "schema_extra": "json_schema_extra",
    "validate_all": "validate_default",
}
GONE = {
    "allow_mutation", "error_msg_templates", "fields", "getter_dict", "smart_union", "json_loads",
    "json_dumps", "underscore_attrs_are_private", "copy_on_model_validation", "post_init_call",
}  # fmt: skip
WIDTH = 88


SECOND = {
    f"pydantic.{name}"
    for name in (
        "ConfigDict",
        "RootModel",
        "TypeAdapter",
        "computed_field",
        "field_validator",
        "model_validator",
    )
}


@cache
def is_second(project: Project) -> bool:
    """Whether the project uses what only Pydantic 2 has; then its fixes are safe."""
    imported = (name for source in project.sources.values() for name in source.imports.values())
    return any(name in SECOND or name.startswith("pydantic_settings") for name in imported)


def rename_option(source: Source, option: ast.keyword, name: str) -> Fix | None:
    """An option of `Field` under its new name; `allow_mutation` means the opposite."""
    if option.arg in {None, "allow_mutation"}:
        return None
    start = start_of(source, option)
    return Fix(f"write `{name}=`", (Edit(start, start + len(option.arg or ""), name),))


def rename(source: Source, call: ast.Call) -> Fix | None:
    """The method's new name, if its arguments mean the same there."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in METHODS:
        return None
    name, same = METHODS[func.attr]
    positional = len(call.args) > (1 if func.attr.startswith("parse") else 0)
    if positional or any(each.arg not in same for each in call.keywords):
        return None
    end = end_of(source, func)
    return Fix(f"call `{name}`", (Edit(end - len(func.attr), end, name),))


def config(source: Source, owner: ast.ClassDef, *, settings: bool = False) -> Fix | None:
    """`class Config:` as `model_config = ConfigDict(...)`; not if it holds more than plain values."""
    inner = next(
        (each for each in owner.body if isinstance(each, ast.ClassDef) and each.name == "Config"), None
    )
    given = [each.targets[0] for each in owner.body if isinstance(each, ast.Assign)]
    if inner is None or any(isinstance(each, ast.Name) and each.id == "model_config" for each in given):
        return None
    values = options(source, inner)
    kind = ("pydantic_settings", "SettingsConfigDict") if settings else ("pydantic", "ConfigDict")
    name = need(source, *kind)
    if not values or not name or "#" in written(source, inner):
        return None
    called, edits = name
    replaced = Edit(
        start_of(source, inner), end_of(source, inner), laid_out(called, values, inner.col_offset)
    )
    return Fix("use `model_config`", (*edits, replaced))


def options(source: Source, inner: ast.ClassDef) -> list[str]:
    """What the class sets, under the new names; nothing if something has no counterpart."""
    found: list[str] = []
    for each in inner.body:
        match each:
            case ast.Assign(targets=[ast.Name(name)]) if name not in GONE:
                found.append(f"{RENAMED.get(name, name)}={written(source, each.value)}")
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value) if name not in GONE:
                found.append(f"{RENAMED.get(name, name)}={written(source, value)}")
            case ast.Expr(ast.Constant(str())) | ast.Pass():
                pass
            case _:
                return []
    return found if not inner.bases and not inner.decorator_list else []


def laid_out(name: str, values: list[str], indent: int) -> str:
    """On one line if that fits."""
    short = f"model_config = {name}({', '.join(values)})"
    if len(short) + indent <= WIDTH and "\n" not in short:
        return short
    space = " " * indent
    lines = "".join(f"{space}    {value},\n" for value in values)
    return f"model_config = {name}(\n{lines}{space})"
