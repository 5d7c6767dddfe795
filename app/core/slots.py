"""Room for a few long-running requests at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import Unavailable


class TooManyExports(Unavailable):
    """As many exports run as this process allows at a time."""


class Slots:
    """Counts who is in; whoever finds it full is told so instead of waiting."""

    def __init__(self, number: int) -> None:
        self.free = number

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a slot until the block ends.

        Raises:
            TooManyExports: there is none.
        """
        if self.free == 0:
            raise TooManyExports("Other exports are running. Try again when one has finished.")
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1
