"""Settings: read once from the environment, then never changed."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.oidc_settings import OidcSettings
from app.core.predictions.settings import PredictionSettings
from app.core.setting_groups import (
    AuthSettings,
    DatabaseSettings,
    Group,
    HttpSettings,
    LimitSettings,
    LogSettings,
    MailSettings,
    WorkerSettings,
)
from app.core.webhooks.settings import WebhookSettings

DEVELOPMENT_SECRET = (  # shipworthy: ignore[SW501] -- refused in production
    "insecure-development-secret-of-this-template"  # noqa: S105
)
MIN_SECRET_LENGTH = 32
INSECURE = "insecure"  # the type of errors whose message names the variables itself


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


class Environment(StrEnum):
    """Where the service runs; everything but development must be configured securely."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


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
    admin_ui: bool | None = Field(None, description="Serve the pages of /admin; unset, in development alone.")
    metrics_token: SecretStr | None = Field(
        None,
        min_length=1,
        description="Bearer token of /metrics; without it /metrics is off in production.",
    )
    revision: str = Field("unknown", description="Commit this was built from; shown by /version.")
    db: DatabaseSettings = DatabaseSettings()
    http: HttpSettings = HttpSettings()
    auth: AuthSettings = AuthSettings()
    limit: LimitSettings = LimitSettings()
    mail: MailSettings = MailSettings()
    oidc: OidcSettings = OidcSettings()
    worker: WorkerSettings = WorkerSettings()
    webhook: WebhookSettings = WebhookSettings()
    log: LogSettings = LogSettings()
    predictions: PredictionSettings = PredictionSettings()

    @property
    def production(self) -> bool:
        """Whether this installation must be secure."""
        return self.environment is Environment.PRODUCTION

    # A check per field, not one of the whole: pydantic reports these beside every other mistake.
    @field_validator("secret_key", "debug", "http", "oidc", "webhook")
    @classmethod
    def _refuse_insecure_production(cls, value: object, info: ValidationInfo) -> object:
        production = info.data.get("environment") is not Environment.DEVELOPMENT
        if production and (reasons := [reason for reason, insecure in _insecure(value).items() if insecure]):
            raise PydanticCustomError(INSECURE, "\n".join(reasons))
        return value


def _insecure(value: object) -> dict[str, bool]:
    if isinstance(value, Group):
        return value.insecure()
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        return {
            "APP_SECRET_KEY is not set, or is the development one": secret == DEVELOPMENT_SECRET,
            f"APP_SECRET_KEY is shorter than {MIN_SECRET_LENGTH} characters": len(secret) < MIN_SECRET_LENGTH,
        }
    return {"APP_DEBUG must be off": bool(value)}
