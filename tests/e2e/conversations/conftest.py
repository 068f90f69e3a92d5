"""People who talk to one whole Namjai with a model: what they write, press and send, and what they get."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from namjai.devkit.running import Running, facts, until
from namjai.events import Fact
from namjai.events.message import MessageReceived, PostbackReceived

F = TypeVar("F", bound=Fact)
ANSWER_S = 20


@dataclass(frozen=True)
class Turn:
    """What a person got for one thing that they said."""

    messages: tuple[dict[str, Any], ...]

    @property
    def text(self) -> str:
        """Every word that can be read in it, in bubbles too."""
        return "\n".join(words for message in self.messages for words in _words(message))

    @property
    def kinds(self) -> list[str]:
        """LINE's message types."""
        return [message["type"] for message in self.messages]

    @property
    def buttons(self) -> dict[str, dict[str, Any]]:
        """The action behind each button, quick replies and buttons in bubbles, by label."""
        return {action["label"]: action for message in self.messages for action in _actions(message)}


@dataclass
class Person:
    """Somebody with a phone. Each method returns what they get for it."""

    namjai: Running
    id: str = field(default_factory=lambda: "U" + secrets.token_hex(16))
    member: str = ""

    async def say(self, words: str) -> Turn:
        """Write."""
        return await self._and_read(self.namjai.send(self.id, words))

    async def send(self, message: dict[str, Any]) -> Turn:
        """Send a message of any kind, as LINE's webhook has it."""
        return await self._and_read(self.namjai.sim("POST", "send", {"user": self.id, "message": message}))

    async def upload(self, data: bytes, mime: str, **query: str) -> Turn:
        """Send a picture (`image/jpeg`) or a voice message (`audio/x-m4a`)."""
        address = f"{self.namjai.run['simulator_url']}/_sim/upload"
        async with self.namjai.http.post(address, data=data, headers={"Content-Type": mime}, params=query) as answer:
            found = await answer.json()
        message = {"type": found["kind"], "id": found["messageId"], "contentProvider": {"type": "line"}}
        return await self.send(message if found["kind"] != "audio" else {**message, "duration": 2_000})

    async def stored(self, picture: bytes) -> dict[str, Any]:
        """A picture that LINE has: the message that would come with it."""
        address = f"{self.namjai.run['simulator_url']}/_sim/upload"
        async with self.namjai.http.post(address, data=picture, headers={"Content-Type": "image/jpeg"}) as answer:
            message_id = (await answer.json())["messageId"]
        return {"type": "image", "id": message_id, "contentProvider": {"type": "line"}}

    async def upload_together(self, *pictures: bytes) -> Turn:
        """Send pictures at once, as from the camera roll: LINE delivers them one by one, in any order."""
        messages = [await self.stored(data) for data in pictures]
        return await self._and_read(self.namjai.sim("POST", "send", {"user": self.id, "messages": messages}))

    async def press(self, data: str) -> Turn:
        """Press a button whose data is known."""
        return await self._and_read(self.namjai.event(self._event("postback", {"data": data})))

    async def tap(self, turn: Turn, label: str) -> Turn:
        """Tap a button of an earlier turn."""
        assert label in turn.buttons, f"no button {label!r} among {list(turn.buttons)}"
        action = turn.buttons[label]
        return await (self.press(action["data"]) if action["type"] == "postback" else self.say(action["text"]))

    async def facts(self, kind: type[F]) -> list[F]:
        """What the log has about them, of one type; personal fields stay sealed."""
        if not self.member:
            events = await self.namjai.events()
            heard = [*facts(events, MessageReceived), *facts(events, PostbackReceived)]
            self.member = next(each.subject for each in heard if each.data.webhook_event_id in self._sent)
        return [each.data for each in facts(await self.namjai.story(self.member), kind)]

    def __post_init__(self) -> None:
        self._sent: set[str] = set()
        self._read = 0

    async def listen(self) -> Turn:
        """What comes without having been asked for, such as a card."""
        return await self._heard()

    def _event(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        return {"type": kind, "source": {"type": "user", "userId": self.id}, kind: content}

    async def _and_read(self, doing: Awaitable[dict[str, Any]]) -> Turn:
        done = await doing
        self._sent.add(done["webhookEventId"])
        return await self._heard()

    async def _heard(self) -> Turn:
        seen = await until(self._news, ANSWER_S)
        self._read += len(seen)
        return Turn(tuple(each["message"] for each in seen))

    async def _news(self) -> list[dict[str, Any]]:
        return (await self.namjai.chat(self.id))[self._read :]


Somebody = Callable[..., Awaitable[Person]]


@pytest.fixture
def somebody(talking: Running) -> Somebody:
    """Makes a person who has met Namjai, chosen a language and agreed to what is named."""

    async def meet(language: str = "en", *, agreed: tuple[str, ...] = ()) -> Person:
        person = Person(talking)
        await person.press(f"cmd=language&language={language}")
        for purpose in agreed:
            await person.press(f"cmd=consent&purpose={purpose}&granted=yes")
        return person

    return meet


def _words(part: Any) -> Iterator[str]:
    match part:
        case {"type": "text" | "span", "text": str(words)}:
            yield words
        case {"type": "text", "contents": list(spans)}:
            yield from (words for span in spans for words in _words(span))
        case {"type": "template" | "flex" | "bubble" | "carousel" | "box"}:
            for inner in part.values():
                if isinstance(inner, dict | list):
                    yield from _words(inner)
        case list():
            yield from (words for inner in part for words in _words(inner))
        case dict() if "type" not in part:
            yield from (words for inner in part.values() for words in _words(inner))


def _actions(part: Any) -> Iterator[dict[str, Any]]:
    match part:
        case {"action": {"label": str(), **rest} as action} if rest:
            yield action
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for inner in inside:
        if isinstance(inner, dict | list):
            yield from _actions(inner)


def as_json(turn: Turn) -> str:
    """A turn as LINE got it, for a failure message."""
    return json.dumps(turn.messages, ensure_ascii=False, indent=1)
