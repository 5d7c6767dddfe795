"""`shipworthy check`: reads a FastAPI codebase without importing it."""
