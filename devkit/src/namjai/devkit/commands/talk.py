"""`namjai say`: one message as one of the simulator's people, and what comes back."""

import asyncio
from typing import Annotated, Any

import aiohttp
import typer
from rich.text import Text

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, home_of, out, readable_errors

POLL_S = 0.05
OK = 200


def say(
    text: str,
    who: Annotated[str, typer.Option("--as", help="A person of the simulator, by name or LINE id.")] = "somchai",
    home: HomeOption = DEFAULT_HOME,
    wait_s: Annotated[float, typer.Option("--wait", min=0, help="How long to wait for the answer, seconds.")] = 15.0,
) -> None:
    """Write a message as somebody, and print the answer that appears on their phone."""
    with readable_errors():
        url = home_of(home).run().simulator_url
    try:
        answer = asyncio.run(_say(url, who, text, wait_s))
    except aiohttp.ClientConnectionError:
        raise fail("the simulator cannot be reached; see `namjai status`") from None
    except TimeoutError:
        raise fail(f"no answer within {wait_s} s; see `namjai events` and `namjai dead list`") from None
    for message in answer:
        out.print(_readable(message))


async def _say(url: str, who: str, text: str, wait_s: float) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession(url) as session:
        before = max((entry["n"] for entry in await _chat(session, who)), default=0)
        async with session.post("/_sim/send", json={"user": who, "message": text}) as response:
            sent = await response.json()
        if sent.get("status") != OK:
            raise fail(f"the gateway answered {sent.get('status', 'nothing')}")
        async with asyncio.timeout(wait_s):
            while True:
                entries = await _chat(session, who)
                if found := [entry["message"] for entry in entries if entry["n"] > before and entry["from"] == "bot"]:
                    return found
                await asyncio.sleep(POLL_S)


async def _chat(session: aiohttp.ClientSession, who: str) -> list[dict[str, Any]]:
    async with session.get(f"/_sim/chat/{who}") as response:
        found = await response.json()
        if response.status != OK:
            raise fail(str(found["message"]))
        entries: list[dict[str, Any]] = found
        return entries


def _readable(message: dict[str, Any]) -> Text:
    """A LINE message as a line of text; the quick replies under it in brackets."""
    shown = Text(message.get("text") or message.get("altText") or f"({message['type']})")
    for item in message.get("quickReply", {}).get("items", []):
        shown.append(f"\n  [{item['action'].get('label', '…')}]", style="dim")
    return shown
