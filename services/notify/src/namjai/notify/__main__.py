"""Run the notify service: `python -m namjai.notify`."""

from namjai.notify.app import main
from namjai.runtime.loop import run

if __name__ == "__main__":
    run(main, about=__doc__)
