"""What a dependency or a context manager does after its `yield`."""

import ast

from shipworthy.check.source import Function, own_nodes


def yields(function: Function) -> bool:
    """Whether it is a generator."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function))
