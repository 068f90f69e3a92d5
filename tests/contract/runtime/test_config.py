"""Live config: the same behaviour from memory and from a real KV bucket."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from nats.js.kv import KeyValue
from pydantic import BaseModel, Field

from namjai.devkit.embedded.nats import admin
from namjai.devkit.testing import NatsUser, nats_server
from namjai.runtime.bus import connect
from namjai.runtime.config import ConfigStore, ConfigUnavailable, NatsConfigStore, Section, Version, live_section
from namjai.runtime.errors import Conflict
from namjai.runtime.memory_tools import MemoryConfigStore
from namjai.runtime.metrics import Metrics
from namjai.runtime.provision import ACCOUNTS, provision

Until = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


class Chat(BaseModel, frozen=True):
    """A section as a service would have it."""

    coalesce_ms: int = Field(600, ge=0, le=5_000)
    offline: bool = False


@pytest.fixture(params=["memory", "nats"])
def store(request: pytest.FixtureRequest, config_bucket: KeyValue) -> ConfigStore:
    return MemoryConfigStore() if request.param == "memory" else NatsConfigStore(config_bucket)


@pytest.fixture
async def section(store: ConfigStore, metrics: Metrics, key: str) -> AsyncIterator[Section[Chat]]:
    async with live_section(key, Chat, store, metrics) as live:
        yield live


async def in_force(section: Section[Chat], value: Chat) -> None:
    """Wait for a value by the listener that tells of it."""
    arrived = asyncio.Event()
    section.on_change(lambda new: arrived.set() if new == value else None)
    if section.value != value:
        async with asyncio.timeout(20):
            await arrived.wait()


async def test_a_section_nobody_has_set_has_the_models_defaults(section: Section[Chat]) -> None:
    assert (section.value, section.revision) == (Chat(), 0)


async def test_a_change_is_in_force_everywhere_without_a_restart(
    section: Section[Chat], store: ConfigStore, metrics: Metrics, key: str
) -> None:
    async with live_section(key, Chat, store, metrics) as other:
        heard: list[Chat] = []
        other.on_change(heard.append)
        await section.save(Chat(coalesce_ms=100))
        assert section.value == Chat(coalesce_ms=100)
        await in_force(other, Chat(coalesce_ms=100))
        assert heard == [Chat(coalesce_ms=100)]
        assert other.revision == section.revision


async def test_a_value_is_there_at_once_for_who_comes_later(
    section: Section[Chat], store: ConfigStore, metrics: Metrics, key: str
) -> None:
    await section.save(Chat(offline=True))
    async with live_section(key, Chat, store, metrics) as later:
        assert later.value == Chat(offline=True)


@pytest.mark.parametrize("bad", [b'{"coalesce_ms": 9999999}', b"not json", b""])
async def test_a_value_the_model_refuses_changes_nothing_and_is_counted(
    section: Section[Chat], store: ConfigStore, metrics: Metrics, key: str, bad: bytes, until: Until
) -> None:
    async def counted() -> bool:
        return bool(metrics.registry.get_sample_value("namjai_config_rejected_total", {"section": key}))

    await section.save(Chat(coalesce_ms=100))
    await store.put(key, bad)
    await until(counted)
    assert section.value == Chat(coalesce_ms=100)
    await section.save(Chat(coalesce_ms=200))
    assert section.value == Chat(coalesce_ms=200)


async def test_of_two_who_save_at_the_same_time_one_is_told(store: ConfigStore, metrics: Metrics, key: str) -> None:
    one, two = (Section(key, Chat, store, metrics) for _ in range(2))
    await one.save(Chat(coalesce_ms=1))
    with pytest.raises(Conflict):
        await two.save(Chat(coalesce_ms=2))
    await two.refresh()
    await two.save(Chat(coalesce_ms=2))
    assert two.value == Chat(coalesce_ms=2)


async def test_an_earlier_version_can_be_put_in_force_again(section: Section[Chat]) -> None:
    first = await section.save(Chat(coalesce_ms=1))
    second = await section.save(Chat(coalesce_ms=2))
    third = await section.roll_back(first)
    assert section.value == Chat(coalesce_ms=1)
    assert [version.revision for version in await section.history()] == [first, second, third]
    with pytest.raises(LookupError, match="no revision"):
        await section.roll_back(third + 1_000)


async def test_sections_do_not_mix(section: Section[Chat], store: ConfigStore, metrics: Metrics, key: str) -> None:
    async with live_section(f"{key}-other", Chat, store, metrics) as other:
        await section.save(Chat(coalesce_ms=1))
        await other.save(Chat(coalesce_ms=2))
        await in_force(section, Chat(coalesce_ms=1))
        await in_force(other, Chat(coalesce_ms=2))
        assert len(await section.history()) == 1


async def test_a_section_nobody_has_set_has_no_history(store: ConfigStore, key: str) -> None:
    assert await store.history(key) == []
    assert await store.get(key) is None


async def test_a_change_that_the_watch_missed_is_found_by_looking(metrics: Metrics, key: str) -> None:
    class Deaf(MemoryConfigStore):
        """A store whose watch says nothing after the first value, as after a server lost its consumers."""

        watches: asyncio.Queue[str] = asyncio.Queue()

        async def changes(self, section: str) -> AsyncGenerator[Version, None]:
            self.watches.put_nowait(section)
            version = await self.get(section)
            if version is not None:
                yield version
            await asyncio.Event().wait()

    store = Deaf()
    async with live_section(key, Chat, store, metrics, refresh_s=0.02) as live:
        await store.watches.get()
        await store.put(key, b'{"coalesce_ms": 7}')
        await in_force(live, Chat(coalesce_ms=7))
        async with asyncio.timeout(20):
            await store.watches.get()


async def test_a_store_that_is_down_leaves_the_defaults_in_force(metrics: Metrics, key: str) -> None:
    class Down(MemoryConfigStore):
        """A store that cannot be reached."""

        async def get(self, section: str, revision: int | None = None) -> None:
            raise ConfigUnavailable("down")

    async with live_section(key, Chat, Down(), metrics, refresh_s=0.01) as live:
        await asyncio.sleep(0.03)
        assert live.value == Chat()


async def test_a_section_deleted_in_the_bucket_has_its_defaults_again(
    config_bucket: KeyValue, metrics: Metrics, key: str
) -> None:
    async with live_section(key, Chat, NatsConfigStore(config_bucket), metrics) as live:
        await live.save(Chat(coalesce_ms=1))
        await config_bucket.delete(key)
        await in_force(live, Chat())
        await live.save(Chat(coalesce_ms=2))
        assert live.value == Chat(coalesce_ms=2)


@pytest.mark.parametrize("service", ["risk", "chat", "notify"])
async def test_a_service_may_follow_config_with_its_own_nats_user(
    tmp_path: Path, metrics: Metrics, key: str, service: str
) -> None:
    allowed = ACCOUNTS[service]
    users = [
        admin("a"),
        NatsUser(name=service, password="s", publish=allowed.publish, subscribe=allowed.subscribe, responds=True),
    ]
    async with nats_server(tmp_path, users=users) as server:
        operator, client = await connect(server.url, name="admin"), await connect(server.url_for(service), name=service)
        try:
            await provision(operator)
            operators = Section(key, Chat, NatsConfigStore(await operator.jetstream().key_value("config")), metrics)
            store = NatsConfigStore(await client.jetstream().key_value("config"))
            async with live_section(key, Chat, store, metrics) as live:
                await operators.save(Chat(coalesce_ms=5))
                await in_force(live, Chat(coalesce_ms=5))
        finally:
            await client.close()
            await operator.close()


async def test_changes_arrive_again_after_nats_was_killed(tmp_path: Path, metrics: Metrics, key: str) -> None:
    async with nats_server(tmp_path) as server:
        client = await connect(server.url, name="tests")
        try:
            await provision(client)
            store = NatsConfigStore(await client.jetstream(timeout=1).key_value("config"))
            async with live_section(key, Chat, store, metrics, refresh_s=0.1) as live:
                await live.save(Chat(coalesce_ms=1))
                await server.kill()
                with pytest.raises(ConfigUnavailable):
                    await live.save(Chat(coalesce_ms=2))
                assert live.value == Chat(coalesce_ms=1)
                await server.start()
                other = await connect(server.url, name="other")
                await other.jetstream().publish(f"$KV.config.{key}", b'{"coalesce_ms": 3}')
                await in_force(live, Chat(coalesce_ms=3))
                await other.close()
        finally:
            await client.close()


async def test_following_ends_when_it_is_told_however_early(
    config_bucket: KeyValue, metrics: Metrics, key: str
) -> None:
    store = NatsConfigStore(config_bucket)
    for step in range(300):
        async with asyncio.timeout(10):
            async with live_section(key, Chat, store, metrics, refresh_s=0.002):
                await asyncio.sleep(step * 0.00002)
