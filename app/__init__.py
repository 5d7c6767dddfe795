"""The service. ``app.main.create_app`` assembles it, ``python -m app`` runs it."""

__version__ = "0.1.0"
