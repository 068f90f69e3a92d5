"""Run the analytics service: `python -m namjai.analytics`."""

from namjai.analytics.app import main
from namjai.runtime.loop import run

if __name__ == "__main__":
    run(main, about=__doc__)
