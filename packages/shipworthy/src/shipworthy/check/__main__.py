"""`python -m shipworthy.check check PATH` is `shipworthy check PATH`."""

from shipworthy.check.cli import script

script()
