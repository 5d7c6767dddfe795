"""The production checklist for FastAPI, run by a machine."""
