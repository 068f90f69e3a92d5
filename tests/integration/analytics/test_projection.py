"""The projection on real servers: complete, once, in order, whoever goes away in between."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from namjai.analytics.batch import prepare
from namjai.analytics.domain.change import Change
from namjai.devkit.testing import PostgresServer


async def read_all(place: Any) -> list[Any]:
    return [raw async for raw in place.log.read()]


def rows_of(change: Change) -> dict[str, Any]:
    """The tables that a fold of the whole log amounts to."""
    days = change.days + Counter((day, "active") for day, _ in change.active)
    return {
        "activity": sorted(change.active),
        "days": sorted((*key, count) for key, count in days.items()),
        "reply_times": sorted((*key, count) for key, count in change.reply_times.items()),
        "risk": [tuple(verdict) for verdict in change.verdicts],
        "timeline": [entry.sequence for entry in change.timeline],
        "members": {
            name: (m.first_seen, m.last_seen, m.messages, m.language, m.follows, m.paused, m.level)
            for name, m in change.members.items()
        },
    }


def rows_in(tables: dict[str, Any]) -> dict[str, Any]:
    """The same, as it is in the database."""
    return {
        **{name: sorted(tables[name]) for name in ("activity", "days", "reply_times", "risk")},
        "timeline": sorted(row[0] for row in tables["timeline"]),
        "members": {row[0]: tuple(row)[1:8] for row in tables["members"]},
    }


async def test_the_read_models_are_what_a_fold_of_the_whole_log_says(place: Any, clinic: Any) -> None:
    last = await place.say(clinic.story(members=20, turns=400))
    await place.project()
    raws = await read_all(place)
    tables = await place.tables()
    assert rows_in(tables) == rows_of(prepare(raws, place.settings.zone()).change)
    assert tables["position"] == [(True, last, raws[-1].stored_at)]
    assert [(row[0], row[2], row[8]) for row in await place.archive()] == [
        (raw.sequence, raw.subject, raw.data) for raw in raws
    ]


@pytest.mark.parametrize("batch_events", [1, 7, 100])
async def test_the_size_of_a_batch_changes_nothing(place: Any, clinic: Any, batch_events: int) -> None:
    unsent = clinic.message("m0001")
    story = [*clinic.story(members=4, turns=20), unsent]
    sequence = await place.say(story)
    await place.say(clinic.unsent(unsent, sequence))
    await place.log.delete(sequence)
    place.settings = place.settings.model_copy(update={"batch_events_max": batch_events})
    await place.project()
    left = prepare(await read_all(place), place.settings.zone()).change
    assert rows_in(await place.tables()) == rows_of(left)


async def test_an_unsent_message_is_gone_from_archive_and_read_models_as_if_it_had_never_been(
    place: Any, clinic: Any
) -> None:
    await place.say(clinic.story(members=3, turns=20))
    lonely = clinic.message("m9999", throttled=True)
    sequence = await place.say([lonely])
    await place.project()
    assert await place.log.delete(sequence)
    await place.say(clinic.unsent(lonely, sequence))
    await place.project()
    left = prepare(await read_all(place), place.settings.zone()).change
    assert rows_in(await place.tables()) == rows_of(left)
    row = await place.pg.fetchrow("SELECT data, removed_at FROM analytics.archive WHERE sequence = $1", sequence)
    assert row["data"] is None
    assert row["removed_at"] is not None


async def test_of_several_replicas_one_projects_and_another_takes_over(place: Any, clinic: Any) -> None:
    first, second = place.projector(), place.projector()
    async with place.running(second):
        async with place.running(first):
            await place.projected(await place.say(clinic.story(members=5, turns=50)))
            states = {first.progress.state, second.progress.state}
            assert states == {"projecting", "standby"}
        await place.projected(await place.say(clinic.story(members=5, turns=50)[5:]))
    assert rows_in(await place.tables()) == rows_of(prepare(await read_all(place), place.settings.zone()).change)


async def test_it_waits_for_a_database_that_is_away_and_catches_up(
    place: Any, clinic: Any, postgres: PostgresServer
) -> None:
    async with place.running(place.projector()) as projector:
        await place.projected(await place.say(clinic.story(members=5, turns=20)))
        await place.pg.close()
        await postgres.stop()
        last = await place.say([clinic.message("m0001") for _ in range(50)])
        while projector.progress.state != "waiting":
            await asyncio.sleep(0.01)
        await postgres.start()
        place.pg = await asyncpg.connect(place.settings.postgres_dsn.get_secret_value(), ssl=False)
        await place.projected(last)
    assert len(await place.archive()) == last


async def test_connections_that_are_cut_again_and_again_lose_and_double_nothing(place: Any, clinic: Any) -> None:
    last = await place.say(clinic.story(members=20, turns=400))
    place.settings = place.settings.model_copy(update={"batch_events_max": 20, "backoff_ms_max": 100})
    cut = 0
    async with place.running(place.projector()):
        while await place.pg.fetchval("SELECT sequence FROM analytics_read.position") < last:
            if cut < 5:
                cut += await place.pg.fetchval(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE application_name = 'namjai-analytics-projection' AND datname = current_database()"
                )
            await asyncio.sleep(0.05)
    assert cut == 5
    assert rows_in(await place.tables()) == rows_of(prepare(await read_all(place), place.settings.zone()).change)
    assert len(await place.archive()) == last


async def test_it_goes_on_after_the_log_was_killed(place: Any, clinic: Any) -> None:
    async with place.running(place.projector()) as projector:
        await place.projected(await place.say(clinic.story(members=5, turns=20)))
        await place.server.kill()
        while projector.progress.state != "waiting":
            await asyncio.sleep(0.01)
        await place.server.start()
        await place.nc.flush()
        await place.projected(await place.say([clinic.message("m0001") for _ in range(30)]))


async def test_what_nobody_can_read_is_archived_and_stops_nothing(place: Any, clinic: Any) -> None:
    await place.nc.jetstream().publish("evt.message.received.m1", b"not an envelope")
    newer = b'{"id":"i1","type":"future.thing.v9","time":"2026-01-01T00:00:00Z","source":"x","subject":"m1",'
    newer += b'"correlationid":"i1","data":{}}'
    await place.nc.jetstream().publish("evt.future.thing.m1", newer)
    last = await place.say(clinic.story(members=1, turns=1))
    await place.project()
    archive = await place.archive()
    assert [(row[2], row[3], row[4]) for row in archive[:2]] == [
        ("evt.message.received.m1", None, None),
        ("evt.future.thing.m1", "i1", "future.thing.v9"),
    ]
    assert len(archive) == last


async def test_a_log_that_ends_before_the_position_is_held_and_said(place: Any, clinic: Any) -> None:
    await place.say(clinic.story(members=2, turns=5))
    await place.project()
    before = await place.tables()
    await place.pg.execute("UPDATE analytics_read.position SET sequence = sequence + 1000")
    async with place.running(place.projector()) as projector:
        while projector.progress.state != "waiting":
            await asyncio.sleep(0.01)
    assert (await place.tables())["days"] == before["days"]
