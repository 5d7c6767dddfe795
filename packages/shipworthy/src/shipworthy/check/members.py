"""The classes of variables, parameters and attributes, and of what functions return."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from shipworthy.check.ledger import DEPTH
from shipworthy.check.nodes import dotted, inside
from shipworthy.check.project import Code
from shipworthy.check.scopes import (
    all_of,
    declared_of,
    locals_of,
    loops_of,
    own_attributes,
    parameters,
    top_of,
)
from shipworthy.check.source import Source
from shipworthy.check.stores import Stores

PROPERTIES = {"property", "cached_property", "hybrid_property", "computed_field"}


class Members(Stores):
    """Answers for one project, given what expressions are."""

    def given(self, name: str, code: Code) -> str | None:
        """What callers pass to a parameter."""
        raise NotImplementedError

    def outer(self, code: Code) -> Code | None:
        """The function around a function."""
        return self.project.functions.get(code.name.rpartition(".")[0])

    def local(self, node: ast.Name, code: Code, depth: int) -> str | None:
        """The class of a parameter or a local variable, or of one of the function around."""
        kind, name = None, node.id
        if name in parameters(code.node):
            annotation, default = parameters(code.node)[name]
            kind = self.parameter(annotation, default, code, depth)
            kind = kind or (None if annotation else self.given(name, code))
        given = None if kind else self.best(before(node, locals_of(code.node).get(name, [])), code, depth)
        declared = None if kind else declared_of(code.node).get(name)
        if declared and (not given or "()" in given):  # what a call gives may be anything
            given = self.annotation(declared, code.source) or given
        kind = kind or given
        loop = None if kind else loops_of(code.node).get(name)
        if loop and not inside(node, loop):
            kind = element(self.infer(loop, code, depth - 1))
        around = None if kind else self.outer(code)
        return self.local(node, around, depth - 1) if around else kind

    def best(self, values: list[ast.expr], code: Code, depth: int) -> str | None:
        """The first of several values whose class is known for certain."""
        kinds = [kind for value in values if (kind := self.infer(value, code, depth - 1))]
        return next((kind for kind in kinds if not kind.endswith(")")), next(iter(kinds), None))

    def returns(self, code: Code, depth: int = DEPTH) -> str | None:
        """What a function returns or yields: as annotated, else as written."""
        return self.ledger.answer((code,), depth, self.answered)

    def answered(self, code: Code, depth: int) -> str | None:
        """The same, worked out."""
        annotated = self.annotation(code.node.returns, code.source) if code.node.returns else None
        found = self.really(annotated, list(answers(code)), code, depth)
        return found or next(self.returned_class(code), None)

    def returned_class(self, code: Code) -> Iterator[str]:
        """The class, not an object of it, that a function returns."""
        for each in answers(code):
            name = dotted(each)
            paths = (f"{code.name}.{name}", self.project.resolve(name, code.source)) if name else ()
            yield from (f"type[{path}]" for path in paths if path in self.project.classes)

    def value(self, path: str, depth: int) -> str | None:
        """The class of a value at the top of a module."""
        module, _, name = path.rpartition(".")
        source = self.project.sources.get(module)
        if not source:
            return None
        kind = self.annotation(source.annotations.get(name), source)
        if name in source.values:
            kind = self.really(kind, [source.values[name]], top_of(source), depth)
        for setter in source.globals.get(name, ()):
            code = self.project.functions.get(f"{module}.{setter}")
            kind = self.really(kind, locals_of(code.node).get(name, []), code, depth) if code else kind
        return kind

    def really(self, declared: str | None, values: list[ast.expr], code: Code, depth: int) -> str | None:
        """The class that values have; where one is declared, that or the only one below it."""
        if not declared:
            return self.best(values, code, depth)
        below = set(self.inheritors(declared))
        kinds = {self.infer(value, code, depth - 1) for value in values} & below if below else set()
        return kinds.pop() if len(kinds) == 1 else declared

    def state(self, name: str, depth: int) -> str | None:
        """The class of `app.state.x`, wherever that is set."""
        for source in self.project.sources.values():
            for each, where, value in source.states:
                code = self.project.functions.get(f"{source.module}.{where}") or top_of(source)
                kind = self.infer(value, code, depth - 1) if each == name else None
                if kind:
                    return kind
        return None

    def member(self, owner: str, name: str, depth: int) -> str | None:
        """The class of an attribute: declared in the class, a property, or set by a method."""
        for base in self.bases(owner):
            if base in self.project.classes:
                node, source = self.project.classes[base]
                kind = self.declared(node, source, name, depth) or self.set_by_method(
                    owner, base, name, depth
                )
                if kind:
                    return kind
        method = self.find_method(owner, name)
        if method and any(written(each) in PROPERTIES for each in method.node.decorator_list):
            return self.returns(method, depth - 1)
        return None

    def declared(self, node: ast.ClassDef, source: Source, name: str, depth: int) -> str | None:
        """What the body of a class says about an attribute."""
        for line in node.body:
            match line:
                case ast.AnnAssign(ast.Name(id), annotation, value) if id == name:
                    return self.parameter(annotation, value, top_of(source), depth)
                case ast.Assign([ast.Name(id)], value) if id == name:
                    return self.parameter(None, value, top_of(source), depth)
        return None

    def set_by_method(self, owner: str, base: str, name: str, depth: int) -> str | None:
        """What the methods of a class give to an attribute, even those that an heir has its own of."""
        for method, annotation, value in own_attributes(self.project.classes[base][0]).get(name, ()):
            found = self.project.functions.get(f"{base}.{method}")
            code = replace(found, receiver=owner) if found and base != owner else found
            kind = self.annotation(annotation, code.source) if annotation and code else None
            kind = self.really(kind, [value], code, depth) if value and code else kind
            if kind:
                return kind
        return None


def before(node: ast.Name, values: list[ast.expr]) -> list[ast.expr]:
    """What a name is worth where it stands: inside of what is given to it, only what it was given before."""
    around = next((each for each in values if inside(node, each)), None)
    return [each for each in values if each.lineno < around.lineno] if around else values


def answers(code: Code) -> Iterator[ast.expr]:
    """What a function returns or yields."""
    for node in reversed(all_of(code.node, ast.Return, ast.Yield)):
        if node.value:
            yield node.value


def element(kind: str | None, place: object = None) -> str | None:
    """What is in a list or dictionary, or at a place of a tuple; else what a loop runs through."""
    if not kind or not kind.endswith("]"):
        return kind
    within = kind.partition("[")[2][:-1]
    if not kind.startswith("tuple["):
        return within or None
    row = within.split(";")
    return next(filter(None, row[place:][:1] if isinstance(place, int) else row), None)


def written(node: ast.expr) -> str:
    """The last name of a decorator."""
    return (dotted(node.func if isinstance(node, ast.Call) else node) or "").rpartition(".")[2]
