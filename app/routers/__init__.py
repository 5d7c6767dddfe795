"""The routes: each handler is one call to one service."""
