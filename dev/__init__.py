"""What a developer's machine needs and production does not: `make run` and the tests' database."""
