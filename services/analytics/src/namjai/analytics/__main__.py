"""Run the analytics service: `python -m namjai.analytics`."""

import argparse

from namjai.analytics.app import main
from namjai.runtime.loop import run

if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m namjai.analytics", description=__doc__).parse_args()
    run(main)
