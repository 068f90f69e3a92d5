"""Visits made up for tests: what was said to a skill, by whom, and a desk whose records are a list."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from namjai.chat.content import Language
from namjai.chat.domain.composed import Clinic, Composed, Scene, View
from namjai.chat.domain.context import Exchange
from namjai.chat.domain.doing import Doors
from namjai.chat.domain.heard import Media, hear
from namjai.chat.domain.remember import Memory
from namjai.chat.domain.state import Person
from namjai.chat.domain.visit import DONE, Flow, Visit
from namjai.chat.ports import (
    Attachment,
    Desk,
    MediaDoor,
    Mind,
    ModelAnswer,
    ModelRequest,
    ModelUnavailable,
    Recorded,
)
from namjai.chat.skills.skill import Skill, topics_of
from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.conversation import FlowMoved
from namjai.events.message import MessageReceived, PostbackReceived

T = TypeVar("T")
F = TypeVar("F", bound=Fact)
NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
MEMBER = "m1"


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing outside."""
    try:
        work.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    raise AssertionError("it waits")


class Facts:
    """A person's facts in memory, as the log would give them."""

    def __init__(self) -> None:
        self.said: list[Recorded[Any]] = []
        self.exchanges: list[Exchange] = []

    def add(self, fact: Fact, at: datetime = NOW) -> None:
        """Append."""
        self.said.append(Recorded(fact, at, f"e{len(self.said)}", len(self.said) + 1))

    async def last(self, kind: type[F]) -> Recorded[F] | None:
        """As the port says."""
        return next((each for each in reversed(self.said) if isinstance(each.fact, kind)), None)

    async def all(self, kind: type[F]) -> Sequence[Recorded[F]]:
        """As the port says."""
        return [each for each in self.said if isinstance(each.fact, kind)]

    async def times(self, kind: type[Fact], since: datetime) -> Sequence[datetime]:
        """As the port says."""
        return [each.at for each in self.said if isinstance(each.fact, kind) and each.at >= since]

    async def turns(self, memory: Memory) -> Sequence[Exchange]:
        """As the port says."""
        return self.exchanges


class Unable:
    """A mind that can do nothing at all; a test's own mind is this one and what it can."""

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        raise ModelUnavailable("unable")

    async def fill(self, request: ModelRequest, shape: type[Any]) -> tuple[Any, ModelAnswer]:
        """As the port says."""
        raise ModelUnavailable("unable")

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        """As the port says."""
        raise ModelUnavailable("unable")

    async def speak(self, words: str, *, language: str) -> Attachment:
        """As the port says."""
        raise ModelUnavailable("unable")

    async def count(self, words: str) -> int:
        """About."""
        return len(words)


class Unasked:
    """A mind of which nothing may be asked but what a test's own mind adds: anything else fails the test."""

    async def write(self, *_: Any, **__: Any) -> Any:
        """Nobody asks for that."""
        raise AssertionError

    async def fill(self, *_: Any, **__: Any) -> Any:
        """Nor for that."""
        raise AssertionError

    async def listen(self, *_: Any, **__: Any) -> Any:
        """Nor for that."""
        raise AssertionError

    async def speak(self, *_: Any, **__: Any) -> Any:
        """Nor for that."""
        raise AssertionError

    async def count(self, *_: Any, **__: Any) -> Any:
        """Nor for that."""
        raise AssertionError


@dataclass
class Talk:
    """One person talking to one skill, turn by turn; the skill's flow and facts are kept between the turns."""

    skill: Skill
    language: Language = "en"
    now: datetime = NOW
    consents: frozenset[str] = frozenset()
    person: Person = field(default_factory=lambda: Person(greeted=True))
    records: Facts = field(default_factory=Facts)
    mind: Mind | None = None
    media: MediaDoor | None = None
    flow: Flow | None = None
    turns: int = 0
    skills: frozenset[str] | None = None
    """What the clinic has on; None: this skill with all its topics."""

    def write(self, words: str) -> Composed | None:
        """What the skill says to typed words."""
        return self._turn(self._event("text", words))

    def press(self, data: str) -> Composed | None:
        """What it says to a button with this data."""
        return self._turn(self._pressed(data))

    def tap(self, said: Composed | None, label: str) -> Composed | None:
        """What it says to the button of an earlier turn that has this label."""
        return self.press(buttons(said)[label])

    def show(self, kind: str, media: Media | None = None) -> Composed | None:
        """What it says to a picture, a sticker, a voice message …; `media` is what was read in it."""
        return self._turn(self._event(kind, None), media)

    def desk(self) -> Desk:
        """What the skill works with."""
        return Desk(records=self.records, mind=self.mind, media=self.media)

    def visit(self, event: Envelope[Any], media: Media | None = None) -> Visit:
        """The turn as the skill sees it."""
        heard = hear([event], doors=Doors([(self.skill.name, self.skill.doors)]))
        on = self.skills or topics_of([self.skill]) | {self.skill.name}
        if media is not None:
            heard = replace(heard, media=(replace(media, event=event.id),))
        return Visit(
            member=MEMBER,
            seed=event.id,
            view=View(self.language, {"th": "TH", "zh-TW": "TW"}.get(self.language, "TH"), self.consents),
            person=self.person,
            heard=heard,
            scene=Scene(self.now, Clinic("th", "TH"), skills=on),
            kinds=(getattr(event.data, "kind", "postback"),),
            flow=self.flow if self.flow is None or self.flow.until is None or self.flow.until > self.now else None,
        )

    def _turn(self, event: Envelope[Any], media: Media | None = None) -> Composed | None:
        self.turns += 1
        self.now += timedelta(seconds=20)
        said = at_once(self.skill.turn(self.visit(event, media), self.desk()))
        for fact in said.facts if said is not None else ():
            self.records.add(fact, self.now)
            if isinstance(fact, FlowMoved):
                slots = fact.slots.get({}) if fact.slots is not None else {}
                self.flow = None if fact.step == DONE else Flow(fact.skill, fact.step, slots, fact.until)
        return said

    def _event(self, kind: str, words: str | None) -> Envelope[Any]:
        fact = MessageReceived(
            kind=kind,
            message_id=str(self.turns),
            text=Sealed(words) if words is not None else None,
            raw=Sealed("{}"),
            **self._from_webhook(),
        )
        return begin(fact, source="test", cause=str(self.turns), member=MEMBER, time=self.now)

    def _pressed(self, data: str) -> Envelope[Any]:
        fact = PostbackReceived(postback=Sealed(data), **self._from_webhook())
        return begin(fact, source="test", cause=str(self.turns), member=MEMBER, time=self.now)

    def _from_webhook(self) -> dict[str, Any]:
        return {
            "webhook_event_id": str(self.turns),
            "source_kind": "user",
            "mode": "active",
            "sent_at": self.now,
            "received_at": self.now,
            "sender": Sealed("U" + "0" * 32),
        }


def texts(said: Composed | None) -> str:
    """All words of a turn that are plain text."""
    assert said is not None, "the skill said that this was not its turn"
    return "\n".join(message["text"] for message in said.messages if message["type"] == "text")


def buttons(said: Composed | None) -> dict[str, str]:
    """The quick replies of a turn: what a button sends, by its label."""
    assert said is not None, "the skill said that this was not its turn"
    items = said.messages[-1].get("quickReply", {}).get("items", [])
    return {item["action"]["label"]: item["action"].get("data", item["action"].get("text", "")) for item in items}
