"""The production checklist for FastAPI, run by a machine."""

__version__ = "0.1.0"
