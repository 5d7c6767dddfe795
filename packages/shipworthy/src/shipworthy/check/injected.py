"""What `Depends` gives to parameters and attributes."""

import ast

from shipworthy.check.annotations import Annotations
from shipworthy.check.ledger import DEPTH
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import all_of, inner_of, top_of
from shipworthy.check.source import Source


class Injected(Annotations):
    """Answers for one project, given what expressions are."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.inherited: dict[str, Code] = {}

    def infer(self, node: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The class of an expression."""
        raise NotImplementedError

    def callee(self, func: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The path of what is called."""
        raise NotImplementedError

    def made(self, callee: str | None, depth: int = DEPTH) -> str | None:
        """What a call gives."""
        raise NotImplementedError

    def returns(self, code: Code, depth: int = DEPTH) -> str | None:
        """What a function returns or yields."""
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
        if named is None:
            return None
        if isinstance(named, ast.Lambda):
            return self.infer(named.body, top_of(source), depth - 1)
        code = self.provider(named, source, depth - 1)
        if code:
            return self.returns(code, depth - 1)
        path = self.callee(named, top_of(source), depth - 1)
        if path in self.project.classes or not self.project.known(path or ""):
            return self.made(path, depth)
        return self.annotation(named, source)  # an alias of what is injected, given to `Depends` once more

    def provider(self, named: ast.expr, source: Source, depth: int = DEPTH) -> Code | None:
        """The function behind what `Depends` names: a function, what a factory returns, a callable object."""
        top = top_of(source)
        path = self.callee(named, top, depth)
        if path in self.project.functions:
            return self.project.functions[path]
        if isinstance(named, ast.Call):
            factory = self.project.functions.get(self.callee(named.func, top, depth) or "")
            found = self.inner_returned(factory) if factory else None
            if found:
                return found
        kind = None if path in self.project.classes else self.infer(named, top, depth)
        return self.find_method(kind, "__call__") if kind else None

    def inner_returned(self, factory: Code) -> Code | None:
        """The function that a function makes and returns."""
        for node in all_of(factory.node, ast.Return):
            if isinstance(node.value, ast.Name) and node.value.id in inner_of(factory.node):
                return self.project.functions.get(f"{factory.name}.{node.value.id}")
        return None
