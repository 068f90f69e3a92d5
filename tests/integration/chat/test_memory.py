"""A long conversation on a real log: summed up between turns, forgotten when the person wants it, never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import pytest

from namjai.chat.domain.decide import Rules
from namjai.chat.domain.summary import EVERY_TURNS, KEPT_TURNS
from namjai.chat.ports import Mind, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.chat.summaries import Summaries
from namjai.events import Fact, Sealed
from namjai.events.member import MemberConsented
from namjai.events.memory import MemoryForgotten, MemoryNoted, MemorySummarised
from namjai.events.message import MessageUnsent
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Level
from namjai.events.uses import ModelUse
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics
from tests.integration.chat.conftest import Desk
from tests.unit.chat.visits import Unasked

F = TypeVar("F", bound=Fact)
T = TypeVar("T", bound=msgspec.Struct)
AT_ONCE = Rules(coalesce=timedelta(0), screening_wait=timedelta(seconds=5))
RECAP = {"summary": "They want to drink less and talk with a sister.", "notes": ["A sister helps"]}
DUE = EVERY_TURNS + 1
"""So many turns make a summary due."""


@dataclass
class Reader(Unasked):
    """Listens, and sums up; keeps what it read."""

    recap: Any = field(default_factory=lambda: RECAP)
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    summed_up: list[ModelRequest] = field(default_factory=list)
    answered: list[ModelRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go_on.set()

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        self.answered.append(request)
        return ModelAnswer(text="I am listening.", model="reader")

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """As the port says."""
        self.summed_up.append(request)
        self.reading.set()
        await self.go_on.wait()
        if self.recap is None:
            raise ModelUnavailable("server")
        return msgspec.convert(self.recap, shape), ModelAnswer(text="", model="reader")


@dataclass
class Life:
    """One person who writes and is answered."""

    desk: Desk
    member: str
    said: int = 0

    async def agree(self) -> None:
        """To both."""
        for purpose in ("model", "chat"):
            await self.happens(MemberConsented(purpose=purpose, granted=True, text_version="1"))

    async def say(self, words: str, level: Level = "none") -> str:
        """Write, be judged and be answered; the message's id at LINE."""
        self.said += 1
        message = await self.desk.write(self.member, words, self.said)
        await self.desk.judge(message, level)
        async with asyncio.timeout(10):
            while not any(message.id in turn.data.answers for turn in await self._turns()):
                await asyncio.sleep(0.005)
        return message.data.message_id

    async def talk(self, turns: int) -> list[str]:
        """Write that often."""
        return [await self.say(f"day {n}: I cooked and went for a walk") for n in range(turns)]

    async def happens(self, fact: Fact) -> None:
        """Something else about them."""
        await self.desk.fact(self.member, fact)

    async def facts(self, kind: type[F], count: int = 1, within_s: float = 10) -> list[F]:
        """Their facts of a type, once there are so many."""
        async with asyncio.timeout(within_s):
            while len(found := await self.desk.facts(self.member, kind)) < count:
                await asyncio.sleep(0.01)
        return [event.data for event in found]

    async def _turns(self) -> list[Any]:
        return await self.desk.facts(self.member, ReplyIssued)


@pytest.fixture
def life(desk: Desk, member: str) -> Life:
    return Life(desk, member)


@asynccontextmanager
async def remembering(desk: Desk, mind: Reader, replicas: int = 1) -> AsyncIterator[list[Summaries]]:
    """Chat with this mind, and somebody in each replica who sums up."""
    lease: Callable[[str], Any] = _unguarded
    made = [
        Summaries(
            desk.journal,
            lambda note: _noting(mind, note),
            lease=lease,
            clock=lambda: datetime.now(UTC),
            limiter=LocalLimiter("memory", Rate(600, 60.0), Metrics("chat", "0")),
            metrics=Metrics("chat", "0"),
            language="en",
        )
        for _ in range(replicas)
    ]

    def after_turn(member: str, person: Any) -> None:
        for each in made:
            each.after_turn(member, person)

    stop = asyncio.Event()
    async with desk.replica(AT_ONCE, after_turn=after_turn, desk=desk.desk(mind)), asyncio.TaskGroup() as work:
        for each in made:
            work.create_task(each.run(stop))
        try:
            yield made
        finally:
            stop.set()


@asynccontextmanager
async def _unguarded(_: str) -> AsyncIterator[bool]:
    yield True


def _noting(mind: Reader, note: Callable[[ModelUse], None]) -> Mind:
    note(ModelUse(purpose="summary", model="reader"))
    return mind


async def test_a_long_conversation_is_summed_up_and_read_on_from_there(desk: Desk, life: Life) -> None:
    mind = Reader()
    async with remembering(desk, mind):
        await life.agree()
        await life.talk(DUE)
        (told,) = await life.facts(MemorySummarised)
        (note,) = await life.facts(MemoryNoted)
        await life.say("and today?")
    assert (told.text.value, told.turns) == (RECAP["summary"], DUE - KEPT_TURNS)
    assert [use.purpose for use in told.uses] == ["summary"]
    assert (note.text.value, note.by) == ("A sister helps", "model")
    newest = mind.answered[-1]
    assert newest.history[0].text.startswith(f"<remembered>\n{RECAP['summary']}\n- A sister helps\n</remembered>")
    first = next(each.text for each in newest.history if each.text.startswith("day"))
    assert first.startswith(f"day {DUE - KEPT_TURNS + 1}")
    assert len(newest.history) == 2 * KEPT_TURNS


