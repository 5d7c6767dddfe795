"""What callers pass to parameters that have no annotation."""

import ast
import re
from collections.abc import Iterator

from shipworthy.check.callees import Callees
from shipworthy.check.manners import decorators, is_abstract
from shipworthy.check.nodes import dotted, every
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import parameters
from shipworthy.check.sites import Sites

STAND_IN = re.compile(r"\.(Fake|Mock|Dummy|Stub|Null|No_?[oO]p|Test)[^.]*$")


class Passed(Callees):
    """Answers for one project, given what expressions are."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.sites = Sites(project)

    def given(self, name: str, code: Code) -> str | None:
        """What the first caller passes of which that is known, in the order of paths and lines."""
        if name in list(parameters(code.node))[: is_bound(code)]:
            return None
        if code.receiver:  # whatever it is called on, its callers are the same
            code = self.project.functions.get(f"{code.owner}.{code.node.name}", code)
        return self.ledger.ask_callers((name, code), self.first)

    def first(self, name: str, code: Code, _: int) -> str | None:
        """The same, worked out."""
        return next(self.kinds(name, code), None) or (self.wrapped(code) if name == "self" else None)

    def wrapped(self, code: Code) -> str | None:
        """The class of the first method that a function is put around by a decorator."""
        maker = code
        while around := self.outer(maker):
            maker = around
        for method in self.sites.decorated.get(maker.node.name, ()) if maker is not code else ():
            named = (dotted(getattr(each, "func", each)) or "" for each in method.node.decorator_list)
            if any(self.project.resolve(each, method.source) == maker.name for each in named):
                return method.owner
        return None

    def kinds(self, name: str, code: Code) -> Iterator[str]:
        """The classes of what callers pass."""
        for call, caller in self.sites.of(self.called_as(code)):
            value = argument(call, name, code)
            if value is None or isinstance(value, ast.Constant) or not self.seems(call, caller, code):
                continue
            for each in self.views(caller, code, value):
                kind = self.infer(value, each) if self.calls(call, each, code) else None
                if kind and kind not in self.project.functions:  # what is called back, each caller knows
                    yield kind

    def called_as(self, code: Code) -> set[str]:
        """The names that a function may be called by."""
        if code.node.name != "__init__" or not code.owner:
            return {code.node.name}
        classes = [code.owner, *self.inheritors(code.owner)]
        return {"__init__", "cls", *(each.rpartition(".")[2] for each in classes)}

    def seems(self, call: ast.Call, caller: Code, code: Code) -> bool:
        """Whether a call may run a function, as far as names alone say: most are of others of its name."""
        written = dotted(call.func)
        if isinstance(call.func, ast.Name) and code.node.name != "__init__" and caller.source is code.source:
            return True  # which may be inside another
        path = self.project.resolve(written, caller.source) if written else None
        return path == code.name if path in self.project.functions or not code.owner else True

    def calls(self, call: ast.Call, caller: Code, code: Code) -> bool:
        """Whether a call runs a function."""
        return any(each.node is code.node for each in self.targets(self.bound(call.func, caller)))

    def views(self, caller: Code, code: Code, value: ast.expr) -> Iterator[Code]:
        """A caller as it is, and as its heirs have it where it says `self`."""
        yield caller
        if not caller.owner or caller.owner not in self.project.classes:
            return
        heirs = self.inheritors(caller.owner)
        if code.owner not in heirs and not any(
            isinstance(each, ast.Name) and each.id == "self" for each in every(value)
        ):
            return
        for heir in [code.owner] if code.owner in heirs else heirs:
            found = self.find_method(heir, caller.node.name)
            if found and found.node is caller.node:
                yield found

    def targets(self, path: str | None) -> Iterator[Code]:
        """The functions of the project that a path runs: the one that fills in an abstract one, too."""
        if path in self.project.classes:
            path = f"{path}.__init__"
        code = self.function(path) if path else None
        if code and code.owner and is_abstract(code):
            found = self.fillers(path)
            yield from found if len(found) == 1 else ()
        elif code:
            yield code

    def fillers(self, path: str | None) -> list[Code]:
        """The methods that fill in an abstract one; those of stand-ins do not count."""
        code = self.function(path) if path else None
        if not code or not code.owner or not is_abstract(code):
            return []
        heirs = [each for each in self.inheritors(code.owner) if not STAND_IN.search(each)]
        functions = self.project.functions
        found = [functions.get(f"{each}.{code.node.name}") for each in heirs]
        return [each for each in found if each and not is_abstract(each)]


def is_bound(code: Code) -> bool:
    """Whether its first parameter is the object or the class that it is called on."""
    own = code.receiver or code.name.partition(":")[0] == f"{code.owner}.{code.node.name}"
    return bool(code.owner and own) and "staticmethod" not in decorators(code.node)


def argument(call: ast.Call, name: str, code: Code) -> ast.expr | None:
    """What a call passes to a parameter."""
    named = next((each.value for each in call.keywords if each.arg == name), None)
    positional = list(parameters(code.node))[is_bound(code) :]
    place = positional.index(name) if name in positional else len(call.args)
    starred = any(isinstance(each, ast.Starred) for each in call.args[: place + 1])
    return named or (None if starred or place >= len(call.args) else call.args[place])
