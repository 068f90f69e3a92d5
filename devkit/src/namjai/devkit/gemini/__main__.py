"""`python -m namjai.devkit.gemini`: the fake as a process of its own."""

import argparse
import asyncio
import json
import os
import signal

from namjai.devkit.gemini.app import GeminiSettings, serve_gemini


async def main(settings: GeminiSettings) -> None:
    """Serve until told to stop, and say where."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve_gemini(settings) as fake:
        print(json.dumps({"gemini_url": fake.url}), flush=True)
        await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m namjai.devkit.gemini", description="Gemini, played.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("NAMJAI_GEMINI_PORT", "0")))
    parser.add_argument("--api-key", default=os.environ.get("NAMJAI_GEMINI_API_KEY", ""))
    given = parser.parse_args()
    asyncio.run(main(GeminiSettings(port=given.port, api_key=given.api_key)))
