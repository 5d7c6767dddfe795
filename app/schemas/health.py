"""Probes."""

from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Everything the service needs is there."""

    status: Literal["ready"] = "ready"
    checks: dict[str, Literal["ok"]] = Field(examples=[{"database": "ok", "migrations": "ok"}])


class Version(BaseModel):
    """What is running."""

    version: str = Field(examples=["0.1.0"])
    revision: str = Field(description="The commit it was built from.", examples=["unknown"])
