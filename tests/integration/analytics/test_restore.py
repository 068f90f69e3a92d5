"""Verify tells the truth about log and archive, and a lost log comes back from the archive as it was."""

import shutil
from typing import Any

import pytest

from namjai.analytics import restore_log, verify
from namjai.analytics.adapters.archive import Archive
from namjai.analytics.adapters.stream import EventStream
from namjai.analytics.domain.compare import Difference
from namjai.analytics.ports import Refused
from namjai.analytics.rebuild import rebuild
from namjai.events import codec, subjects
from namjai.runtime.provision import provision


async def contents(place: Any) -> list[tuple[int, str, bytes]]:
    return [(raw.sequence, raw.subject, raw.data) async for raw in place.log.read()]


async def ids(place: Any) -> dict[int, str]:
    """The Nats-Msg-Id of every event."""
    js = place.nc.jetstream()
    found = {}
    for sequence, _, _ in await contents(place):
        stored = await js.get_msg("EVENTS", sequence, direct=True)
        found[sequence] = stored.headers["Nats-Msg-Id"]
    return found


async def fill(place: Any, clinic: Any) -> None:
    """A history whose first and last event, and one between, were unsent."""
    first = clinic.message("m0001")
    await place.say([first])
    await place.say(clinic.story(members=5, turns=60))
    middle, last = clinic.message("m0002"), clinic.message("m0003")
    at = await place.say([middle])
    await place.project()
    await place.say([*clinic.unsent(first, 1), *clinic.unsent(middle, at)])
    end = await place.say([last])
    await place.project()
    for sequence in (1, at):
        await place.log.delete(sequence)
    assert end == await place.log.last_sequence()


async def lose(place: Any) -> None:
    """Delete JetStream's directory, and provision again."""
    await place.server.stop()
    shutil.rmtree(place.server.store_dir)
    await place.server.start()
    await place.nc.flush()
    await provision(place.nc)


async def restore(place: Any) -> int:
    return await restore_log.restore(Archive(place.settings), place.log, EventStream(place.nc))


async def test_a_log_that_was_lost_is_equal_after_it_was_restored(place: Any, clinic: Any) -> None:
    await fill(place, clinic)
    before, before_ids, tables = await contents(place), await ids(place), await place.tables()
    await lose(place)
    assert await contents(place) == []
    lost = (await verify.verify(place.log, Archive(place.settings))).differences
    assert len(lost[Difference.LOST]) == len(before)
    await restore(place)
    assert await contents(place) == before
    assert await ids(place) == before_ids
    assert (await verify.verify(place.log, Archive(place.settings))).differences == {}
    # The log goes on where it was, and the projection with it.
    last = await place.say(clinic.turn("m0001"))
    assert last == before[-1][0] + len(await contents(place)) - len(before)
    await place.project()
    assert (await verify.verify(place.log, Archive(place.settings))).differences == {}
    assert (await place.tables())["timeline"] != tables["timeline"]


async def test_a_restored_log_rebuilds_the_same_read_models(place: Any, clinic: Any) -> None:
    await fill(place, clinic)
    tables, archive = await place.tables(), await place.archive()
    await lose(place)
    await restore(place)
    await rebuild(place.log, place.settings)
    after = await place.tables()
    assert {name: rows for name, rows in after.items() if name != "position"} == {
        name: rows for name, rows in tables.items() if name != "position"
    }
    assert await place.archive() == archive


async def test_an_interrupted_restore_is_continued_and_a_finished_one_changes_nothing(
    place: Any, clinic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(place, clinic)
    before = await contents(place)
    await lose(place)
    monkeypatch.setattr(restore_log, "WINDOW_EVENTS", 50)
    left = 4
    put = EventStream.put

    async def until_killed(self: EventStream, events: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise ConnectionError
        await put(self, events)

    with monkeypatch.context() as patch:
        patch.setattr(EventStream, "put", until_killed)
        with pytest.raises(ConnectionError):
            await restore(place)
    assert 0 < len(await contents(place)) < len(before)
    await restore(place)
    assert await contents(place) == before
    await restore(place)
    assert await contents(place) == before


async def test_a_log_with_other_events_is_not_overwritten(place: Any, clinic: Any) -> None:
    await fill(place, clinic)
    await lose(place)
    await place.say([clinic.message("m0009")])
    other = await contents(place)
    with pytest.raises(Refused, match="not the archive's"):
        await restore(place)
    assert await contents(place) == other


async def test_an_id_that_the_log_has_twice_is_restored_twice(place: Any, clinic: Any) -> None:
    message = clinic.message("m0001")
    await place.say([message, clinic.message("m0001")])
    await place.api("$JS.API.STREAM.PURGE.EVENTS", {"seq": 3})
    await lose(place)
    headers = {"Nats-Msg-Id": message.id}
    subject, data = subjects.event(message.type, message.subject), codec.encode(message)
    js = place.nc.jetstream()
    await js.publish(subject, data, headers=headers)
    await js.publish(subject, data)  # as it would be stored once the duplicate window has passed
    await place.project()
    before = await contents(place)
    assert len(before) == 2
    await lose(place)
    await restore(place)
    assert await contents(place) == before


async def test_every_kind_of_difference_is_found(place: Any, clinic: Any) -> None:
    await place.say(clinic.story(members=5, turns=30))
    await place.project()
    await place.log.delete(3)
    await place.log.delete(4)
    await place.pg.execute("DELETE FROM analytics.archive WHERE sequence IN (4, 10)")
    await place.pg.execute("UPDATE analytics.archive SET data = '\\x00' WHERE sequence = 12")
    await place.pg.execute(
        "UPDATE analytics.archive SET data = '\\x00', checksum = sha256('\\x00') WHERE sequence = 13"
    )
    await place.pg.execute("UPDATE analytics.archive SET data = NULL, removed_at = now() WHERE sequence = 15")
    await place.say([clinic.message("m0001")])
    found = await verify.verify(place.log, Archive(place.settings))
    assert {difference: ranges.text(9) for difference, ranges in found.differences.items()} == {
        Difference.LOST: "3",
        Difference.UNEXPLAINED: "4",
        Difference.NOT_ARCHIVED: "10",
        Difference.DAMAGED: "12",
        Difference.CHANGED: "13",
        Difference.NOT_FORGOTTEN: "15",
    }
    assert found.waiting == 1


async def test_a_removal_that_is_not_archived_yet_explains_the_gap(place: Any, clinic: Any) -> None:
    await place.say(clinic.story(members=2, turns=5))
    message = clinic.message("m0001")
    sequence = await place.say([message])
    await place.project()
    await place.log.delete(sequence)
    await place.say(clinic.unsent(message, sequence))
    found = await verify.verify(place.log, Archive(place.settings))
    assert found.differences == {}
    assert found.waiting == 2


async def test_the_command_says_what_differs_and_exits_with_1(
    place: Any, clinic: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await place.say(clinic.story(members=2, turns=5))
    await place.project()
    assert await verify.command() == 0
    await place.log.delete(7)
    assert await verify.command() == 1
    assert "missing in the log: 1 (sequence 7)" in capsys.readouterr().out
