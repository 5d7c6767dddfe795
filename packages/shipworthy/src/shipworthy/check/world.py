"""What is known about a project, for every rule to ask."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shipworthy.check.added import Added
from shipworthy.check.assembly import imported, targets
from shipworthy.check.blocking import Blocking
from shipworthy.check.called import Called
from shipworthy.check.database import Database
from shipworthy.check.needs import below
from shipworthy.check.project import Code, Project
from shipworthy.check.reach import reached
from shipworthy.check.routes import Route, find
from shipworthy.check.rows import Rows
from shipworthy.check.source import Source
from shipworthy.check.types import Types
from shipworthy.check.values import Values
from shipworthy.check.walk import App, Dependency, Seen, walk


@dataclass(frozen=True)
class World:
    """What is known about the project, for every rule to ask."""

    project: Project
    types: Types
    blocking: Blocking
    routes: list[Route]
    marks: frozenset[str] | None = None  # what the calls say that rules ask for

    @cached_property
    def values(self) -> Values:
        """What expressions may be worth."""
        return Values(self.project, self.types)

    @cached_property
    def database(self) -> Database:
        """What talks to a database."""
        return Database(self.project, self.types)

    @cached_property
    def rows(self) -> Rows:
        """Which expressions give rows."""
        return Rows(self.database)

    @cached_property
    def added(self) -> Added:
        """What functions add to the database."""
        return Added(self.rows)

    @cached_property
    def reached(self) -> dict[str, Code]:
        """The functions that a request may run."""
        depended = [self.project.functions[name] for name in self.asked]
        return reached([*(route.code for route in self.routes), *depended], self.blocking.calls)

    @cached_property
    def served(self) -> dict[str, Code]:
        """The functions that route handlers call, directly or not."""
        return reached([route.code for route in self.routes], self.blocking.calls)

    @cached_property
    def routed(self) -> set[Source]:
        """The files that hold routes."""
        return {route.code.source for route in self.routes}

    @cached_property
    def serving(self) -> set[Source]:
        """The files whose functions a request may run."""
        return {code.source for code in self.reached.values()} | self.routed

    @cached_property
    def running(self) -> dict[Source, list[Code]]:
        """The functions that a request may run, by their file."""
        found: dict[Source, list[Code]] = {}
        for code in {code.node: code for code in self.reached.values()}.values():
            found.setdefault(code.source, []).append(code)
        return found

    @cached_property
    def route_folders(self) -> set[Path]:
        """The folders that hold routes, at any depth."""
        return {folder for source in self.routed for folder in source.path.parents}

    @cached_property
    def beside(self) -> set[Source]:
        """The files that hold dependencies."""
        return {self.project.functions[name].source for name in self.depended}

    def files_of(self, app: App) -> set[Source]:
        """What an application is put together from: what its file imports, or what imports that."""
        if app.source in self.routed:
            return imported(app.source, self.project)
        users = (each for each in self.project.sources.values() if app.source in targets(each, self.project))
        return imported(app.source, self.project).union(*(imported(each, self.project) for each in users))

    @cached_property
    def assembled(self) -> set[Source]:
        """The files that an application imports, and those that hold routes."""
        return self.routed.union(*(imported(app.source, self.project) for app in self.apps))

    @cached_property
    def apps(self) -> list[App]:
        """Where applications are made that routes are put into; if none is known to be one, all."""
        found = [seen for seen, _ in self.seen if isinstance(seen, App)]
        return [each for each in found if each.source in self.routed or each.is_assembled] or found

    @cached_property
    def needed(self) -> set[str]:
        """The functions that asynchronous routes depend on, directly or not."""
        needs = [need for route in self.routes if route.is_async for need in route.dependencies]
        found = [each.provider for need in needs for each in below(need, self.types)]
        return {provider.name for provider in found if provider}

    @cached_property
    def asked(self) -> dict[str, ast.Call]:
        """The functions that `Depends` names, each with the first that does."""
        found = [seen for seen, _ in self.seen if isinstance(seen, Dependency)]
        found.sort(key=lambda each: (str(each.source.path), each.node.lineno), reverse=True)
        return {each.target: each.node for each in found if each.target in self.project.functions}

    @property
    def depended(self) -> set[str]:
        """The functions that `Depends` names."""
        return set(self.asked)

    @cached_property
    def called(self) -> Called:
        """The functions that are called by their name, and not by FastAPI only."""
        return Called(self.project)

    @cached_property
    def seen(self) -> list[tuple[Seen, Source]]:
        """Everything in the files that a rule can ask for."""
        return list(walk(self.project, self.types, self.marks))


def study(project: Project, marks: frozenset[str] | None = None) -> World:
    """Work out types, routes and what blocks."""
    types = Types(project)
    return World(project, types, Blocking(project, types), list(find(project, types)), marks)
