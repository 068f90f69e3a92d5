"""`namjai say`: one message as one of the simulator's people, and what comes back."""

import asyncio
import mimetypes
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from rich.text import Text

from namjai.devkit.commands.common import DEFAULT_HOME, HomeOption, fail, home_of, out, readable_errors

POLL_S = 0.05
OK = 200
STICKER_PACKAGE = "446"


def say(
    text: Annotated[str | None, typer.Argument(help="What to write.", show_default=False)] = None,
    who: Annotated[str, typer.Option("--as", help="A person of the simulator, by name or LINE id.")] = "somchai",
    image: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE", help="Send a picture; several are sent as a set."),
    ] = None,
    voice: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, metavar="FILE", help="Send a sound as a voice message.")
    ] = None,
    sticker: Annotated[str | None, typer.Option(metavar="[PACKAGE/]ID", help="Send a sticker, such as 1988.")] = None,
    location: Annotated[str | None, typer.Option(metavar="LAT,LON", help="Send a place.")] = None,
    home: HomeOption = DEFAULT_HOME,
    wait_s: Annotated[float, typer.Option("--wait", min=0, help="How long to wait for the answer, seconds.")] = 15.0,
) -> None:
    """Write, show, speak or be somewhere as somebody, and print the answer that appears on their phone."""
    chosen = [each for each in (text, image, voice, sticker, location) if each]
    if len(chosen) != 1:
        raise fail("say one thing: words, --image, --voice, --sticker or --location")
    messages: list[dict[str, Any]] = [{"type": "text", "text": text}]
    if sticker:
        messages = [_sticker(sticker)]
    elif location:
        messages = [_place(location)]
    files = {"image": image or [], "audio": [voice] if voice else []}
    with readable_errors():
        url = home_of(home).run().simulator_url
    try:
        answer = asyncio.run(_say(url, who, messages, files, wait_s))
    except aiohttp.ClientConnectionError:
        raise fail("the simulator cannot be reached; see `namjai status`") from None
    except TimeoutError:
        raise fail(f"no answer within {wait_s} s; see `namjai events` and `namjai dead list`") from None
    for message in answer:
        out.print(_readable(message))


async def _say(
    url: str, who: str, messages: list[dict[str, Any]], files: dict[str, list[Path]], wait_s: float
) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession(url) as session:
        before = max((entry["n"] for entry in await _chat(session, who)), default=0)
        uploaded = [await _upload(session, kind, file) for kind, found in files.items() for file in found]
        several = len(uploaded) > 1
        said = {"messages": uploaded} if several else {"message": (uploaded or messages)[0]}
        sent = await _post(session, "/_sim/send", json={"user": who, **said})
        if sent.get("status") != OK:
            raise fail(f"the gateway answered {sent.get('status', 'nothing')}")
        async with asyncio.timeout(wait_s):
            while True:
                entries = await _chat(session, who)
                if found := [entry["message"] for entry in entries if entry["n"] > before and entry["from"] == "bot"]:
                    return found
                await asyncio.sleep(POLL_S)


async def _upload(session: aiohttp.ClientSession, kind: str, file: Path) -> dict[str, Any]:
    """Give a file to the platform, as an app does before it sends the message; returns that message."""
    data = await asyncio.to_thread(file.read_bytes)
    headers = {"Content-Type": mimetypes.guess_type(file.name)[0] or "application/octet-stream"}
    made = await _post(session, f"/_sim/upload?kind={kind}", data=data, headers=headers)
    length = {"duration": made["duration"]} if "duration" in made else {}
    return {"type": kind, "id": made["messageId"], **length}


async def _post(session: aiohttp.ClientSession, path: str, **body: Any) -> dict[str, Any]:
    async with session.post(path, **body) as response:
        said: dict[str, Any] = await response.json()
        if response.status != OK:
            raise fail(str(said["message"]))
        return said


async def _chat(session: aiohttp.ClientSession, who: str) -> list[dict[str, Any]]:
    async with session.get(f"/_sim/chat/{who}") as response:
        found = await response.json()
        if response.status != OK:
            raise fail(str(found["message"]))
        entries: list[dict[str, Any]] = found
        return entries


def _sticker(words: str) -> dict[str, Any]:
    package, _, name = words.rpartition("/")
    package = package or STICKER_PACKAGE
    if not (package.isdecimal() and name.isdecimal()):
        raise fail("a sticker is a number, or PACKAGE/ID: --sticker 446/1988")
    return {"type": "sticker", "packageId": package, "stickerId": name}


def _place(words: str) -> dict[str, Any]:
    try:
        latitude, longitude = (float(part) for part in words.split(","))
    except ValueError:
        raise fail("a place is LAT,LON: --location 13.7307,100.5418") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise fail("latitudes go from -90 to 90, longitudes from -180 to 180")
    return {"type": "location", "latitude": latitude, "longitude": longitude}


def _readable(message: dict[str, Any]) -> Text:
    """A LINE message as a line of text; the quick replies under it in brackets."""
    shown = Text(message.get("text") or message.get("altText") or f"({message['type']})")
    if "originalContentUrl" in message:
        shown.append(f" {message['originalContentUrl']}", style="dim")
    for item in message.get("quickReply", {}).get("items", []):
        shown.append(f"\n  [{item['action'].get('label', '…')}]", style="dim")
    return shown
