"""A Redis of several servers is one to us: Sentinel after its primary is lost, and Cluster, on real Valkeys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from namjai.devkit.child import Child
from namjai.devkit.embedded.ports import free_port
from namjai.devkit.embedded.valkey import valkey_binary
from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink, RedisUnavailable, Script
from namjai.runtime.redis_urls import several

PASSWORD = "only-for-this-test"
SLOT_LAST = 16_383
Until = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


@asynccontextmanager
async def valkey(home: Path, port: int, *arguments: str) -> AsyncIterator[Child]:
    _lay_out(home, arguments)
    child = Child(
        name=home.name,
        argv=[str(valkey_binary()), str(home / "conf"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)]
        + (["--sentinel"] if home.name == "sentinel" else []),
        log=home / "log",
        probe=partial(_answers, port, None if home.name == "sentinel" else PASSWORD),
    )
    await child.start()
    try:
        yield child
    finally:
        await child.kill()


def _lay_out(home: Path, lines: tuple[str, ...]) -> None:
    home.mkdir()
    (home / "conf").write_text("".join(f"{line}\n" for line in lines))


async def _answers(port: int, password: str | None) -> bool:
    redis = Redis(host="127.0.0.1", port=port, password=password)
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False
    finally:
        await redis.aclose()


async def test_after_the_primary_is_lost_the_one_that_follows_it_is_asked(tmp_path: Path, until: Until) -> None:
    first, second, watching = free_port(), free_port(), free_port()
    passwords = (f"requirepass {PASSWORD}", f"primaryauth {PASSWORD}")
    sentinel = (
        f"sentinel monitor ours 127.0.0.1 {first} 1",
        f"sentinel auth-pass ours {PASSWORD}",
        "sentinel down-after-milliseconds ours 300",
        "sentinel failover-timeout ours 2000",
    )
    url = f"redis+sentinel://:{PASSWORD}@127.0.0.1:{watching}/0?primary=ours"
    link = RedisLink(url, Metrics("tests"), deadline_ms=2_000)
    async with (
        valkey(tmp_path / "first", first, *passwords) as primary,
        valkey(tmp_path / "second", second, *passwords, f"replicaof 127.0.0.1 {first}"),
        valkey(tmp_path / "sentinel", watching, *sentinel),
    ):
        await link.run("SET", "key", "1")
        await until(partial(_follows, watching))
        await primary.kill()

        async def answers_again() -> bool:
            try:
                return bool(await link.run("SET", "key", "2"))
            except RedisUnavailable:
                return False

        await until(answers_again)
        assert await link.run("GET", "key") == b"2"
        await link.close()


async def _follows(watching: int) -> bool:
    """Whether the sentinel knows of the replica."""
    redis = Redis(host="127.0.0.1", port=watching)
    try:
        return len(await redis.execute_command("SENTINEL", "REPLICAS", "ours")) == 1  # type: ignore[no-untyped-call]
    finally:
        await redis.aclose()


async def test_a_cluster_takes_commands_and_scripts(tmp_path: Path, until: Until) -> None:
    port = free_port()
    async with valkey(tmp_path / "node", port, "cluster-enabled yes", f"requirepass {PASSWORD}"):
        admin = Redis(host="127.0.0.1", port=port, password=PASSWORD)
        await admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, SLOT_LAST)  # type: ignore[no-untyped-call]

        async def is_ready() -> bool:
            said = await admin.execute_command("CLUSTER INFO")  # type: ignore[no-untyped-call]
            return bool(said["cluster_state"] == "ok")

        await until(is_ready)
        await admin.aclose()
        link = RedisLink(f"redis+cluster://:{PASSWORD}@127.0.0.1:{port}", Metrics("tests"), deadline_ms=2_000)
        await link.run("SET", "key", "1")
        assert await link.eval(Script("return redis.call('GET', KEYS[1])"), "key") == b"1"
        await link.ping()
        await link.close()


async def test_when_no_sentinel_answers_it_is_unavailable_as_any_other() -> None:
    link = RedisLink(f"redis+sentinel://127.0.0.1:{free_port()}", Metrics("tests"), deadline_ms=500)
    with pytest.raises(RedisUnavailable):
        await link.ping()
    await link.close()


def test_an_address_is_read_whole() -> None:
    found = several("rediss+sentinel://me:p%40ss@one,two:1234,[::1]:26380/3?primary=ours")
    assert found is not None
    assert found.hosts == (("one", 26_379), ("two", 1_234), ("::1", 26_380))
    assert found.options == {"username": "me", "password": "p@ss", "ssl": True, "db": 3}
    assert found.primary == "ours"
    assert several("rediss://:p@one:6379/0") is None


@pytest.mark.parametrize("url", ["redis+sentinel://", "redis+cluster://:secret@", "redis+proxy://:secret@one:1"])
def test_what_is_no_address_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not an address") as refused:
        several(url)
    assert "secret" not in str(refused.value)
