"""The embedded servers are real, keep their data and ports over a kill, and leave nothing behind."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import nats
import pytest
import redis.asyncio
from nats.js.api import StreamConfig

from namjai.devkit.embedded.nats import NatsUser, admin
from namjai.devkit.testing import nats_server, postgres_server, valkey_server


async def test_what_nats_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    async with nats_server(tmp_path) as server:
        client = await nats.connect(server.url)
        await client.jetstream().add_stream(StreamConfig(name="EVENTS", subjects=["evt.>"]))
        await client.jetstream().publish("evt.message.received.m1", b"1")
        await client.close()
        await server.kill()
        await server.start()
        client = await nats.connect(server.url)
        info = await client.jetstream().stream_info("EVENTS")
        assert info.state.messages == 1
        await client.close()


async def test_a_nats_user_may_publish_only_what_it_was_allowed(tmp_path: Path) -> None:
    users = [
        admin("url-safe_secret"),
        NatsUser(name="risk", password="r", publish=("evt.risk.>",), subscribe=("_INBOX.>",)),
    ]
    async with nats_server(tmp_path, users=users) as server:
        problems: list[Exception] = []

        async def note(problem: Exception) -> None:
            problems.append(problem)

        operator = await nats.connect(server.url)
        seen = await operator.subscribe("evt.>")
        risk = await nats.connect(server.url_for("risk"), error_cb=note)
        await risk.publish("evt.reply.issued.m1", b"no")
        await risk.publish("evt.risk.assessed.m1", b"yes")
        await risk.flush()
        message = await seen.next_msg(timeout=2)
        assert message.subject == "evt.risk.assessed.m1"
        assert "permissions violation" in str(problems[0]).lower()
        await risk.close()
        await operator.close()


async def test_nats_turns_away_who_does_not_log_in(tmp_path: Path) -> None:
    async with nats_server(tmp_path, users=[admin("secret")]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reader.readline()
        writer.write(b"CONNECT {}\r\n")
        assert b"Authorization Violation" in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def test_postgres_keeps_its_rows_over_a_kill_and_refuses_a_wrong_password(tmp_path: Path) -> None:
    async with postgres_server(tmp_path) as server:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute("CREATE EXTENSION vector")
        await connection.execute("CREATE TABLE seen (n int)")
        await connection.execute("INSERT INTO seen VALUES (7)")
        await server.kill()
        await connection.close()
        await server.start()
        connection = await asyncpg.connect(server.dsn)
        assert await connection.fetchval("SELECT n FROM seen") == 7
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.dsn.replace(server.password, "wrong"))


async def test_postgres_starts_below_a_private_folder_and_opens_nothing_to_others(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    async with postgres_server(private) as server:
        assert private.stat().st_mode & 0o077 == 0
        assert server.data.stat().st_mode & 0o077 == 0
        other = await asyncpg.connect(await server.create_database("other"))
        assert await other.fetchval("SELECT current_database()") == "other"
        await server.drop_database("other")
        await other.close()


def _checkpointer(leader: int) -> int:
    """The process of this PostgreSQL that writes everything to the disk before it ends."""
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    return next(int(pid) for pid in children if "checkpointer" in Path(f"/proc/{pid}/cmdline").read_text())


async def test_postgres_waits_for_what_is_left_of_the_one_before(tmp_path: Path) -> None:
    async with postgres_server(tmp_path) as server:
        leader = server.child.last_pid
        left = _checkpointer(leader)
        os.kill(left, signal.SIGSTOP)  # as when it waits for a disk
        os.kill(leader, signal.SIGKILL)
        await server.child.wait()
        starting = asyncio.create_task(server.start())
        await asyncio.sleep(0.5)
        assert not starting.done()
        os.kill(left, signal.SIGKILL)
        await starting
        await server.create_database("afterwards")


async def test_postgres_starts_when_its_old_process_id_belongs_to_somebody_else(tmp_path: Path) -> None:
    async with postgres_server(tmp_path) as server:
        lock = server.data / "postmaster.pid"
        old = lock.read_text()
        await server.stop()
        lock.write_text(old.replace(old.partition("\n")[0], str(os.getpid()), 1))
        await server.start()
        assert server.child.running


async def test_valkey_asks_for_its_password_and_writes_nothing_to_disk(tmp_path: Path) -> None:
    async with valkey_server(tmp_path) as server:
        client = redis.asyncio.from_url(server.url)
        await client.set("key", "value")
        assert await client.get("key") == b"value"
        assert await client.config_get("save") == {"save": ""}
        await client.aclose()
        stranger = redis.asyncio.from_url(server.url.replace(f":{server.password}@", ""))
        with pytest.raises(redis.exceptions.AuthenticationError):
            await stranger.get("key")
        await stranger.aclose()
    assert {file.name for file in server.home.iterdir()} == {"valkey.conf", "valkey.log"}


async def test_no_server_outlives_its_block(tmp_path: Path) -> None:
    async with nats_server(tmp_path) as one, valkey_server(tmp_path) as two, postgres_server(tmp_path) as three:
        pids = [server.child.pid for server in (one, two, three)]
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
