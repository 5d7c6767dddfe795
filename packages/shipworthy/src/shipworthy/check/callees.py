"""What is called, by the path that defines it."""

import ast
from collections.abc import Iterator

from shipworthy.check.ledger import DEPTH
from shipworthy.check.members import Members, element
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.scopes import bound_in, inner_of
from shipworthy.check.sinks import METHODS, canonical


class Callees(Members):
    """Answers for one project, given what expressions are."""

    def function(self, path: str) -> Code | None:
        """A function of the project, or a method inherited from one of its classes."""
        found = self.project.functions.get(path) or self.inherited.get(path)
        holder, _, name = path.rpartition(".")
        return found or (self.find_method(holder, name) if holder in self.project.classes else None)

    def callee(self, func: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The path of what is called: a function, a class, or a method of the class that defines it."""
        path = self.bound(func, code, depth)
        target = self.inherited.get(path or "")
        return f"{target.owner}.{target.node.name}" if target else path

    def bound(self, func: ast.AST, code: Code, depth: int = DEPTH) -> str | None:
        """The same, of the class that a method is called on."""
        if isinstance(func, ast.Subscript):
            path = self.bound(func.value, code, depth)
            found = path if path in self.project.classes else None  # `Repository[Item](session)`
            return found or self.run_by(self.infer(func, code, depth - 1))
        if isinstance(func, ast.Name):
            return self.named(func, code, depth)
        if not isinstance(func, ast.Attribute):
            return None
        if isinstance(func.value, ast.Call) and dotted(func.value.func) == "super" and code.owner:
            above = [base for base in self.bases(code.receiver or code.owner) if base != code.owner][:]
            line = self.bases(code.owner)[1:] or above
            found = next((base for base in line if f"{base}.{func.attr}" in self.project.functions), None)
            return f"{found or line[-1]}.{func.attr}" if line else None
        kind = self.infer(func.value, code, depth)
        if kind:
            return self.method(plain(kind), func.attr)
        written = dotted(func)
        return self.of_class(self.project.resolve(written, code.source)) if written else None

    def of_class(self, path: str) -> str:
        """A path whose middle may be a class: `User.get` is what `User` inherits it from."""
        holder, _, name = path.rpartition(".")
        return self.method(holder, name) if holder in self.project.classes else canonical(path)

    def named(self, func: ast.Name, code: Code, depth: int) -> str | None:
        """The path of a plain name that is called: an inner function, an object, or what is imported."""
        path = self.project.resolve(func.id, code.source)
        if self.is_plain(path) and not self.is_local(func.id, code):
            return canonical(path)
        found = self.inner(func.id, code) or self.run_by(self.infer(func, code, depth - 1))
        return found or canonical(path)

    def is_plain(self, path: str) -> bool:
        """Whether a path is itself what is called: no value at the top of a module has it."""
        module, _, _ = path.rpartition(".")
        known = path in self.project.functions or path in self.project.classes
        return known or module not in self.project.sources

    def is_local(self, name: str, code: Code) -> bool:
        """Whether a function, or one around it, gives something to a name."""
        return any(name in bound_in(scope.node) for scope in self.scopes(code))

    def inner(self, name: str, code: Code) -> str | None:
        """The path of a function that is defined inside this one, or inside one around it."""
        for scope in self.scopes(code):
            if name in inner_of(scope.node):
                path = f"{scope.name}.{name}"
                return path if path in self.project.functions else f"{scope.owner}.{scope.node.name}.{name}"
        return None

    def scopes(self, code: Code | None) -> Iterator[Code]:
        """A function and those around it, the innermost first."""
        while code:
            yield code
            code = self.outer(code)

    def run_by(self, kind: str | None) -> str | None:
        """The path of what runs when something of a kind is called."""
        if kind and kind.startswith("type["):
            return element(kind)
        return f"{kind}.__call__" if kind and self.find_method(kind, "__call__") else kind

    def method(self, kind: str, name: str) -> str:
        """The path of a method: in the class of the project that has it, else in a library's."""
        found = self.find_method(kind, name)
        if found:
            return found.name
        foreign = [base for base in self.bases(kind) if base not in self.project.classes and "." in base]
        inherits = kind in self.project.classes
        known = [base for base in foreign if base in METHODS] if inherits else []
        return f"{[*known, *(foreign if inherits else []), kind][0]}.{name}"


def plain(kind: str) -> str:
    """A class, for a variable that holds it or an object of it."""
    return kind[len("type[") : -1] if kind.startswith("type[") else kind
