"""What an expression may be worth: the constants behind names, settings and the environment."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from shipworthy.check.nodes import dotted, own_nodes
from shipworthy.check.project import Code, Project
from shipworthy.check.source import Source
from shipworthy.check.types import Types, locals_of, top_of

SETTINGS = {"pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic_settings.main.BaseSettings"}
READERS = {"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop"}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")  # how variables of the environment are called
CHANGERS = {"list", "set", "tuple", "str", "bool", "int", "sorted", "json.loads", "ast.literal_eval"}
TEXT = {"split", "strip", "lower", "upper", "rstrip", "lstrip", "replace", "copy", "get_secret_value"}
DEPTH = 8


@dataclass(frozen=True)
class Value:
    """A constant, and whether something outside of the code may replace it."""

    value: Any
    node: ast.expr
    source: Source
    default: bool = False
    setting: str | None = None  # the variable or field that replaces it


@dataclass
class Values:
    """Answers for one project."""

    project: Project
    types: Types

    def of(self, node: ast.AST | None, code: Code, depth: int = DEPTH) -> Iterator[Value]:
        """The constants in what an expression may give; those of a list one by one."""
        if node is None or depth == 0:
            return
        match node:
            case ast.Constant(value):
                yield Value(value, node, code.source)
            case ast.Call():
                yield from self.called(node, code, depth)
            case ast.Name() | ast.Attribute():
                yield from self.named(node, code, depth)
            case ast.BoolOp(values=[first, *others]):
                yield from self.of(first, code, depth - 1)
                yield from (replace(value, default=True) for value in self.each(others, code, depth))
            case ast.IfExp(_, body, orelse):
                yield from (replace(v, default=True) for v in self.each([body, orelse], code, depth))
            case _:
                yield from self.each(parts(node), code, depth)

    def each(self, nodes: list[ast.expr], code: Code, depth: int) -> Iterator[Value]:
        """The constants of several expressions."""
        for node in nodes:
            yield from self.of(node, code, depth - 1)

    def called(self, node: ast.Call, code: Code, depth: int) -> Iterator[Value]:
        """What a call gives: the default of a setting, what a function returns, or its receiver changed."""
        callee = self.types.callee(node.func, code) or ""
        fallback = next((k.value for k in node.keywords if k.arg in {"default", "default_factory"}), None)
        name = setting_of(node)
        if name or callee in READERS:
            given = fallback or (node.args[1] if len(node.args) > 1 else None)
            found = self.of(given, code, depth - 1)
            yield from (replace(value, default=True, setting=name or value.setting) for value in found)
        elif (dotted(node.func) or "").rpartition(".")[2] == "Field":
            yield from self.of(fallback or (node.args[0] if node.args else None), code, depth - 1)
        elif callee in self.project.functions:
            yield from self.returned(self.project.functions[callee], depth)
        elif callee in CHANGERS:
            yield from self.each(node.args[:1], code, depth)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in TEXT:
            yield from self.of(node.func.value, code, depth - 1)

    def returned(self, code: Code, depth: int) -> Iterator[Value]:
        """The constants a function returns; what it says only where a setting says so is that setting."""
        meant = {id(line): asked for node in own_nodes(code.node) for line, asked in echoes(node)}
        given = [node for node in own_nodes(code.node) if isinstance(node, ast.Return) and node.value]
        for node in given:
            found = self.of(meant.get(id(node), node.value), code, depth - 1)
            yield from (replace(each, default=each.default or len(given) > 1) for each in found)

    def named(self, node: ast.Name | ast.Attribute, code: Code, depth: int) -> Iterator[Value]:
        """The constants behind a name: a local, a parameter, a value of a module, a field of a class."""
        if isinstance(node, ast.Name):
            found = [*locals_of(code.node).get(node.id, ()), *default_of(node.id, code)]
            if found:
                several = len(found) > 1
                yield from (replace(v, default=v.default or several) for v in self.each(found, code, depth))
                return
        path = dotted(node)
        module, _, name = self.project.resolve(path, code.source).rpartition(".") if path else ("", "", "")
        source = self.project.sources.get(module)
        if source and name in source.values:
            yield from self.of(source.values[name], top_of(source), depth - 1)
        elif isinstance(node, ast.Attribute):
            owner = self.types.of(node.value, code) or self.project.resolve(
                dotted(node.value) or "", code.source
            )
            yield from self.field(owner, node.attr, depth)

    def made_of(self, node: ast.expr | None, code: Code) -> list[ast.keyword]:
        """The keywords of the call that makes what a name of a module stands for."""
        path = dotted(node)
        module, _, name = self.project.resolve(path, code.source).rpartition(".") if path else ("", "", "")
        source = self.project.sources.get(module)
        value = source.values.get(name) if source else None
        return value.keywords if isinstance(value, ast.Call) else []

    def field(self, owner: str, name: str, depth: int) -> Iterator[Value]:
        """The constants of a field; those of a settings class are defaults."""
        for base in self.types.bases(owner):
            if f"{base}.{name}" in self.project.functions:
                yield from self.returned(self.project.functions[f"{base}.{name}"], depth)
                return
            node, source = self.project.classes.get(base, (None, None))
            for line in node.body if node else ():
                if source and isinstance(line, ast.AnnAssign | ast.Assign) and name in names_of(line):
                    found = self.of(line.value, top_of(source), depth - 1)
                    is_field = isinstance(line, ast.AnnAssign) or SETTINGS & set(self.types.bases(owner))
                    for value in found:
                        yield replace(value, default=True, setting=name) if is_field else value
                    return


def echoes(node: ast.AST) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """The answer in `if origins == "*": return ["*"]`, and what is asked for there."""
    match node:
        case ast.If(ast.Compare(asked, [ast.Eq()], [ast.Constant(value)]), [ast.Return(given) as line]):
            inner = ast.walk(given) if given else ()
            if any(isinstance(each, ast.Constant) and each.value == value for each in inner):
                yield line, asked


def parts(node: ast.AST) -> list[ast.expr]:
    """The expressions that an expression takes its worth from."""
    match node:
        case ast.List(elements) | ast.Tuple(elements) | ast.Set(elements):
            return elements
        case ast.BinOp(left, ast.Add() | ast.BitOr(), right):
            return [left, right]
        case ast.ListComp(generators=[first, *_]) | ast.GeneratorExp(generators=[first, *_]):
            return [first.iter]
        case ast.Starred(value) | ast.Await(value) | ast.Subscript(value) | ast.Lambda(body=value):
            return [value]
    return []


def names_of(line: ast.AnnAssign | ast.Assign) -> set[str | None]:
    """The names a line of a class gives a value to."""
    return {dotted(target) for target in (line.targets if isinstance(line, ast.Assign) else [line.target])}


def default_of(name: str, code: Code) -> Iterator[ast.expr]:
    """The default of a parameter."""
    arguments = code.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(positional), reversed(arguments.defaults), strict=False),
             *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]  # fmt: skip
    yield from (default for argument, default in pairs if argument.arg == name and default)


def setting_of(node: ast.Call) -> str | None:
    """The variable that a call reads by name, as `config("SECRET_KEY", default="")` does."""
    first = node.args[0] if node.args else None
    name = first.value if isinstance(first, ast.Constant) else None
    return name if isinstance(name, str) and VARIABLE.fullmatch(name) and read_by(node.func) else None


def read_by(func: ast.expr) -> bool:
    """Whether it is a function or a method, and no class that is made."""
    return not (dotted(func) or "").rpartition(".")[2][:1].isupper()
