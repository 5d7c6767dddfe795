"""Whether a route answers with JSON, or with a page, a file or a redirect."""

from shipworthy.check.nodes import dotted
from shipworthy.check.responses import family, kinds, refuses, returned
from shipworthy.check.routes import Route
from shipworthy.check.rule import World


def speaks_json(route: Route, world: World) -> bool:
    """Whether its answers could have a schema."""
    return not (is_page(route, world) or answers_no_json(route, world))


def is_page(route: Route, world: World) -> bool:
    """Whether the decorator or its router names a class of response that is no JSON."""
    router = getattr(route.decorator.func, "value", None)
    made = world.values.made_of(router, route.code)
    default = next((each.value for each in made if each.arg == "default_response_class"), None)
    path = dotted(route.option("response_class") or default)
    return bool(path) and family(world.project.resolve(path or "", route.code.source), world.types) == "other"


def answers_no_json(route: Route, world: World) -> bool:
    """Whether every answer is a page, a file, a redirect or another response without a model."""
    answers = [value for value in returned(route.code) if not refuses(value)]
    found = [kind for value in answers for kind in kinds(value, route.code, world.project, world.types)]
    return bool(found) and all(family(kind, world.types) == "other" for kind in found)
