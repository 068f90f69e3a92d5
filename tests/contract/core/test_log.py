"""The log's promises, held by JetStream and by the twin in memory."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from namjai.events import Envelope, Fact, begin, subjects
from namjai.events.member import LanguageChosen, MemberPaused, MemberResumed
from namjai.runtime import log as runtime_log
from namjai.runtime.errors import Conflict, Duplicate
from namjai.runtime.log import Expect, Log


def said(member: str, cause: str, now: datetime, n: int = 0) -> Envelope[MemberPaused]:
    return begin(MemberPaused(), source="test", cause=cause, member=member, time=now, n=n)


async def test_what_is_appended_is_read_back_in_order(log: Log, member: str, now: datetime) -> None:
    events = [said(member, f"{member}-{n}", now) for n in range(3)]
    for event in events:
        await log.append([event])
    assert events == [stored.event for stored in await log.history(member)]


async def test_history_after_a_sequence_leaves_out_what_came_before(log: Log, member: str, now: datetime) -> None:
    first = await log.append([said(member, f"{member}-1", now)])
    second = await log.append([said(member, f"{member}-2", now)])
    assert [second] == [stored.sequence for stored in await log.history(member, after=first, at_least=second)]
    assert await log.history(member, after=second) == []


async def test_the_same_fact_twice_is_one_event(log: Log, member: str, now: datetime) -> None:
    event = said(member, f"{member}-once", now)
    assert await log.append([event]) == await log.append([event])
    assert len(await log.history(member)) == 1


async def test_an_unexpected_last_sequence_is_a_conflict_and_appends_nothing(
    log: Log, member: str, now: datetime
) -> None:
    story = subjects.area("member", member)
    sequence = await log.append([said(member, f"{member}-1", now)], expect=Expect(story, 0))
    with pytest.raises(Conflict):
        await log.append([said(member, f"{member}-2", now)], expect=Expect(story, 0))
    await log.append([said(member, f"{member}-3", now)], expect=Expect(story, sequence))
    assert len(await log.history(member)) == 2


async def test_a_batch_is_appended_whole_or_not_at_all(log: Log, member: str, now: datetime) -> None:
    batch = [said(member, f"{member}-b", now, n) for n in range(4)]
    await log.append(batch)
    assert batch == [stored.event for stored in await log.history(member)]
    with pytest.raises(Conflict):
        await log.append(
            [said(member, f"{member}-c", now, n) for n in range(2)], expect=Expect(subjects.area("member", member), 0)
        )
    assert len(await log.history(member)) == 4


async def test_a_batch_that_is_in_the_log_already_says_so(log: Log, member: str, now: datetime) -> None:
    batch = [said(member, f"{member}-b", now, n) for n in range(2)]
    await log.append(batch)
    with pytest.raises(Duplicate):
        await log.append(batch)
    assert len(await log.history(member)) == 2


async def test_the_last_event_of_each_subject_is_found(log: Log, member: str, now: datetime) -> None:
    await log.append([said(member, f"{member}-1", now)])
    await log.append([said(member, f"{member}-2", now)])
    resumed = begin(MemberResumed(), source="test", cause=f"{member}-3", member=member, time=now)
    await log.append([resumed])
    newest = await log.last([subjects.area("member", member)])
    assert [stored.event.type for stored in newest] == ["member.paused.v1", "member.resumed.v1"]


async def test_a_deleted_event_leaves_a_gap_and_nothing_else(log: Log, member: str, now: datetime) -> None:
    sequence = await log.append([said(member, f"{member}-1", now)])
    last = await log.append([said(member, f"{member}-2", now)])
    assert await log.delete(sequence)
    assert not await log.delete(sequence)
    assert [last] == [stored.sequence for stored in await log.history(member)]


async def test_reading_from_a_place_gives_everything_after_it(log: Log, member: str, now: datetime) -> None:
    before = await log.last_sequence()
    sequences = [await log.append([said(member, f"{member}-{n}", now)]) for n in range(5)]
    assert sequences == [raw.sequence async for raw in log.read(after=before)]
    assert sequences[:2] == [raw.sequence async for raw in log.read(after=before, through=sequences[1])]


async def test_a_long_history_is_read_whole(log: Log, member: str, now: datetime) -> None:
    for start in range(0, 1_200, 100):
        await log.append([said(member, f"{member}-{start}", now, n) for n in range(100)])
    assert len(await log.history(member)) == 1_200


async def test_recent_events_are_found_by_the_time_they_were_stored(log: Log, member: str, now: datetime) -> None:
    await log.append([said(member, f"{member}-early", now)])
    await asyncio.sleep(0.02)
    between = datetime.now(UTC)
    await asyncio.sleep(0.02)
    late = said(member, f"{member}-late", now)
    await log.append([late])
    found = await log.recent(subjects.event(late.type, member), between)
    assert [stored.event for stored in found] == [late]
    assert await log.recent(subjects.event(late.type, member), datetime.now(UTC) + timedelta(hours=1)) == []


async def test_what_is_new_on_many_members_subjects_is_found_by_its_sequence(
    log: Log, member: str, now: datetime
) -> None:
    before = await log.append([said(member, f"{member}-1", now)])
    first = await log.append([said(f"{member}a", f"{member}-2", now)])
    await log.append([begin(MemberResumed(), source="test", cause=f"{member}-3", member=member, time=now)])
    second = await log.append([said(f"{member}b", f"{member}-4", now)])
    everybody = subjects.every(MemberPaused.TYPE)
    assert [first, second] == [stored.sequence for stored in await log.since(everybody, before)]
    assert await log.since(everybody, second) == []


async def test_a_history_is_the_same_read_from_near_and_from_afar(
    log: Log, member: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Near the end the server scans; from far back only the subjects that changed are read."""
    events: list[Envelope[Fact]] = []
    for n in range(12):
        fact = MemberPaused() if n % 3 else MemberResumed()
        events.append(begin(fact, source="test", cause=f"{member}-{n}", member=member, time=now))
        last = await log.append([events[-1]])
    whole = await log.history(member)
    assert [stored.event for stored in whole] == events
    after = whole[5].sequence
    scanned = await log.history(member, after=after, at_least=last)
    monkeypatch.setattr(runtime_log, "SCAN_EVENTS_MAX", 0)
    assert await log.history(member, after=after, at_least=last) == scanned == whole[6:]


async def test_a_history_read_while_it_grows_has_no_holes(log: Log, member: str, now: datetime) -> None:
    facts: tuple[Fact, ...] = (MemberPaused(), MemberResumed(), LanguageChosen(language="th"))

    async def grow() -> None:
        for n in range(150):
            fact = facts[n % len(facts)]
            await log.append([begin(fact, source="test", cause=f"{member}-g{n}", member=member, time=now)])

    async with asyncio.TaskGroup() as work:
        growing = work.create_task(grow())
        seen: list[list[int]] = []
        while not growing.done():
            seen.append([stored.sequence for stored in await log.history(member)])
            await asyncio.sleep(0)
    whole = [stored.sequence for stored in await log.history(member)]
    assert len(whole) == 150
    assert all(part == whole[: len(part)] for part in seen)
