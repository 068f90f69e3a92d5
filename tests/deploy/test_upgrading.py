"""From one release to the next and back, on a real NATS: everything grows, and nothing that is there is lost."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from namjai.devkit.testing import NatsServer, nats_server
from namjai.runtime import provision as provisioning
from namjai.runtime.bus import connect
from namjai.runtime.durable import ensure_consumer
from namjai.runtime.growing import CannotBecome
from namjai.runtime.provision import STREAMS, provision

DAY = 24 * 3600 * 10**9
HEARD = "evt.message.received.*"
NEWLY_HEARD = "evt.message.edited.*"


@pytest.fixture
async def nc(tmp_path: Path) -> AsyncIterator[Client]:
    async with nats_server(tmp_path) as server:
        client = await _connected(server)
        yield client
        await client.close()


async def _connected(server: NatsServer) -> Client:
    return await connect(server.url, name="tests")


def _release(monkeypatch: pytest.MonkeyPatch, **changed: Mapping[str, Any]) -> None:
    """A release whose streams differ from ours."""
    streams = tuple({**each, **changed.get(str(each["name"]), {})} for each in STREAMS)
    monkeypatch.setattr(provisioning, "STREAMS", streams)


async def _config(nc: Client, name: str) -> dict[str, Any]:
    return dict((await nc.jetstream().stream_info(name)).config.as_dict())


async def test_the_second_time_there_is_nothing_to_do(nc: Client) -> None:
    assert await provision(nc) == [f"created {each['name']}" for each in STREAMS]
    assert await provision(nc) == []


async def test_an_older_release_becomes_this_one_and_what_was_said_stays(
    nc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    older: Mapping[str, Any] = {
        "DEAD": {"subjects": ["dead.>"], "max_age": DAY},
        "TIMERS": {"allow_msg_schedules": False},
    }
    _release(monkeypatch, **older)
    await provision(nc)
    await nc.jetstream().publish("dead.chat.message.received.somebody", b"{}")
    monkeypatch.undo()
    assert await provision(nc) == ["updated TIMERS", "updated DEAD"]
    await nc.jetstream().publish("again.chat", b"{}")
    dead = await nc.jetstream().stream_info("DEAD")
    assert dead.state.messages == 2
    assert dead.config.max_age == pytest.approx(provisioning.DEAD_AGE_MAX_S)

    _release(monkeypatch, **older)
    assert await provision(nc) == [], "going back takes nothing away from those who have not gone back yet"
    assert (await _config(nc, "DEAD"))["max_age"] == provisioning.DEAD_AGE_MAX_S * 10**9
    await nc.jetstream().publish("again.chat", b"{}", headers={"Nats-Msg-Id": "after"})


async def test_a_narrower_limit_deletes_nothing(nc: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await provision(nc)
    for n in range(10):
        await nc.jetstream().publish("evt.message.received.somebody", b"{}", headers={"Nats-Msg-Id": f"{n}"})
    _release(monkeypatch, EVENTS={"max_msgs": 3}, AUDIT={"max_age": DAY})
    assert await provision(nc) == []
    assert (await nc.jetstream().stream_info("EVENTS")).state.messages == 10


async def test_more_copies_than_servers_are_refused_and_nothing_is_changed(nc: Client) -> None:
    await provision(nc)
    with pytest.raises(RuntimeError, match="cannot update EVENTS"):
        await provision(nc, replicas=3)  # one server has no place for three
    assert await provision(nc, replicas=1) == []


async def test_a_stream_of_another_kind_stops_it_before_anything_is_changed(
    nc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _release(monkeypatch, AUDIT={"storage": "memory"}, DEAD={"max_age": DAY})
    await provision(nc)
    monkeypatch.undo()
    with pytest.raises(CannotBecome, match="AUDIT"):
        await provision(nc)
    assert (await _config(nc, "DEAD"))["max_age"] == DAY


async def test_what_a_person_has_set_on_a_stream_survives_a_release(nc: Client) -> None:
    await provision(nc)
    js = nc.jetstream()
    config = (await js.stream_info("EVENTS")).config
    config.description = "kept for ten years"
    await js.update_stream(config)
    assert await provision(nc) == []
    assert (await _config(nc, "EVENTS"))["description"] == "kept for ten years"


async def test_a_consumer_keeps_its_position_when_its_settings_change(nc: Client) -> None:
    await provision(nc)
    await _append(nc, "evt.message.received.somebody", 3)
    await _ensure(nc, [HEARD], ack_wait_s=10)
    assert await _taken(nc, 2) == 2
    await _ensure(nc, [HEARD], ack_wait_s=30)
    info = await nc.jetstream().consumer_info("EVENTS", "chat")
    assert (info.config.ack_wait, info.ack_floor.stream_seq if info.ack_floor else None) == (30, 2)
    assert await _taken(nc, 5) == 1


async def test_an_older_process_beside_a_newer_one_lets_nothing_pass_by(nc: Client) -> None:
    await provision(nc)
    await _ensure(nc, [HEARD])
    await _ensure(nc, [HEARD, NEWLY_HEARD])  # a new pod comes
    await _ensure(nc, [HEARD])  # an old one is restarted, or NATS is
    await _append(nc, "evt.message.edited.somebody", 1)
    await _append(nc, "evt.message.received.somebody", 1)
    assert await _taken(nc, 5) == 2


async def test_a_filter_that_another_one_covers_is_dropped(nc: Client) -> None:
    await provision(nc)
    await _ensure(nc, [HEARD, NEWLY_HEARD])
    await _ensure(nc, ["evt.message.>"])
    info = await nc.jetstream().consumer_info("EVENTS", "chat")
    assert info.config.filter_subjects == ["evt.message.>"]


async def _ensure(nc: Client, filters: Sequence[str], ack_wait_s: float = 10) -> None:
    await ensure_consumer(nc, "EVENTS", "chat", filters, ack_wait_s=ack_wait_s, deliveries_max=100, room=64)


async def _append(nc: Client, subject: str, count: int) -> None:
    for _ in range(count):
        await nc.jetstream().publish(subject, b"{}", headers={"Nats-Msg-Id": secrets.token_hex(8)})


async def _taken(nc: Client, up_to: int) -> int:
    """Take and acknowledge as many as there are."""
    pull = await nc.jetstream().pull_subscribe_bind("chat", "EVENTS")
    taken = 0
    try:
        while taken < up_to:
            (message,) = await pull.fetch(1, timeout=0.5)
            await message.ack_sync()
            taken += 1
    except TimeoutError:
        await asyncio.sleep(0)
    await pull.unsubscribe()
    return taken
