"""Who watches: the newest word counts, for as long as it can be looked up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from namjai.chat.adapters.watch import KNOWN_FOR, Watch
from namjai.chat.domain.crisis import unwatched
from namjai.events import Fact, Stored, begin, subjects
from namjai.events.duty import WatchChanged
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.memory import MemoryLog

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


class Away(MemoryLog):
    """A log that can be taken away."""

    away = False

    async def last(self, filters: Sequence[str]) -> list[Stored[Fact]]:
        if self.away:
            raise LogUnavailable("away")
        return await super().last(filters)


async def say(log: MemoryLog, fact: WatchChanged, n: int) -> None:
    await log.append([begin(fact, source="notify", cause=str(n), member=subjects.NOBODY, time=NOW)])


async def test_the_newest_word_counts_until_it_cannot_be_looked_up_any_more() -> None:
    log = Away()
    watch = Watch(log, every_s=5)
    assert watch.known(NOW) is None
    await watch.look()
    assert watch.known(datetime.now(UTC)) is None, "nobody has said anything"
    await say(log, WatchChanged(watched=True), 1)
    await say(log, WatchChanged(watched=False), 2)
    await watch.look()
    assert watch.known(datetime.now(UTC)) == WatchChanged(watched=False)
    log.away = True
    await watch.look()
    assert watch.known(datetime.now(UTC)) == WatchChanged(watched=False)
    assert watch.known(datetime.now(UTC) + KNOWN_FOR + timedelta(seconds=1)) is None


def test_what_is_not_known_is_not_said() -> None:
    for watch in (None, WatchChanged(watched=True), WatchChanged(watched=False, until=NOW)):
        assert unwatched(watch, "en", UTC, NOW) is None


def test_a_clock_time_is_said_only_when_it_is_within_a_day() -> None:
    soon = unwatched(WatchChanged(watched=False, until=NOW + timedelta(hours=9)), "en", UTC, NOW)
    later = unwatched(WatchChanged(watched=False, until=NOW + timedelta(hours=30)), "en", UTC, NOW)
    assert soon is not None
    assert "23:00" in soon
    assert later is not None
    assert "until" not in later
