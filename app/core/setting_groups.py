"""The settings that share a prefix."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import NoDecode


def split_commas(value: object) -> object:
    """The parts of a comma-separated value."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _origin(value: str) -> str:
    url = urlsplit(value)
    if value != "*" and (url.scheme not in {"http", "https"} or value != f"{url.scheme}://{url.netloc}"):
        raise ValueError("an origin looks like https://app.example.com, with no path")
    return value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_commas)]
Origins = Annotated[
    tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(split_commas)
]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Group(BaseModel):
    """Settings that share a prefix. A misspelt name is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def insecure(self) -> dict[str, bool]:
        """What production refuses, and whether it is so."""
        return {}


class DatabaseSettings(Group):
    """``APP_DB_*``: how the pool behaves and when the service stops waiting for PostgreSQL."""

    pool_size: int = Field(10, ge=1, le=500, description="Connections of one process.")
    pool_timeout: Seconds = Field(3, description="Seconds a request waits for a free connection before 503.")
    pool_patience: Seconds = Field(
        1.5, description="Seconds a request may have to expect to wait for one; beyond, it is 503 at once."
    )
    connect_timeout: Seconds = Field(3, description="Seconds to open a connection.")
    command_timeout: Seconds = Field(10, description="Seconds the client waits for one statement.")
    statement_timeout: Seconds = Field(8, description="Seconds the server runs one statement.")
    idle_timeout: Seconds = Field(15, description="Seconds an open transaction may idle before it is ended.")
    lock_timeout: Seconds = Field(5, description="Seconds a statement or migration waits for a lock.")
    exports: int = Field(
        4,
        ge=1,
        le=100,
        description="Exports of one process at a time, so n processes run n times as many; more are 503.",
    )
    pgbouncer: bool = Field(
        default=False, description="Behind PgBouncer in transaction mode: no prepared statements."
    )


class HttpSettings(Group):
    """``APP_HTTP_*``: what the edge of the service accepts."""

    allowed_hosts: CommaSeparated = Field(
        ("localhost", "127.0.0.1", "::1"), description="Host names it answers to; comma-separated."
    )
    cors_origins: Origins = Field(
        (), description="Origins of browsers that may call the API; comma-separated."
    )
    trusted_proxies: CommaSeparated = Field(
        (), description="Addresses whose X-Forwarded-* headers are believed; comma-separated."
    )
    max_body_bytes: int = Field(1_048_576, ge=0, description="Largest request body, in bytes.")
    max_upload_bytes: int = Field(268_435_456, ge=0, description="Largest file to import, in bytes.")
    timeout: Seconds = Field(30, description="Seconds a request may take until its response starts.")
    send_timeout: Seconds = Field(
        10,
        description="Seconds a client may take for its headers, or pause in a body, before it is cut off.",
    )
    read_timeout: Seconds = Field(
        30, description="Seconds a client may stop reading an export before it is cut off."
    )
    drain: float = Field(
        5, ge=0, description="Seconds from SIGTERM, and not being ready any more, until it stops accepting."
    )
    shutdown_timeout: int = Field(30, ge=1, description="Seconds that requests in flight are given then.")

    def insecure(self) -> dict[str, bool]:
        """Hosts, origins and proxies must be named."""
        return {
            "APP_HTTP_ALLOWED_HOSTS must name hosts, not `*`": "*" in self.allowed_hosts,
            "APP_HTTP_ALLOWED_HOSTS is not set": "allowed_hosts" not in self.model_fields_set,
            "APP_HTTP_CORS_ORIGINS must name origins, not `*`": "*" in self.cors_origins,
            "APP_HTTP_TRUSTED_PROXIES must name addresses, not `*`": "*" in self.trusted_proxies,
        }


class AuthSettings(Group):
    """``APP_AUTH_*``: tokens and password hashing."""

    access_token_minutes: int = Field(15, ge=1, le=60, description="Life of an access token.")
    argon2_memory_kib: int = Field(65536, ge=8, description="Memory of one password hash (Argon2id).")
    argon2_passes: int = Field(3, ge=1, description="Passes of one password hash (Argon2id).")
    hashing_threads: int = Field(2, ge=1, le=64, description="Passwords hashed at the same time.")


class LimitSettings(Group):
    """``APP_LIMIT_*``: how much one caller may ask for; login and mails have limits of their own."""

    requests: int = Field(1200, ge=1, description="Requests a minute of one account, its keys included.")
    anonymous_requests: int = Field(
        300, ge=1, description="Requests a minute of one address to routes that need no account."
    )
    registrations: int = Field(50, ge=1, description="Attempts an hour to register, from one address.")


class MailSettings(Group):
    """``APP_MAIL_*``: without an SMTP host, mails are written to the console."""

    smtp_host: str | None = Field(
        None,
        description="SMTP server. Unset, mails go to the console in development, and nowhere in production.",
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the SMTP server.")
    smtp_tls: Literal["none", "starttls", "implicit"] = Field("starttls", description="Encryption of SMTP.")
    smtp_user: str | None = Field(None, description="SMTP login.")
    smtp_password: SecretStr | None = Field(None, description="SMTP password.")
    links: str | None = Field(
        None, description="Where the pages are that mails link to; unset, mails carry the bare token."
    )
    sender: str = Field("no-reply@example.com", description="Address mails come from.")


class WorkerSettings(Group):
    """``APP_WORKER_*``: the processes that run jobs."""

    shutdown_timeout: float = Field(25, ge=0, le=3600, description="Seconds that SIGTERM gives running jobs.")
    poll_interval: Seconds = Field(
        1, description="Seconds between looks for jobs that are due; new ones start at once."
    )
    heartbeat: Seconds = Field(
        2, description="Seconds between signs of life; the jobs of a worker that misses five go to others."
    )
    retention_days: int = Field(7, ge=1, le=365, description="Days that finished and dead jobs are kept.")
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Port where a worker serves its metrics; unset, it does not."
    )
    metrics_host: str = Field("127.0.0.1", description="Address where it does.")


class LogSettings(Group):
    """``APP_LOG_*``."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severity logged.")
    format: Literal["json", "console"] = Field("json", description="One JSON object a line, or for people.")
