"""Python's garbage collector, told what it cannot know."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000  # objects until it looks again; a request makes hundreds, and no cycles worth the look


@contextmanager
def loading() -> Iterator[None]:
    """Without the collector: what is imported stays, and looking through it takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def keep_what_is_loaded() -> None:
    """Never look through it again: a full collection stops every request for a tenth of a second."""
    gc.freeze()
    gc.set_threshold(YOUNG)
