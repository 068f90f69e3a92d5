"""Measure the screener: `python -m namjai.risk.evaluate DATA…`."""

import sys

from namjai.risk.evaluate.cli import main

if __name__ == "__main__":
    sys.exit(main())
