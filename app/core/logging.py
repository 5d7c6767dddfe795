"""Logs: one JSON object a line, ours and the server's alike; a readable form for development.

Text of a client never becomes part of a message, and everything outside ASCII is escaped, so that one record
is one line whatever it carries.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeAlias

from asyncpg import PostgresError

from app.core.setting_groups import LogSettings

ExceptionInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)

# Commands say themselves what went wrong; without a handler Python would repeat it on standard error.
logging.getLogger("app").addHandler(logging.NullHandler())
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
job_id: ContextVar[int | None] = ContextVar("job_id", default=None)

# What no line of ours shows, and every record would be asked for (Python's Logging HOWTO, "Optimization").
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None  # noqa: SLF001 - that page names it
ENCODER = json.JSONEncoder(default=str)
# What every record has; the rest came in through `extra`.
BUILT_IN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def extras(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller added to the record, and the ids of the request and the job it belongs to."""
    found = {key: value for key, value in vars(record).items() if key not in BUILT_IN}
    for variable in (request_id, job_id):
        if (current := variable.get()) is not None:
            found.setdefault(variable.name, current)
    return found


class Formatter(logging.Formatter):
    """Renders tracebacks without the rows that PostgreSQL quotes, password hashes and all."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the library's name
        """Render the chain of exceptions."""
        text, error = super().formatException(ei), ei[1]
        while error is not None:
            if isinstance(error, PostgresError) and error.detail:
                text = text.replace(error.detail, "(hidden)")
            error = error.__cause__ or error.__context__
        return text


class JsonFormatter(Formatter):
    """A record as one line of ASCII JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Render; values that JSON does not know are rendered as text."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **extras(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return ENCODER.encode(line)


class ConsoleFormatter(Formatter):
    """A record for a person: time, level, message, then the extras."""

    def format(self, record: logging.LogRecord) -> str:
        """Render; only a traceback takes more than one line."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        details = " ".join(f"{key}={_readable(value)}" for key, value in extras(record).items())
        line = f"{time} {record.levelname.lower():<7} {_printable(record.getMessage())} {details}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _printable(text: str) -> str:
    return json.dumps(text)[1:-1]


def _readable(value: object) -> str:
    return _printable(value) if isinstance(value, str) else json.dumps(value, default=str)


FORMATTERS = {"json": JsonFormatter, "console": ConsoleFormatter}


def log_config(settings: LogSettings) -> dict[str, Any]:
    """A ``logging.config`` dictionary, so that the server's worker processes can apply it too."""
    level = settings.level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATTERS[settings.format]}},
        "handlers": {
            "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}
        },
        "root": {"level": "WARNING", "handlers": ["stdout"]},
        "loggers": {
            "app": {"level": level},
            "uvicorn": {"level": level},
            "alembic": {"level": level},
            "procrastinate": {"level": "CRITICAL"},  # it logs arguments; what matters we log ourselves
        },
    }
