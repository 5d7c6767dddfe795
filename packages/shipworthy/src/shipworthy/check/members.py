"""The classes of variables, parameters and attributes, and of what functions return."""

import ast
from collections.abc import Iterator

from shipworthy.check.annotations import DEPTH, Annotations
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import (
    all_of,
    inner_of,
    locals_of,
    loops_of,
    own_attributes,
    parameters,
    top_of,
)
from shipworthy.check.source import Source, dotted

PROPERTIES = {"property", "cached_property", "hybrid_property", "computed_field"}


class Members(Annotations):
    """Answers for one project, given what expressions are."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.returned: dict[Code, str | None] = {}
        self.inherited: dict[str, Code] = {}
        self.given: dict[tuple[ast.AST, str], str] = {}  # what callers pass to a parameter without annotation

    def infer(self, node: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The class of an expression."""
        raise NotImplementedError

    def callee(self, func: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The path of what is called."""
        raise NotImplementedError

    def find_method(self, kind: str, name: str) -> Code | None:
        """A method of the project, bound to the class it is called on."""
        for base in self.bases(kind):
            code = self.project.functions.get(f"{base}.{name}")
            if code and base == kind:
                return code
            if code:
                path = f"{kind}.{name}"
                bound = Code(path, code.node, code.source, code.owner, code.receiver or kind)
                return self.inherited.setdefault(path, bound)
        return None

    def outer(self, code: Code) -> Code | None:
        """The function around a function."""
        return self.project.functions.get(code.name.rpartition(".")[0])

    def local(self, name: str, code: Code, depth: int) -> str | None:
        """The class of a parameter or a local variable, or of one of the function around."""
        kind = None
        if name in parameters(code.node):
            annotation, default = parameters(code.node)[name]
            kind = self.parameter(annotation, default, code, depth) or self.given.get((code.node, name))
        kind = kind or self.best(locals_of(code.node).get(name, []), code, depth)
        if not kind and name in loops_of(code.node):
            kind = element(self.infer(loops_of(code.node)[name], code, depth - 1))
        around = self.outer(code)
        return kind or (self.local(name, around, depth - 1) if around and depth else None)

    def best(self, values: list[ast.expr], code: Code, depth: int) -> str | None:
        """The first of several values whose class is known for certain."""
        kinds = [kind for value in values if (kind := self.infer(value, code, depth - 1))]
        return next((kind for kind in kinds if not kind.endswith(")")), next(iter(kinds), None))

    def parameter(
        self, annotation: ast.expr | None, default: ast.expr | None, code: Code, depth: int
    ) -> str | None:
        """What is injected, which may be other than what is written; else what is written."""
        written = self.annotation(annotation, code.source) if annotation else None
        node, source = self.spelled(annotation, code.source)
        call = self.depends(default, code.source) or self.depends(node, source)
        injected = (
            self.provided(call, source if call is not default else code.source, depth) if call else None
        )
        if injected and not injected.endswith(")") and not (written and injected in self.bases(written)):
            return injected
        return written or injected or (self.infer(default, code, depth - 1) if default else None)

    def provided(self, call: ast.Call, source: Source, depth: int) -> str | None:
        """What a `Depends(...)` gives."""
        named = (
            call.args[0]
            if call.args
            else next((k.value for k in call.keywords if k.arg == "dependency"), None)
        )
        if named is None or depth <= 0:
            return None
        if isinstance(named, ast.Lambda):
            return self.infer(named.body, top_of(source), depth - 1)
        code = self.provider(named, source)
        if code:
            return self.returns(code, depth - 1)
        path = self.callee(named, top_of(source))
        if path in self.project.classes or not self.project.known(path or ""):
            return self.made(path, depth)
        return self.annotation(named, source)  # an alias of what is injected, given to `Depends` once more

    def provider(self, named: ast.expr, source: Source) -> Code | None:
        """The function behind what `Depends` names: a function, what a factory returns, a callable object."""
        top = top_of(source)
        path = self.callee(named, top)
        if path in self.project.functions:
            return self.project.functions[path]
        if isinstance(named, ast.Call):
            factory = self.project.functions.get(self.callee(named.func, top) or "")
            found = self.inner_returned(factory) if factory else None
            if found:
                return found
        kind = None if path in self.project.classes else self.infer(named, top)
        return self.find_method(kind, "__call__") if kind else None

    def inner_returned(self, factory: Code) -> Code | None:
        """The function that a function makes and returns."""
        for node in all_of(factory.node, ast.Return):
            if isinstance(node.value, ast.Name):
                if node.value.id in inner_of(factory.node):
                    return self.project.functions.get(f"{factory.name}.{node.value.id}")
        return None

    def made(self, callee: str | None, depth: int = DEPTH) -> str | None:
        """What a call gives."""
        raise NotImplementedError

    def returns(self, code: Code, depth: int = DEPTH) -> str | None:
        """What a function returns or yields: as annotated, else as written."""
        if code not in self.returned:
            self.returned[code] = None  # while it is worked out
            annotated = self.annotation(code.node.returns, code.source) if code.node.returns else None
            found = annotated or self.best(list(answers(code)), code, depth)
            self.returned[code] = found or next(self.returned_class(code), None)
        return self.returned[code]

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
        if not kind and name in source.values:
            kind = self.infer(source.values[name], top_of(source), depth - 1)
        for setter in () if kind else source.globals.get(name, ()):
            code = self.project.functions.get(f"{module}.{setter}")
            kind = kind or (self.best(locals_of(code.node).get(name, []), code, depth) if code else None)
        return kind

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
                    owner, node, name, depth
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

    def set_by_method(self, owner: str, node: ast.ClassDef, name: str, depth: int) -> str | None:
        """What methods give to an attribute."""
        for method, annotation, value in own_attributes(node).get(name, ()):
            code = self.find_method(owner, method)
            kind = self.annotation(annotation, code.source) if annotation and code else None
            kind = kind or (self.infer(value, code, depth - 1) if value and code else None)
            if kind:
                return kind
        return None


def answers(code: Code) -> Iterator[ast.expr]:
    """What a function returns or yields."""
    for node in reversed(all_of(code.node, ast.Return, ast.Yield)):
        if node.value:
            yield node.value


def element(kind: str | None) -> str | None:
    """What is in a list or dictionary; what a loop over anything else runs through is what it yields."""
    if kind and kind.endswith("]"):
        return kind.partition("[")[2][:-1] or None
    return kind


def written(node: ast.expr) -> str:
    """The last name of a decorator."""
    return (dotted(node.func if isinstance(node, ast.Call) else node) or "").rpartition(".")[2]
