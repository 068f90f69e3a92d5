"""One person, one log, any number of replicas: one turn for every message, in order, screened."""

import asyncio
from datetime import UTC, datetime

import pytest

from namjai.events import Sealed, begin
from namjai.events.alert import AlertRaised
from namjai.events.conversation import TurnSkipped
from namjai.events.media import MediaTranscribed
from namjai.events.member import MemberPaused
from namjai.events.message import MessageReceived, MessageRemoved, MessageUnsent
from namjai.events.reply import ReplyIssued
from tests.integration.chat.conftest import Desk


async def test_a_judged_message_gets_one_turn_that_names_its_verdict(desk: Desk, member: str) -> None:
    async with desk.replica():
        message = await desk.write(member, "อยากเลิกเหล้า")
        verdict = await desk.judge(message)
        (reply,) = await desk.replies(member, 1)
    assert (message.id,) == reply.data.answers
    assert (verdict.id,) == reply.data.assessments
    assert reply.data.screened
    assert reply.data.language == "th"
    assert reply.data.messages.value


async def test_rapid_messages_are_one_turn_and_later_ones_another(desk: Desk, member: str) -> None:
    async with desk.replica():
        first = [await desk.write(member, words, n) for n, words in enumerate(("hello", "I drank again", "sorry"))]
        for message in first:
            await desk.judge(message)
        await desk.replies(member, 1)
        later = await desk.write(member, "are you there?", 9)
        await desk.judge(later)
        one, two = await desk.replies(member, 2)
    assert tuple(message.id for message in first) == one.data.answers
    assert (later.id,) == two.data.answers
    assert one.id == two.data.previous
    assert one.data.content != two.data.content


async def test_a_crisis_is_answered_before_the_pause_is_over(desk: Desk, member: str) -> None:
    async with desk.replica():
        message = await desk.write(member, "อยากตาย คืนนี้จะทำแน่ๆ")
        await desk.judge(message, "crisis")
        (reply,) = await desk.replies(member, 1, within_s=2)
    assert reply.data.kind == "crisis"
    assert reply.data.urgent
    assert (reply.time - message.time).total_seconds() < 0.15  # sooner than the coalescing pause
    assert any("1323" in str(part) for part in reply.data.messages.value)


async def test_an_overdue_verdict_sends_the_crisis_lines_and_an_alert(desk: Desk, member: str) -> None:
    async with desk.replica():
        message = await desk.write(member, "hello")
        (reply,) = await desk.replies(member, 1)
        assert not reply.data.screened
        assert reply.data.assessments == ()
        assert any("1323" in str(part) for part in reply.data.messages.value)
        assert [alert.data.reason for alert in await desk.facts(member, AlertRaised)] == ["unscreened"]
        await desk.judge(message, "crisis")  # late, and grave: the card is still owed
        _, card = await desk.replies(member, 2)
    assert card.data.answers == ()
    assert card.data.kind == "crisis"
    assert card.data.to.value == "U" + "0" * 32


async def test_many_replicas_say_each_thing_once(desk: Desk, member: str) -> None:
    people = [f"{member}x{n}" for n in range(20)]
    async with desk.replica(), desk.replica(), desk.replica():
        for n in range(4):
            messages = await asyncio.gather(*(desk.write(person, f"message {n}", n) for person in people))
            await asyncio.gather(*(desk.judge(message) for message in messages))
            await asyncio.sleep(0.1)
        async with asyncio.timeout(20):
            for person in people:
                while len(await _answered(desk, person)) < 4:
                    await asyncio.sleep(0.02)
    for person in people:
        said = [message.id for message in await desk.facts(person, MessageReceived)]
        turns = await desk.facts(person, ReplyIssued)
        assert said == await _answered(desk, person)
        assert [turn.data.previous for turn in turns] == [None, *(turn.id for turn in turns[:-1])]


async def _answered(desk: Desk, person: str) -> list[str]:
    return [answer for turn in await desk.facts(person, ReplyIssued) for answer in turn.data.answers]


async def test_a_replica_that_dies_leaves_its_turn_to_the_next(desk: Desk, member: str) -> None:
    message = await desk.write(member, "hello")
    async with desk.replica():
        await asyncio.sleep(0.05)
    await desk.judge(message)
    async with desk.replica():
        (reply,) = await desk.replies(member, 1)
    assert (message.id,) == reply.data.answers


async def test_an_unsent_message_is_gone_from_the_log_and_not_answered(desk: Desk, member: str) -> None:
    now = datetime.now(UTC)
    async with desk.replica():
        message = await desk.write(member, "forget that")
        unsent = MessageUnsent(message_id=message.data.message_id, webhook_event_id="u", received_at=now)
        await desk.journal.append([begin(unsent, source="gateway", cause=f"{member}-u", member=member, time=now)])
        async with asyncio.timeout(5):
            while not await desk.facts(member, MessageRemoved):
                await asyncio.sleep(0.01)
    assert await desk.facts(member, MessageReceived) == []
    assert [skipped.data.reason for skipped in await desk.facts(member, TurnSkipped)] == ["unsent"]


@pytest.mark.parametrize("order", ["before it was understood", "afterwards"])
async def test_what_was_heard_in_an_unsent_voice_is_gone_with_it(desk: Desk, member: str, order: str) -> None:
    now = datetime.now(UTC)
    async with desk.replica():
        voice = await desk.write(member, "")
        heard = MediaTranscribed(
            message=voice.id,
            message_id=voice.data.message_id,
            kind="audio",
            text=Sealed("forget that"),
            received_at=now,
        )
        unsent = MessageUnsent(message_id=voice.data.message_id, webhook_event_id="u", received_at=now)
        for fact in (unsent, heard) if order == "before it was understood" else (heard, unsent):
            await desk.fact(member, fact)
        async with asyncio.timeout(5):
            while len(await desk.facts(member, MessageRemoved)) < 2:
                await asyncio.sleep(0.01)
    assert await desk.facts(member, MediaTranscribed) == []
    assert await desk.facts(member, MessageReceived) == []


async def test_a_person_who_said_stop_is_left_alone_until_it_matters(desk: Desk, member: str) -> None:
    async with desk.replica():
        await desk.judge(await desk.write(member, "หยุด", 0))
        await desk.replies(member, 1)
        assert len(await desk.facts(member, MemberPaused)) == 1
        await desk.judge(await desk.write(member, "วันนี้ฝนตก", 1))
        async with asyncio.timeout(5):
            while not await desk.facts(member, TurnSkipped):
                await asyncio.sleep(0.01)
        await desk.judge(await desk.write(member, "อยากตาย", 2), "crisis")
        _, card = await desk.replies(member, 2)
    assert card.data.kind == "crisis"
    assert isinstance(card.data.to, Sealed)
