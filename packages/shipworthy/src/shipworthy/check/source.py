"""One file of the project: its text, its tree and what its names stand for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(eq=False)
class Source:
    """A parsed module."""

    path: Path
    module: str
    text: str
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    values: dict[str, ast.expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Collect the imports of the file and the values of its top level."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                self.imports.update(plain(node))
            elif isinstance(node, ast.ImportFrom):
                self.import_from(node)
        for statement in self.tree.body:
            self.values.update(assigned(statement))

    @property
    def lines(self) -> list[str]:
        """Its lines as the parser counts them."""
        return self.text.split("\n")

    def import_from(self, node: ast.ImportFrom) -> None:
        """Remember what `from x import y` brings."""
        package = self.module.split(".")
        if self.path.name != "__init__.py":
            package = package[:-1]
        base = package[: len(package) - node.level + 1] if node.level else []
        origin = ".".join([*base, *filter(None, [node.module])])
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(origin)
            else:
                self.imports[alias.asname or alias.name] = f"{origin}.{alias.name}"


def plain(node: ast.Import) -> Iterator[tuple[str, str]]:
    """What `import x` brings."""
    for alias in node.names:
        top = alias.name.partition(".")[0]
        yield (alias.asname, alias.name) if alias.asname else (top, top)


def assigned(statement: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The plain names a statement gives a value to."""
    match statement:
        case ast.Assign(targets=[ast.Name(name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
            yield name, value
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if isinstance(item.optional_vars, ast.Name):
                    yield item.optional_vars.id, item.context_expr


def dotted(node: ast.AST | None) -> str | None:
    """The text of `a.b.c`, and nothing for any other expression."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value, name):
            head = dotted(value)
            return f"{head}.{name}" if head else None
    return None


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes that run when the function runs: not those of functions defined inside it."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            todo.extend(ast.iter_child_nodes(node))
