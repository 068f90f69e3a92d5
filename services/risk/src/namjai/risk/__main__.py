"""Run the risk service: `python -m namjai.risk`."""

from namjai.risk.app import main
from namjai.runtime.loop import run

if __name__ == "__main__":
    run(main, about=__doc__)
