"""`make docs`: what the code knows best is written by the code. A test compares the files with it."""

from collections.abc import Iterator

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from app import tasks
from app.core.config import Settings
from app.core.errors import DomainError
from app.core.problem_details import kind_of, phrase
from dev.pages import rewrite
from dev.run import DEFAULTS  # and with it and the tasks the whole app, so that every error is known

JOBS = tasks.TASKS  # imported for their errors, which no route raises
PREFIX = "APP_"
# Errors that no class of ours stands for: the framework or a layer around the routes makes them.
FRAMEWORK = {
    400: "The Host header names no host of `APP_HTTP_ALLOWED_HOSTS`, the origin of a CORS preflight is not "
    "one of `APP_HTTP_CORS_ORIGINS`, or a form cannot be parsed.",
    404: "There is no such route.",
    405: "The route does not take this method; `Allow` names those it takes.",
    413: "The body is larger than `APP_HTTP_MAX_BODY_BYTES`.",
    416: "The docs page was asked for a part of a file that it does not have.",
    500: "The service failed. The answer does not say why; the log line with the same request id does.",
}
FOR_RUN = {
    "PORT": "Port of the API.",
    "ADMIN_EMAIL": "The administrator that the first run creates.",
    "ADMIN_PASSWORD": "Their password.",
}


def variables(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> Iterator[tuple[str, FieldInfo]]:
    """Each environment variable and the setting it fills; a group's own variables follow its line."""
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from variables(type(field.default), f"{prefix}{name}_".upper())
        else:
            yield str(field.validation_alias or f"{prefix}{name}".upper()), field


def default(field: FieldInfo) -> str:
    """A default as one would write it into the environment."""
    value = field.default
    if field.is_required() or value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def settings_table() -> str:
    """The settings, one a row."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in variables():
        shown = "required" if field.is_required() else f"`{default(field)}`" if default(field) else "unset"
        rows.append(f"| `{name}` | {shown} | {field.description} |")
    return "\n".join(rows)


def example_environment() -> str:
    """The settings as a commented `.env` file."""
    blocks = [f"# {meaning}\n#{name}={DEFAULTS[name]}" for name, meaning in FOR_RUN.items()]
    blocks += [
        f"# {field.description}\n#{name}={DEFAULTS.get(name, default(field))}" for name, field in variables()
    ]
    return "\n\n".join(blocks)


def error_pages() -> str:
    """Each problem type under a heading of its own, by status."""
    entries = [(status, kind_of(status), text) for status, text in FRAMEWORK.items()]
    entries += [(int(each.status), each.type, each.__doc__ or "") for each in concrete_errors(DomainError)]
    blocks: list[str] = []
    heading = 0
    for status, kind, text in sorted(entries):
        if status != heading:
            blocks.append(f"## {status} {phrase(status)}")
            heading = status
        blocks.append(f"### {kind}\n\n{' '.join(text.split())}")
    return "\n\n".join(blocks)


def concrete_errors(family: type[DomainError]) -> Iterator[type[DomainError]]:
    """The service's errors that have no more special ones; tests may define errors of their own."""
    children = [each for each in family.__subclasses__() if each.__module__.startswith("app.")]
    for each in children:
        yield from concrete_errors(each)
    if not children:
        yield family


PAGES = {
    "docs/configuration.md": settings_table,
    "docs/errors.md": error_pages,
    ".env.example": example_environment,
}


if __name__ == "__main__":
    rewrite(PAGES)
