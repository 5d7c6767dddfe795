"""``openapi``."""

import json
import sys

import click

from app.core.config import Settings
from app.main import create_app

# It needs no database and no secret: the document does not depend on them.
ENVIRONMENT = {"DATABASE_URL": "postgresql://unused", "environment": "development"}


@click.command()
def command() -> None:
    """Print the OpenAPI document."""
    app = create_app(Settings.model_validate(ENVIRONMENT))
    json.dump(app.openapi(), sys.stdout, indent=2, ensure_ascii=False)
    click.echo()
