"""Settings: read once from the environment, then never changed."""

from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.oidc_settings import OidcSettings

DEVELOPMENT_SECRET = "insecure-development-secret-of-this-template"  # noqa: S105 - refused in production
MIN_SECRET_LENGTH = 32
INSECURE = "insecure"  # the type of errors whose message names the variables itself


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _postgres_url(value: SecretStr) -> SecretStr:
    if not _is_postgres_url(value.get_secret_value()):
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    return value


def _is_postgres_url(text: str) -> bool:
    """Whether each host (libpq takes several) has a possible port; `/` or `#` in a password break the URL."""
    try:
        url = urlsplit(text)
        ports = [urlsplit(f"//{host}").port for host in url.netloc.rpartition("@")[2].split(",")]
    except ValueError:
        return False
    return url.scheme in {"postgres", "postgresql"} and 0 not in ports and not url.fragment


def _origin(value: str) -> str:
    url = urlsplit(value)
    if value != "*" and (url.scheme not in {"http", "https"} or value != f"{url.scheme}://{url.netloc}"):
        raise ValueError("an origin looks like https://app.example.com, with no path")
    return value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], NoDecode, BeforeValidator(_split)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Environment(StrEnum):
    """Where the service runs; everything but development must be configured securely."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Group(BaseModel):
    """Settings that share a prefix. A misspelt name is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Group):
    """``APP_DB_*``: how the pool behaves and when the service stops waiting for PostgreSQL."""

    pool_size: int = Field(10, ge=1, le=500, description="Connections of one process.")
    pool_timeout: Seconds = Field(3, description="Seconds a request waits for a free connection before 503.")
    connect_timeout: Seconds = Field(3, description="Seconds to open a connection.")
    command_timeout: Seconds = Field(10, description="Seconds the client waits for one statement.")
    statement_timeout: Seconds = Field(8, description="Seconds the server runs one statement.")
    idle_timeout: Seconds = Field(15, description="Seconds an open transaction may idle before it is ended.")
    lock_timeout: Seconds = Field(5, description="Seconds a statement or migration waits for a lock.")
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
    timeout: Seconds = Field(30, description="Seconds a request may take until its response starts.")
    shutdown_timeout: int = Field(30, ge=1, description="Seconds that SIGTERM gives requests in flight.")


class AuthSettings(Group):
    """``APP_AUTH_*``: tokens and password hashing."""

    access_token_minutes: int = Field(15, ge=1, le=60, description="Life of an access token.")
    argon2_memory_kib: int = Field(65536, ge=8, description="Memory of one password hash (Argon2id).")
    argon2_passes: int = Field(3, ge=1, description="Passes of one password hash (Argon2id).")
    hashing_threads: int = Field(2, ge=1, le=64, description="Passwords hashed at the same time.")


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


class LogSettings(Group):
    """``APP_LOG_*``."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severity logged.")
    format: Literal["json", "console"] = Field("json", description="One JSON object a line, or for people.")


class Settings(BaseSettings):
    """Everything that differs between two installations. Insecure production settings are refused."""

    # An empty variable is one that is not set: templates of environments leave such behind.
    model_config = SettingsConfigDict(
        env_prefix="APP_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        frozen=True,
    )

    environment: Environment = Field(
        Environment.PRODUCTION, description="`development` allows insecure settings."
    )
    database_url: Annotated[SecretStr, AfterValidator(_postgres_url)] = Field(
        validation_alias="DATABASE_URL", description="PostgreSQL 15 or newer, as a libpq URL."
    )
    redis_url: SecretStr | None = Field(
        None,
        validation_alias="REDIS_URL",
        description="Redis or Valkey that replicas share limits through; unset, each process counts alone.",
    )
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        description="Signs tokens and cursors, encrypts secrets at rest; at least 32 characters.",
    )
    debug: bool = Field(default=False, description="Log every SQL statement; refused in production.")
    docs: bool = Field(default=True, description="Serve /docs and /openapi.json.")
    metrics_token: SecretStr | None = Field(
        None,
        min_length=1,
        description="Bearer token of /metrics; without it /metrics is off in production.",
    )
    revision: str = Field("unknown", description="Commit this was built from; shown by /version.")
    db: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    auth: AuthSettings = AuthSettings()
    mail: MailSettings = MailSettings()
    oidc: OidcSettings = OidcSettings()
    log: LogSettings = LogSettings()

    @property
    def production(self) -> bool:
        """Whether this installation must be secure."""
        return self.environment is Environment.PRODUCTION

    # A check per field, not one of the whole: pydantic reports these beside every other mistake.
    @field_validator("secret_key", "debug", "http", "oidc")
    @classmethod
    def _refuse_insecure_production(cls, value: object, info: ValidationInfo) -> object:
        production = info.data.get("environment") is not Environment.DEVELOPMENT
        if production and (reasons := [reason for reason, insecure in _checks(value).items() if insecure]):
            raise PydanticCustomError(INSECURE, "\n".join(reasons))
        return value


def _checks(value: object) -> dict[str, bool]:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return {
            "APP_SECRET_KEY is not set, or is the development one": secret == DEVELOPMENT_SECRET,
            f"APP_SECRET_KEY is shorter than {MIN_SECRET_LENGTH} characters": len(secret) < MIN_SECRET_LENGTH,
        }
    if isinstance(value, HttpSettings):
        return {
            "APP_HTTP_ALLOWED_HOSTS must name hosts, not `*`": "*" in value.allowed_hosts,
            "APP_HTTP_ALLOWED_HOSTS is not set": "allowed_hosts" not in value.model_fields_set,
            "APP_HTTP_CORS_ORIGINS must name origins, not `*`": "*" in value.cors_origins,
            "APP_HTTP_TRUSTED_PROXIES must name addresses, not `*`": "*" in value.trusted_proxies,
        }
    if isinstance(value, OidcSettings):
        plain = value.enabled and not value.encrypted
        return {"APP_OIDC_ISSUER and APP_OIDC_REDIRECT_URL must begin with https://": plain}
    return {"APP_DEBUG must be off": bool(value)}
