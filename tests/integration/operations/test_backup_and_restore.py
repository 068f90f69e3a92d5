"""A backup on real servers, and what comes out of it elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import nats.errors
import pytest

from namjai.devkit.embedded.nats import admin
from namjai.devkit.testing import NatsUser, nats_server
from namjai.operations import backup, backups, erase_again, restore
from namjai.operations.domain.manifest import Manifest
from namjai.operations.places import Places, choose
from namjai.operations.ports import Damaged, Refused
from namjai.runtime.bus import connect
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.provision import ACCOUNTS, STREAMS, provision
from tests.integration.operations.conftest import Site

BOTH = argparse.Namespace(only=None)
ONLY_KEYS = argparse.Namespace(only="keys")
NOTHING = argparse.Namespace()


def wish(**more: Any) -> argparse.Namespace:
    """The command line of a restore."""
    said = {"name": "latest", "keys_from": "latest", "identity": [], "only": "all", "replace": False}
    return argparse.Namespace(**{**said, **more})


async def test_what_was_backed_up_is_there_elsewhere(site: Site, elsewhere: Site, settings_of: Any) -> None:
    await site.write("ma", "hello")
    await site.write("ma", "I am well")
    await site.write("mb", "good evening")
    assert await backup.command(settings_of(site), BOTH) == 0
    assert await restore.command(settings_of(elsewhere), wish()) == 0
    assert await elsewhere.said("ma") == ["hello", "I am well"]
    assert await elsewhere.said("mb") == ["good evening"]
    pg = await asyncpg.connect(elsewhere.dsn, ssl=False)
    assert await pg.fetchval("SELECT count(*) FROM analytics.archive") == 1000
    await pg.close()


async def test_consumers_go_on_where_they_were(site: Site, elsewhere: Site, settings_of: Any) -> None:
    for n in range(5):
        await site.write("ma", f"message {n}")
    js = site.nc.jetstream()
    await js.add_consumer("EVENTS", durable_name="chat", ack_policy="explicit")
    pull = await js.pull_subscribe_bind("chat", "EVENTS")
    for msg in await pull.fetch(3):
        await msg.ack_sync()
    await backup.command(settings_of(site), BOTH)
    await restore.command(settings_of(elsewhere), wish())
    info = await elsewhere.nc.jetstream().consumer_info("EVENTS", "chat")
    assert (info.ack_floor.stream_seq if info.ack_floor else 0, info.num_pending) == (3, 2)


async def test_a_timer_that_was_set_is_still_due(site: Site, elsewhere: Site, settings_of: Any) -> None:
    due = {"Nats-Schedule": "@at 2026-01-01T00:00:00Z", "Nats-Schedule-Target": "timer.chat.late"}
    later = {"Nats-Schedule": "@at 2099-01-01T00:00:00Z", "Nats-Schedule-Target": "timer.chat.later"}
    await site.nc.jetstream().publish("sched.chat.later", b"later", headers=later)
    await backup.command(settings_of(site), BOTH)
    await site.nc.jetstream().publish("sched.chat.late", b"late", headers=due)
    await restore.command(settings_of(elsewhere), wish())
    kept = await elsewhere.nc.jetstream().get_last_msg("TIMERS", "sched.chat.later")
    assert kept.data == b"later"
    await elsewhere.nc.jetstream().publish("sched.chat.late", b"late", headers=due)  # and schedules work there
    async with asyncio.timeout(10):
        while (await elsewhere.nc.jetstream().stream_info("TIMERS")).state.last_seq < 3:
            await asyncio.sleep(0.02)


async def test_who_was_erased_after_the_keys_were_copied_stays_erased(
    site: Site, elsewhere: Site, settings_of: Any
) -> None:
    for member in ("ma", "mb"):
        await site.write(member, "my secret")
    await backup.command(settings_of(site), ONLY_KEYS)  # both keys are in this copy
    await site.erase("mb")
    await asyncio.sleep(1.1)  # names of backups are seconds
    await backup.command(settings_of(site), argparse.Namespace(only="everything"))
    await restore.command(settings_of(elsewhere), wish())
    assert await elsewhere.said("ma") == ["my secret"]
    assert await elsewhere.said("mb") == [None]
    identities = [msg async for msg in _records(elsewhere)]
    assert identities == ["ma"]


async def test_an_erasure_that_only_the_archive_knew_is_made_true_again(
    site: Site, elsewhere: Site, settings_of: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await site.write("mb", "my secret")
    await backup.command(settings_of(site), BOTH)
    await restore.command(settings_of(elsewhere), wish())
    assert await elsewhere.said("mb") == ["my secret"]  # this backup cannot know better
    journal = await elsewhere.journal()
    erased = [stored.event for stored in await _erasures_elsewhere(site)]
    await elsewhere.append(erased[0])  # as restore-log brings it back
    assert await erase_again.command(settings_of(elsewhere), NOTHING) == 0
    assert await elsewhere.said("mb") == [None]
    assert journal is not None
    assert "1 people are erased" in capsys.readouterr().out
    assert [msg async for msg in _records(elsewhere)] == []


async def test_servers_that_hold_something_are_left_alone(site: Site, settings_of: Any) -> None:
    await site.write("ma", "hello")
    settings = settings_of(site)
    await backup.command(settings, BOTH)
    await site.write("ma", "after the backup")
    with pytest.raises(Refused, match=r"EVENTS holds 2 messages.*--replace"):
        await restore.command(settings, wish())
    assert await site.said("ma") == ["hello", "after the backup"]
    assert await restore.command(settings, wish(replace=True)) == 0
    assert await site.said("ma") == ["hello"]


async def test_a_database_that_holds_rows_is_left_alone(site: Site, elsewhere: Site, settings_of: Any) -> None:
    await backup.command(settings_of(site), BOTH)
    settings = settings_of(elsewhere).model_copy(update={"postgres_dsn": settings_of(site).postgres_dsn})
    with pytest.raises(Refused, match="PostgreSQL holds rows"):
        await restore.command(settings, wish())
    assert await elsewhere.nc.jetstream().streams_info() == []
    assert await restore.command(settings, wish(only="streams")) == 0
    assert len(await elsewhere.nc.jetstream().streams_info()) == len(STREAMS)


async def test_nothing_is_touched_when_a_file_was_changed(
    site: Site, elsewhere: Site, settings_of: Any, tmp_path: Path
) -> None:
    await site.write("ma", "hello")
    await backup.command(settings_of(site), BOTH)
    file = next((tmp_path / "everything").glob("*/EVENTS.age"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(Damaged, match="is not the file that was written"):
        await restore.command(settings_of(elsewhere), wish())
    assert await elsewhere.nc.jetstream().streams_info() == []
    file.unlink()
    with pytest.raises(Damaged, match="is not there any more"):
        await restore.command(settings_of(elsewhere), wish())


async def test_who_may_read_everything_may_not_read_the_keys(
    site: Site, elsewhere: Site, settings_of: Any, identity_files: dict[str, Path]
) -> None:
    await backup.command(settings_of(site), BOTH)
    settings = settings_of(elsewhere, restore_identity_files=str(identity_files["everything"]))
    with pytest.raises(Damaged, match=r"KV_keys.*No matching keys found.*--identity"):
        await restore.command(settings, wish())
    assert await elsewhere.nc.jetstream().streams_info() == []
    assert await restore.command(settings, wish(identity=[identity_files["keys"]])) == 0


async def test_nothing_readable_lies_in_the_place_of_the_backups(site: Site, settings_of: Any, tmp_path: Path) -> None:
    await site.write("ma", "hello")
    await backup.command(settings_of(site), BOTH)
    for file in [*(tmp_path / "everything").rglob("*.age"), *(tmp_path / "keys").rglob("*.age")]:
        assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert not list((tmp_path / "everything").rglob("KV_keys*"))
    manifest = next((tmp_path / "everything").glob("*/manifest.json")).read_text()
    assert "Uma" not in manifest
    assert "of-ma" not in manifest


async def test_the_manifest_counts_what_was_copied(site: Site, settings_of: Any) -> None:
    for n in range(3):
        await site.write("ma", f"message {n}")
    settings = settings_of(site)
    await backup.command(settings, BOTH)
    made = await _newest(settings)
    counts = {part.name: part.stream.messages for part in made.streams if part.stream}
    assert counts["EVENTS"] == 3
    assert counts.keys() == {str(stream["name"]) for stream in STREAMS} - {"KV_keys"}
    assert made.database is not None
    assert made.database.rows == {"analytics.archive": 1000}


async def test_a_backup_that_was_broken_off_does_not_count(
    site: Site, settings_of: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(site)
    await backup.command(settings, BOTH)
    (tmp_path / "everything" / "20991231T000000Z").mkdir()
    (tmp_path / "everything" / "20991231T000000Z" / "EVENTS.age").write_bytes(b"half")
    assert (await _newest(settings)).name < "20991231T000000Z"
    assert await backups.command(settings, NOTHING) == 0
    assert "1 without a manifest" in capsys.readouterr().out
    with pytest.raises(Refused, match="no complete backup"):
        await restore.command(settings, wish(name="20991231T000000Z"))


async def test_what_is_too_old_is_removed_and_the_newest_stay(site: Site, settings_of: Any, tmp_path: Path) -> None:
    settings = settings_of(site, backup_keep_days=1, backup_keep_count_min=2)
    await backup.command(settings, BOTH)
    newest = await _newest(settings)
    for old in ("20200101T000000Z", "20200102T000000Z"):
        folder = tmp_path / "everything" / old
        folder.mkdir()
        manifest = json.loads((tmp_path / "everything" / newest.name / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "name": old}))
    (tmp_path / "everything" / "20200103T000000Z").mkdir()
    (tmp_path / "everything" / "20200103T000000Z" / "EVENTS.age").write_bytes(b"half")
    await backup.prune("everything", Places.of(settings).everything, settings)
    left = {file.parent.name for file in (tmp_path / "everything").rglob("*") if file.is_file()}
    assert left == {"20200102T000000Z", newest.name}


async def test_a_good_backup_is_on_record_for_those_who_watch(site: Site, settings_of: Any) -> None:
    settings = settings_of(site)
    await backup.command(settings, BOTH)
    for job in ("backup", "backup-keys"):
        entry = await (await site.nc.jetstream().key_value("config")).get(f"operations.{job}")
        outcome = json.loads(entry.value or b"")
        assert outcome["details"]["bytes"] > 0
        assert outcome["at"]


async def test_the_job_needs_no_more_than_its_own_user_may(tmp_path: Path, settings_of: Any, site: Site) -> None:
    may = ACCOUNTS["backup"]
    users = [
        admin("a"),
        NatsUser(name="backup", password="s", publish=may.publish, subscribe=may.subscribe),
    ]
    async with nats_server(tmp_path / "guarded", users=users, sync_interval="2m") as server:
        nc = await connect(server.url, name="admin")
        await provision(nc)
        await nc.close()
        settings = settings_of(site, nats_url=server.server_url, nats_user="backup", nats_password="s")
        assert await backup.command(settings, BOTH) == 0
        with pytest.raises((nats.errors.Error, LogUnavailable)):
            await erase_again.command(settings, NOTHING)


@pytest.mark.parametrize(
    "missing", ["backup_recipients", "backup_keys_recipients", "backup_place", "backup_keys_place", "postgres_dsn"]
)
async def test_what_is_not_said_is_asked_for(site: Site, settings_of: Any, missing: str) -> None:
    nothing = "" if missing.endswith("recipients") else None
    settings = settings_of(site).model_copy(update={missing: nothing})
    with pytest.raises(Refused, match=f"NAMJAI_{missing.upper()}"):
        await backup.command(settings, BOTH)


async def test_keys_and_what_they_open_have_different_places(site: Site, settings_of: Any) -> None:
    settings = settings_of(site)
    with pytest.raises(Refused, match="kept apart"):
        await backup.command(settings.model_copy(update={"backup_keys_place": settings.backup_place}), BOTH)


async def _newest(settings: Any) -> Manifest:
    return await choose(Places.of(settings).everything, "latest")


async def _erasures_elsewhere(site: Site) -> list[Any]:
    await site.erase("mb")
    return [each for each in await (await site.journal()).history("mb") if "erased" in each.event.type]


async def _records(site: Site) -> Any:
    """Whose identity records there are."""
    info = await site.nc.jetstream().stream_info("KV_identities", subjects_filter=">")
    for subject in info.state.subjects or {}:
        yield ((await site.nc.jetstream().get_last_msg("KV_identities", subject)).data or b"").decode()
