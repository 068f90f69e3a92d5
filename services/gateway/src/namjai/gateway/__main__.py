"""Run the gateway: `python -m namjai.gateway`."""

from namjai.gateway.app import main
from namjai.runtime.loop import run

if __name__ == "__main__":
    run(main, about=__doc__)
