"""Run the chat service: `python -m namjai.chat`."""

from namjai.chat.app import main
from namjai.runtime.loop import run

if __name__ == "__main__":
    run(main, about=__doc__)
