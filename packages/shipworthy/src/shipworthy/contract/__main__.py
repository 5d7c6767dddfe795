"""``python -m shipworthy.contract OLD NEW``."""

import sys

from shipworthy.contract.command import main

sys.exit(main(sys.argv[1:]))