async def test_what_risk_worried_about_is_in_no_summary(desk: Desk, life: Life) -> None:
    mind = Reader()
    async with remembering(desk, mind):
        await life.agree()
        await life.say("I hate everything about myself", "medium")
        await life.talk(DUE)
        await life.facts(MemorySummarised)
    assert "I hate everything" not in mind.summed_up[0].text
    assert "day 1" in mind.summed_up[0].text


async def test_without_both_consents_nothing_is_summed_up(desk: Desk, life: Life) -> None:
    mind = Reader()
    async with remembering(desk, mind):
        await life.happens(MemberConsented(purpose="model", granted=True, text_version="1"))
        await life.talk(DUE + 1)
    assert mind.summed_up == []
    assert all(request.history == () for request in mind.answered)


async def test_a_model_that_fails_costs_only_longer_history_and_is_left_in_peace(desk: Desk, life: Life) -> None:
    mind = Reader(recap=None)
    async with remembering(desk, mind):
        await life.agree()
        await life.talk(DUE + 3)
    assert len(mind.summed_up) == 1
    assert await life.facts(MemorySummarised, 0) == []
    assert len(mind.answered[-1].history) > 2 * DUE


async def test_two_replicas_that_sum_up_the_same_turns_say_it_once(desk: Desk, life: Life) -> None:
    mind = Reader()
    async with remembering(desk, mind, replicas=2):
        await life.agree()
        await life.talk(DUE)
        await life.facts(MemorySummarised)
        await life.say("one more")
        await asyncio.sleep(0.2)
    assert len(await life.facts(MemorySummarised)) == 1
    assert len(await life.facts(MemoryNoted)) == 1


async def test_what_is_forgotten_while_the_model_reads_stays_forgotten(desk: Desk, life: Life) -> None:
    mind = Reader()
    mind.go_on.clear()
    async with remembering(desk, mind):
        await life.agree()
        await life.talk(DUE)
        await mind.reading.wait()
        await life.happens(MemoryForgotten())
        mind.go_on.set()
        await life.say("let us begin anew")
        await asyncio.sleep(0.2)
    assert await life.facts(MemorySummarised, 0) == []
    assert await life.facts(MemoryNoted, 0) == []
    assert mind.answered[-1].history == ()


async def test_a_consent_taken_back_by_a_button_takes_everything_along(desk: Desk, life: Life) -> None:
    mind = Reader()
    async with remembering(desk, mind):
        await life.agree()
        await life.talk(DUE)
        await life.facts(MemorySummarised)
        button = await desk.press(life.member, "cmd=consent&purpose=chat&granted=no", 900)
        await desk.judge(button)
        await life.facts(MemoryForgotten)
        await life.happens(MemberConsented(purpose="chat", granted=True, text_version="1"))
        await life.say("I am back")
    assert mind.answered[-1].history == ()
    assert await _gone(life)


async def test_words_that_are_unsent_later_take_the_summary_that_tells_of_them_along(desk: Desk, life: Life) -> None:
    mind = Reader()
    async with remembering(desk, mind):
        await life.agree()
        first, *_ = await life.talk(DUE)
        await life.facts(MemorySummarised)
        await life.happens(MemoryNoted(note="mine", text=Sealed("I like tea"), by="person"))
        await life.happens(MessageUnsent(webhook_event_id="w", message_id=first, received_at=datetime.now(UTC)))
        await life.facts(MemoryForgotten, 2)
        assert await _gone(life, notes=1)
        await life.say("and now?")
    opening = mind.answered[-1].history[0].text
    assert opening.startswith("<remembered>\n- I like tea\n</remembered>")
    assert "day 0" not in "".join(each.text for each in mind.answered[-1].history)


async def test_words_that_are_unsent_while_the_model_reads_them_leave_no_trace(desk: Desk, life: Life) -> None:
    mind = Reader()
    mind.go_on.clear()
    async with remembering(desk, mind):
        await life.agree()
        first, *_ = await life.talk(DUE)
        await mind.reading.wait()
        await life.happens(MessageUnsent(webhook_event_id="w", message_id=first, received_at=datetime.now(UTC)))
        await asyncio.sleep(0.1)
        mind.go_on.set()
        await life.facts(MemoryForgotten, 2)
        assert await _gone(life)


async def test_of_somebody_erased_nothing_can_be_read(desk: Desk, life: Life) -> None:
    mind = Reader()
    async with remembering(desk, mind):
        await life.agree()
        await life.talk(DUE)
        await life.facts(MemorySummarised)
    await desk.journal.keyring.destroy(life.member)
    (told,), (note,) = await life.facts(MemorySummarised), await life.facts(MemoryNoted)
    assert told.text.is_erased
    assert note.text.is_erased


async def _gone(life: Life, notes: int = 0) -> bool:
    """Whether the summary is out of the log, and all notes but so many."""
    async with asyncio.timeout(10):
        while await life.facts(MemorySummarised, 0) or len(await life.facts(MemoryNoted, 0)) > notes:
            await asyncio.sleep(0.01)
    return True
