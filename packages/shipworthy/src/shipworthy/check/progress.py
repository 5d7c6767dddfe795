"""What a long run is busy with, on a terminal only."""

import sys
from time import monotonic

PATIENCE = 0.5  # seconds before anything is said


class Progress:
    """One line on standard error that each message replaces."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.started = monotonic()

    def __call__(self, message: str) -> None:
        """Say what goes on."""
        if self.shown and monotonic() - self.started > PATIENCE:
            sys.stderr.write(f"\r\x1b[2K{message} …")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave the line as it was."""
        if self.shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
