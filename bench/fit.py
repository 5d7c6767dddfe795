"""The exponent of a growth, cost = constant * size ** exponent: least squares over the logarithms."""

import math
from collections.abc import Mapping
from statistics import linear_regression

FLAT = 0.05  # below this, ten times the size costs less than an eighth more


def exponent(costs: Mapping[int, float]) -> float:
    """0 is flat, 1 grows with the size, 2 with its square."""
    sizes = [math.log(size) for size in costs]
    return linear_regression(sizes, [math.log(max(cost, 1e-9)) for cost in costs.values()]).slope


def slope(costs: Mapping[int, float]) -> float:
    """What one more costs."""
    return linear_regression(list(costs), list(costs.values())).slope


def verdict(found: float) -> str:
    """In a word."""
    return "flat" if abs(found) < FLAT else f"{found:+.2f}"
