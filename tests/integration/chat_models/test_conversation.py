"""A model beside the conversation: it may word an answer, and can neither hold up nor replace what matters more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from namjai.chat.adapters.models.mind import Elsewhere
from namjai.chat.domain.guard import model_texts
from namjai.chat.ports import ModelAnswer, ModelRequest, ModelUnavailable
from namjai.events import begin
from namjai.events.alert import AlertRaised
from namjai.events.conversation import TurnSkipped
from namjai.events.message import MessageUnsent
from namjai.events.risk import Level
from namjai.runtime.lease import Leases
from namjai.runtime.memory_tools import MemoryLeaseStore
from namjai.runtime.metrics import Metrics
from tests.integration.chat_models.conftest import ModelDesk

WORDS = "That sounds like a long day. What got you through it?"
SAID = "I went for a walk by the river today"


class Beside(Elsewhere):
    """A model that answers at once, when told to, or not at all; it remembers what it was asked."""

    def __init__(self, words: str | None = WORDS, *, waits: bool = False) -> None:
        self.asked: list[ModelRequest] = []
        self.given_up = 0
        self.begun = asyncio.Event()
        super().__init__(wait_s=0)  # support only writes
        self._words = words
        self._release = asyncio.Event()
        if not waits:
            self._release.set()

    async def write(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(request)
        self.begun.set()
        try:
            await self._release.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self._words is None:
            raise ModelUnavailable("server")
        return ModelAnswer(text=self._words, model="beside-1")

    def say_it(self) -> None:
        self._release.set()


async def test_somebody_who_agreed_is_answered_in_the_models_words(model_desk: ModelDesk, member: str) -> None:
    model = Beside()
    async with model_desk.replica_with(model):
        await model_desk.agree(member)
        message = await model_desk.write(member, SAID)
        await model_desk.judge(message)
        _, reply = await model_desk.replies(member, 2)
    assert reply.data.responder == "beside-1"
    assert reply.data.kind == "support"
    assert reply.data.screened
    assert reply.data.intent is not None
    assert reply.data.content == (f"prompt/support@{model_texts().prompt.meta.version}",)
    (said,) = reply.data.messages.value
    assert said["text"] == WORDS
    assert said["quickReply"]["items"]
    (asked,) = model.asked
    assert asked.text == SAID
    for private in (member, "U" + "0" * 32, message.id, message.data.message_id):
        assert private not in f"{asked.system}{asked.text}"


async def test_without_consent_the_model_hears_nothing(model_desk: ModelDesk, member: str) -> None:
    model = Beside()
    async with model_desk.replica_with(model):
        for n in range(2):
            await model_desk.judge(await model_desk.write(member, SAID, n))
            await model_desk.replies(member, n + 1)
        *_, reply = await model_desk.replies(member, 2)
    assert reply.data.responder == "offline"
    assert model.asked == []


@pytest.mark.parametrize("level", ["medium", "high", "crisis"])
async def test_danger_is_answered_without_the_model(model_desk: ModelDesk, member: str, level: Level) -> None:
    model = Beside()
    async with model_desk.replica_with(model):
        await model_desk.agree(member)
        await model_desk.judge(await model_desk.write(member, SAID), level)
        _, reply = await model_desk.replies(member, 2)
    assert reply.data.responder in ("fixed", "offline")
    assert model.asked == []


async def test_a_command_and_an_overdue_verdict_are_answered_without_the_model(
    model_desk: ModelDesk, member: str
) -> None:
    model = Beside()
    async with model_desk.replica_with(model):
        await model_desk.agree(member)
        await model_desk.judge(await model_desk.write(member, "help", 0))
        await model_desk.replies(member, 2)
        await model_desk.write(member, SAID, 1)
        *_, unscreened = await model_desk.replies(member, 3)
    assert not unscreened.data.screened
    assert model.asked == []


async def test_when_the_model_fails_the_offline_answer_stands(model_desk: ModelDesk, member: str) -> None:
    model = Beside(None)
    async with model_desk.replica_with(model):
        await model_desk.agree(member)
        await model_desk.judge(await model_desk.write(member, SAID))
        _, reply = await model_desk.replies(member, 2)
    assert len(model.asked) == 1
    assert reply.data.responder == "offline"
    assert reply.data.content[0].startswith("support/en/")
    assert reply.data.messages.value[0]["text"]


async def test_a_crisis_does_not_wait_for_a_model_that_is_being_asked(model_desk: ModelDesk, member: str) -> None:
    model = Beside(waits=True)
    async with model_desk.replica_with(model):
        await model_desk.agree(member)
        first = await model_desk.write(member, SAID, 0)
        await model_desk.judge(first)
        await model.begun.wait()
        second = await model_desk.write(member, "I am going to end it tonight", 1)
        verdict = await model_desk.judge(second, "crisis")
        _, card = await model_desk.replies(member, 2, within_s=2)
    assert card.data.kind == "crisis"
    assert card.data.answers == (first.id, second.id)
    assert (card.time - verdict.time).total_seconds() < 0.5
    assert model.given_up == 1


async def test_another_message_meanwhile_gets_its_own_turn_after(model_desk: ModelDesk, member: str) -> None:
    model = Beside(waits=True)
    async with model_desk.replica_with(model):
        await model_desk.agree(member)
        first = await model_desk.write(member, SAID, 0)
        await model_desk.judge(first)
        await model.begun.wait()
        second = await model_desk.write(member, "And then I came home", 1)
        await model_desk.judge(second)
        await asyncio.sleep(0.3)
        model.say_it()
        _, one, two = await model_desk.replies(member, 3)
    assert (one.data.answers, two.data.answers) == ((first.id,), (second.id,))
    assert model.given_up == 0


async def test_words_taken_back_while_the_model_is_asked_are_not_answered(model_desk: ModelDesk, member: str) -> None:
    model = Beside(waits=True)
    now = datetime.now(UTC)
    async with model_desk.replica_with(model):
        await model_desk.agree(member)
        message = await model_desk.write(member, SAID)
        await model_desk.judge(message)
        await model.begun.wait()
        unsent = MessageUnsent(message_id=message.data.message_id, webhook_event_id="u", received_at=now)
        await model_desk.journal.append([begin(unsent, source="gateway", cause=f"{member}-u", member=member, time=now)])
        await _until(lambda: model.given_up == 1)
        async with asyncio.timeout(5):
            while not await model_desk.facts(member, TurnSkipped):
                await asyncio.sleep(0.01)
        assert len(await model_desk.replies(member, 1)) == 1


async def test_a_verdict_that_another_replica_heard_is_not_overdue(model_desk: ModelDesk, member: str) -> None:
    """One replica is told of the message, the other of its verdict, and that one is still asking the model."""
    leases = Leases(MemoryLeaseStore(), Metrics("chat"))
    models = Beside(waits=True), Beside(waits=True)
    one, other = [await model_desk.worker(model, leases=leases) for model in models]
    async with model_desk.replica_with(None):
        await model_desk.agree(member)
    async with asyncio.TaskGroup() as work:
        message = await model_desk.write(member, SAID)
        work.create_task(one.wake(member, await model_desk.sequence(message)))
        await asyncio.sleep(0.05)  # it has read up to the message, and waits
        verdict = await model_desk.judge(message)
        work.create_task(other.wake(member, await model_desk.sequence(verdict)))
        await _until(lambda: bool(models[1].asked))
        await asyncio.sleep(1.0)  # past the time at which the first one would call the verdict overdue
        models[1].say_it()
    _, reply = await model_desk.replies(member, 2)
    assert reply.data.screened
    assert reply.data.responder == "beside-1"
    assert [len(model.asked) for model in models] == [0, 1]
    assert await model_desk.facts(member, AlertRaised) == []


async def test_a_replica_that_comes_second_reads_what_the_first_one_said(model_desk: ModelDesk, member: str) -> None:
    """The first answered two messages as one turn; the second knows of one of them, and must not insist."""
    model = Beside(waits=True)
    slow, quick = await model_desk.worker(model), await model_desk.worker(None)
    async with model_desk.replica_with(None):
        await model_desk.agree(member)
    async with asyncio.timeout(5), asyncio.TaskGroup() as work:
        first = await model_desk.write(member, SAID, 0)
        await model_desk.judge(first)
        work.create_task(slow.wake(member, await model_desk.sequence(first)))
        await model.begun.wait()
        second = await model_desk.write(member, "And then I came home", 1)
        verdict = await model_desk.judge(second)
        await quick.wake(member, await model_desk.sequence(verdict))
        model.say_it()
    _, reply = await model_desk.replies(member, 2)
    assert reply.data.answers == (first.id, second.id)
    assert reply.data.responder == "offline"


async def test_if_the_replica_that_asks_is_gone_another_answers_offline(model_desk: ModelDesk, member: str) -> None:
    leases = Leases(MemoryLeaseStore(), Metrics("chat"))
    model = Beside()
    async with model_desk.replica_with(model, leases=leases, wait_s=0.3):
        await model_desk.agree(member)
        async with leases.hold(f"{member}"):  # as a replica that was killed would leave it
            await model_desk.judge(await model_desk.write(member, SAID))
            _, reply = await model_desk.replies(member, 2, within_s=3)
    assert reply.data.responder == "offline"
    assert model.asked == []


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)
