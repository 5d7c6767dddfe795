"""What `python -m app` can do, a module each: a command loads what it needs, and nothing of the others."""
