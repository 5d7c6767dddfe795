"""Two halves of the work at once, where there are two processors for it."""

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

Here = TypeVar("Here")
There = TypeVar("There")


def has_two_processors() -> bool:
    """Whether a second process can be forked off: no thread may be left behind, and it needs a processor."""
    if sys.platform != "linux":  # macOS can, too, but its libraries do not always survive it
        return False
    return len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def at_once(here: Callable[[], Here], there: Callable[[], There]) -> tuple[Here, There]:
    """What two functions give, the second in a process of its own; where that fails, it is called here."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        send(there, writer)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as stream:
            found, data = here(), stream.read()
        _, status = os.waitpid(child, 0)
    except BaseException:  # an interrupt, too: whoever ends this run ends both
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    return found, there() if status else pickle.loads(data)  # noqa: S301 - our own child has sent it


def send(work: Callable[[], object], writer: int) -> None:
    """Do a work, send what it gives, and end at once: what is left to clean up is not its own."""
    status = 1
    try:
        with os.fdopen(writer, "wb") as stream:
            pickle.dump(work(), stream, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)
