"""`python -m namjai.devkit.line`: the simulator as a process of its own."""

import asyncio
import json
import signal
import sys

from namjai.devkit.line.app import serve_simulator
from namjai.devkit.line.settings import SimSettings, note_of_start, parse_settings


async def main(settings: SimSettings) -> None:
    """Serve until told to stop, and say where."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve_simulator(settings) as simulator:
        where = {"simulator_url": simulator.url, "smtp_url": f"smtp://{settings.host}:{simulator.smtp_port}"}
        note = note_of_start(settings)
        if note:
            note.write_text(json.dumps(where))
        print(json.dumps(where), flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(parse_settings(sys.argv[1:])))
