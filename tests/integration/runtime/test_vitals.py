"""What a process says of itself, with a real NATS that fills up, falls behind, goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from namjai.devkit.testing import NatsServer, nats_server
from namjai.runtime.backlog import PENDING_HIGH, Backlog, Storage
from namjai.runtime.breaker import Breaker
from namjai.runtime.bus import Requests, connect
from namjai.runtime.durable import ensure_consumer
from namjai.runtime.lag import LoopLag
from namjai.runtime.metrics import Metrics
from namjai.runtime.pressure import Pressure
from namjai.runtime.provision import ACCOUNTS, SERVICES, durables, provision
from namjai.runtime.vitals import Self, Vital, Vitals, volumes

DURABLE = ("EVENTS", "risk")


@pytest.fixture(scope="module")
async def vital_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path_factory.mktemp("vitals"), sync_interval="2m") as server:
        nc = await connect(server.url, name="tests")
        await provision(nc)
        await nc.close()
        yield server


@pytest.fixture
async def asked(vital_nats: NatsServer) -> AsyncIterator[Requests]:
    nc = await connect(vital_nats.url, name="risk")
    yield await Requests.open(nc)
    await nc.close()


def named(vitals: Sequence[Vital]) -> dict[str, Vital]:
    return {vital.name: vital for vital in vitals}


async def test_a_consumer_tells_what_waits_what_is_at_hand_and_what_was_tried_before(
    vital_nats: NatsServer, asked: Requests
) -> None:
    metrics = Metrics("risk")
    backlog = Backlog(asked, metrics, [DURABLE, ("EVENTS", "never-made")])
    assert await backlog.look() == []
    nc = await connect(vital_nats.url, name="tests")
    try:
        await ensure_consumer(nc, *DURABLE, ["evt.message.received.*"], ack_wait_s=30, deliveries_max=10, room=64)
        js = nc.jetstream()
        for n in range(3):
            await js.publish(f"evt.message.received.m{n}", b"{}")
        pull = await js.pull_subscribe_bind("risk", "EVENTS")
        first, second = await pull.fetch(2, timeout=2)
        await first.nak()
        await second.ack_sync()
        await pull.fetch(1, timeout=2)
        await pull.unsubscribe()
        (vital,) = await backlog.look()
        assert (vital.name, vital.level) == ("consumer risk", "ok")
        assert vital.figures == {"pending": 1, "ack_pending": 1, "redelivered": 1}
        await asyncio.gather(*(js.publish(f"evt.message.received.m{n}", b"{}") for n in range(PENDING_HIGH)))
        (vital,) = await backlog.look()
        assert vital.level == "high"
    finally:
        await nc.close()
    shown = metrics.registry.get_sample_value
    assert shown("namjai_consumer_pending", {"consumer": "risk"}) == PENDING_HIGH + 1
    assert shown("namjai_consumer_ack_pending", {"consumer": "risk"}) == 1
    assert shown("namjai_consumer_redelivered", {"consumer": "risk"}) == 1


async def test_the_store_tells_what_it_holds_and_that_nobody_limited_it(asked: Requests) -> None:
    metrics = Metrics("risk")
    (vital,) = await Storage(asked, metrics).look()
    assert vital.level == "ok"
    assert vital.figures["limit_bytes"] is None
    assert float(vital.figures["reserved_bytes"] or 0) > 0
    assert metrics.registry.get_sample_value("namjai_log_store_limit_bytes") == 0


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_ask_about_its_own_consumers_and_its_store(service: str) -> None:
    may = ACCOUNTS[service].publish
    assert "$JS.API.INFO" in may
    assert {f"$JS.API.CONSUMER.INFO.{stream}.{durable}" for stream, durable in durables(service)} <= set(may)


async def test_while_nats_is_away_the_rest_is_still_known_and_afterwards_everything(
    vital_nats: NatsServer, asked: Requests, tmp_path: Path
) -> None:
    metrics = Metrics("risk")
    pressure = Pressure(metrics, limit_bytes=2**40)
    inside = Self(pressure, LoopLag(metrics), metrics, volumes(tmp_path / "ready"))
    vitals = Vitals()
    vitals.add("process", inside.look)
    vitals.add("log store", Storage(asked, metrics).look)
    known = named(await vitals.now())
    assert known["log store"].level == "ok"
    assert known["memory"].says.endswith("(0%)")
    await vital_nats.kill()
    await asyncio.sleep(1.05)  # what is known is believed for a second
    known = named(await vitals.now())
    assert (known["log store"].level, known["log store"].says) == ("unknown", "LogUnavailable")
    assert known["memory"].level == "ok"
    assert {name for name in known if name.startswith("disk ")}
    await vital_nats.start()
    async with asyncio.timeout(10):
        while named(await vitals.now())["log store"].level != "ok":
            await asyncio.sleep(0.1)


async def test_a_look_that_hangs_costs_its_deadline_and_nothing_else() -> None:
    async def hangs() -> Sequence[Vital]:
        await asyncio.Event().wait()
        return []

    async def works() -> Sequence[Vital]:
        return [Vital(name="memory", level="ok", says="fine")]

    vitals = Vitals(deadline_s=0.01)
    vitals.add("consumers", hangs)
    vitals.add("process", works)
    assert [(vital.name, vital.level, vital.says) for vital in await vitals.now()] == [
        ("consumers", "unknown", "TimeoutError"),
        ("memory", "ok", "fine"),
    ]


async def test_open_breakers_are_named() -> None:
    metrics = Metrics("chat")
    inside = Self(Pressure(metrics, limit_bytes=2**40), LoopLag(metrics), metrics, {})
    Breaker("redis", metrics)
    model = Breaker("gemini", metrics, failures_max=1)
    assert named(await inside.look())["breakers"].says == "2 closed"
    with pytest.raises(ConnectionError), model.guard():
        raise ConnectionError
    breakers = named(await inside.look())["breakers"]
    assert (breakers.level, breakers.says, breakers.figures) == ("high", "gemini open", {"gemini": "open"})


async def test_config_that_was_never_read_is_said_to_be_defaults() -> None:
    metrics = Metrics("chat")
    inside = Self(Pressure(metrics, limit_bytes=2**40), LoopLag(metrics), metrics, {})
    metrics.config_revision.labels("clinic").set(0)
    metrics.config_read.labels("clinic")
    config = named(await inside.look())["config clinic"]
    assert (config.level, config.says) == ("high", "revision 0, never read: defaults")
    metrics.config_revision.labels("clinic").set(7)
    metrics.config_read.labels("clinic").set_to_current_time()
    config = named(await inside.look())["config clinic"]
    assert config.level == "ok"
    assert config.says.startswith("revision 7, read 0")
