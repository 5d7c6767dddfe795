"""A runtime whose package is not installed."""

import a_package_that_is_not_installed  # type: ignore[import-not-found]  # noqa: F401
