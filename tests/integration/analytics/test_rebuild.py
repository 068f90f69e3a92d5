"""Rebuild: what was dropped is there again, exactly, from either copy of the log, and while the service runs."""

import asyncio
from typing import Any

import asyncpg
import pytest

from namjai.analytics import migrate, rebuild
from namjai.analytics.adapters.archive import Archive
from namjai.analytics.ports import Refused
from namjai.devkit.testing import PostgresServer


async def fill(place: Any, clinic: Any) -> int:
    """A history with an unsent message in the middle."""
    await place.say(clinic.story(members=10, turns=100))
    message = clinic.message("m0001")
    sequence = await place.say([message])
    await place.project()
    await place.log.delete(sequence)
    last = await place.say([*clinic.unsent(message, sequence), *clinic.story(members=10, turns=50)[10:]])
    await place.project()
    return int(last)


@pytest.mark.parametrize("source", ["log", "archive"])
async def test_read_models_that_were_dropped_are_equal_after_a_rebuild(place: Any, clinic: Any, source: str) -> None:
    await fill(place, clinic)
    tables, archive = await place.tables(), await place.archive()
    for name in tables.keys() - {"position"}:
        await place.pg.execute(f'TRUNCATE analytics_read."{name}"')
    await rebuild.rebuild(place.log if source == "log" else Archive(place.settings), place.settings)
    assert await place.tables() == tables
    assert await place.archive() == archive


async def test_a_database_that_was_dropped_is_made_again_by_the_command(
    place: Any, clinic: Any, postgres: PostgresServer
) -> None:
    await fill(place, clinic)
    tables, archive = await place.tables(), await place.archive()
    dsn = place.settings.postgres_dsn.get_secret_value()
    await place.pg.close()
    await postgres.drop_database(dsn.rpartition("/")[2])
    assert await rebuild.command("log") == 0
    place.pg = await asyncpg.connect(dsn, ssl=False)
    assert await place.tables() == tables
    # An unsent message is nowhere any more: only the event that says so is left of it.
    assert await place.archive() == [row for row in archive if row[8] is not None]


async def test_missing_rows_of_the_archive_come_back_from_the_log(place: Any, clinic: Any) -> None:
    await fill(place, clinic)
    archive = await place.archive()
    await place.pg.execute("DELETE FROM analytics.archive WHERE sequence % 7 = 0 AND data IS NOT NULL")
    await rebuild.rebuild(place.log, place.settings)
    assert await place.archive() == archive


async def test_the_service_goes_on_while_a_rebuild_takes_the_place_of_its_tables(place: Any, clinic: Any) -> None:
    await place.say(clinic.story(members=10, turns=300))
    async with place.running(place.projector()), asyncio.TaskGroup() as tasks:
        slow = place.settings.model_copy(update={"rebuild_batch_events_max": 50})
        again = tasks.create_task(rebuild.rebuild(place.log, slow))
        while not again.done():
            await place.say(clinic.turn("m0003"))
            await asyncio.sleep(0.01)
        await place.projected(await place.say(clinic.turn("m0004")))
    live = await place.tables()
    await rebuild.rebuild(place.log, place.settings)
    assert await place.tables() == live


async def test_a_log_that_was_lost_does_not_empty_the_read_models(place: Any, clinic: Any) -> None:
    await fill(place, clinic)
    tables = await place.tables()
    await place.api("$JS.API.STREAM.PURGE.EVENTS", {})
    with pytest.raises(Refused):
        await rebuild.rebuild(place.log, place.settings)
    assert await place.tables() == tables


async def test_only_one_rebuild_at_a_time(place: Any, clinic: Any) -> None:
    await fill(place, clinic)
    results = await asyncio.gather(
        *(rebuild.rebuild(place.log, place.settings) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in results if not isinstance(each, int)] == [Refused, Refused]


async def test_provisioning_can_be_repeated_and_done_twice_at_the_same_time(place: Any) -> None:
    await asyncio.gather(migrate.provision(), migrate.provision())
    rows = await place.pg.fetch("SELECT number FROM analytics.migrations ORDER BY number")
    assert [row["number"] for row in rows] == [1, 2]


async def test_a_migration_that_was_changed_after_it_was_applied_is_refused(place: Any) -> None:
    await place.pg.execute("UPDATE analytics.migrations SET checksum = 'other' WHERE number = 1")
    with pytest.raises(Refused):
        await migrate.provision()
