"""The application as it is when imported, compared with what was found in its source."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from shipworthy.check.builtin import UNSEEN, UNSERVED
from shipworthy.check.finding import Finding, Report, RouteName, Span
from shipworthy.check.places import relative
from shipworthy.check.plan import Plan, relative_to_here
from shipworthy.check.selection import UsageError

PATIENCE = 120  # seconds for the import
# As text: run as a file, its folder would come first among the places of imports, with our `types.py` in it.
PROBE = Path(__file__).with_name("probe.py").read_text(encoding="utf-8")
WORDS = 20  # lines of a failed import that are shown


@dataclass(frozen=True)
class Served:
    """A route of the running application."""

    method: str
    path: str
    handler: str
    file: Path
    line: int


def compare(report: Report, todo: Plan, app: str, python: str | None) -> Report:
    """Routes that are on one side only are findings."""
    served = import_app(app, python or own_python(todo.config.root), todo.config.root)
    codes = {rule.code for rule in todo.rules} - todo.ignore
    told = [
        each
        for each in differences(report.declared, served, todo.config.root)
        if each.code in codes and not todo.scope.hides(each)
    ]
    told.sort(key=lambda each: (str(each.path), each.line, each.code))
    return replace(report, findings=[*told, *report.findings])


def differences(declared: tuple[RouteName, ...], served: list[Served], root: Path) -> Iterator[Finding]:
    """Served but not found in the project's files, and found but not served."""
    known = {(route.file.resolve(), route.handler, route.method) for route in declared}
    running = {(route.file, route.handler, route.method) for route in served}
    for route in served:
        if (route.file, route.handler, route.method) not in known and own(route.file, root):
            message = (
                f"`{route.method} {route.path}` is served by `{route.handler}` and not seen in the source"
            )
            yield told(
                UNSEEN.code,
                UNSEEN.name,
                message,
                Span(relative_to_here(route.file), route.line, end_line=route.line),
                root,
            )
    for each in declared:
        if (each.file.resolve(), each.handler, each.method) not in running:
            message = f"`{each}` is declared, but the application does not serve it"
            yield told(UNSERVED.code, UNSERVED.name, message, replace(each.span, label=""), root)


def told(code: str, name: str, message: str, span: Span, root: Path) -> Finding:
    """A difference as a finding."""
    print_ = f"{code}:{relative(span.path, root)}:{message}"
    return Finding(code, name, message, span, severity="warning", fingerprint=print_)


def own(file: Path, root: Path) -> bool:
    """Whether it is the project's file: routes that libraries bring are theirs to check."""
    return file.is_relative_to(root) and "site-packages" not in file.parts


def own_python(root: Path) -> str:
    """The Python of the project's environment, or this one."""
    folder = "Scripts" if os.name == "nt" else "bin"
    environments = [os.environ.get("VIRTUAL_ENV"), str(root / ".venv"), str(root / "venv")]
    candidates = [Path(each, folder, "python") for each in environments if each]
    return next((str(each) for each in candidates if each.exists()), sys.executable)


def import_app(app: str, python: str, root: Path) -> list[Served]:
    """Its routes, asked of a process of its own."""
    if ":" not in app:
        raise UsageError(f"--app must be MODULE:ATTR, as in app.main:app, not {app!r}")
    with TemporaryDirectory(prefix="shipworthy-") as folder:
        answer = Path(folder, "routes.json")
        command = [python, "-c", PROBE, app, str(answer), str(Path.cwd()), str(root)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ImportRefused(f"cannot import {app}: {error}") from None
        if done.returncode or not answer.exists():
            words = "\n".join(done.stderr.strip().splitlines()[-WORDS:])
            raise ImportRefused(f"cannot import {app} with {python}:\n{words}")
        routes = json.loads(answer.read_text(encoding="utf-8"))
    return [Served(**each | {"file": Path(each["file"]).resolve()}) for each in routes]


class ImportRefused(Exception):
    """The application cannot be imported, so nothing was compared."""
