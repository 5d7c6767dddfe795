"""`shipworthy completion`: what a shell reads to complete the others."""

import argparse
import sys

import shtab

from shipworthy.check.arguments import parser
from shipworthy.check.commands import CLEAN


def completion_command(options: argparse.Namespace) -> int:
    """Print the script of a shell."""
    sys.stdout.write(shtab.complete(parser(shtab.FILE), options.shell) + "\n")
    return CLEAN
