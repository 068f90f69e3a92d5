"""A past read bit by bit is the same as one read at once; of those nobody was called about, none is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from namjai.events import Fact, Stored
from namjai.risk.adapters.history import LogHistory
from namjai.risk.domain.context import Context, context
from namjai.runtime.memory import MemoryLog
from tests.unit.risk_context.story import (
    MEMBER,
    NOW,
    WATCH,
    alerted,
    answered,
    checked_in,
    corrected,
    judged,
    resolved,
    second_look,
)


class CountingLog(MemoryLog):
    """Counts the events that were read, heads left aside."""

    def __init__(self) -> None:
        super().__init__()
        self.events_read = 0

    async def recent(self, subject: str, since: datetime) -> list[Stored[Fact]]:
        return self._counted([each for each in await self.since(subject, 0) if each.event.time >= since])

    async def since(self, subject: str, after: int) -> list[Stored[Fact]]:
        return self._counted(await super().since(subject, after)) if after else await super().since(subject, after)

    def _counted(self, stored: list[Stored[Fact]]) -> list[Stored[Fact]]:
        self.events_read += len(stored)
        return stored

    async def write(self, *events: Stored[Fact]) -> None:
        for each in events:
            await self.append([each.event])


async def past(history: LogHistory) -> Context:
    return await history.context(MEMBER, NOW)


async def test_who_nobody_was_called_about_costs_one_look() -> None:
    log = CountingLog()
    await log.write(judged(1, "low"), judged(2, "none"))
    assert await past(LogHistory(log, WATCH)) == Context()
    assert log.events_read == 0


async def test_what_came_since_is_read_and_nothing_else() -> None:
    log = CountingLog()
    history = LogHistory(log, WATCH)
    await log.write(*(judged(3, "none") for _ in range(50)), judged(2, "high", "m"), alerted(2, "high", "m"))
    assert (await past(history)).standing == "high"
    assert log.events_read == 52
    assert (await past(history)).standing == "high"
    assert log.events_read == 52
    await log.write(judged(1, "none"), resolved(1, "m"))
    assert (await past(history)).standing == "none"
    assert log.events_read == 54


def told(age_h: float, level: str, message: str) -> Sequence[Stored[Fact]]:
    return [judged(age_h, level, message), *([alerted(age_h, level, message)] if level not in ("none", "low") else [])]


AGES, MESSAGES = st.floats(0, 400), st.sampled_from(["a", "b", "c"])
LEVELS = st.sampled_from(["none", "low", "medium", "high", "crisis"])
HAPPENINGS = st.one_of(
    st.builds(told, AGES, LEVELS, MESSAGES),
    st.builds(
        lambda *given: [second_look(*given), alerted(given[0], "high", given[1], alert="again")], AGES, MESSAGES, LEVELS
    ),
    st.builds(lambda *given: [corrected(*given)], AGES, MESSAGES, LEVELS),
    st.builds(lambda *given: [answered(*given)], AGES, st.integers(0, 3)),
    st.builds(lambda age_h, mood: [checked_in(age_h, mood=mood)], AGES, st.integers(0, 10)),
)


@given(st.lists(HAPPENINGS, max_size=10), st.floats(0, 1))
async def test_forgetting_in_between_changes_no_verdict(happenings: list[Sequence[Stored[Fact]]], keep: float) -> None:
    log = CountingLog()
    history, forgetful = LogHistory(log, WATCH), LogHistory(log, WATCH)
    for happening in sorted(happenings, key=lambda happening: happening[0].event.time):
        await log.write(*happening)
        forgetful.prune(keep)
        assert await past(forgetful) == await past(history)


@given(st.lists(HAPPENINGS, max_size=10))
async def test_bit_by_bit_comes_to_the_same(happenings: list[Sequence[Stored[Fact]]]) -> None:
    log = CountingLog()
    history = LogHistory(log, WATCH)
    for happening in sorted(happenings, key=lambda happening: happening[0].event.time):
        await log.write(*happening)
        piecemeal = await past(history)
        assert piecemeal == await past(LogHistory(log, WATCH))
        everything = [each for each in await log.since("evt.*.*.m1", 0) if each.event.time >= NOW - WATCH.reach]
        whole = context(everything, NOW, WATCH)
        if piecemeal != Context():
            assert (piecemeal.standing, piecemeal.asserted) == (whole.standing, whole.asserted)
