"""Readiness, metrics and the private port that shows them."""

import asyncio
import re
from pathlib import Path

import aiohttp
import msgspec
import pytest

from namjai.runtime.health import Health, Readiness
from namjai.runtime.metrics import BoundedLabel, Metrics, memory_limit_bytes, timed
from namjai.runtime.private import private_server
from namjai.runtime.report import Report, report
from namjai.runtime.settings import ServiceSettings
from namjai.runtime.vitals import Vital

MEMORY = Vital(name="memory", level="high", says="380 MiB of 512 MiB (74%)", figures={"limit_bytes": 2**29})


async def describe(readiness: Readiness) -> Report:
    return report("risk", "1.0", 61.23, readiness, [MEMORY])


async def works() -> None:
    await asyncio.sleep(0)


async def fails() -> None:
    raise ConnectionError("U" + "a" * 32)


async def hangs() -> None:
    await asyncio.Event().wait()


async def test_a_service_with_all_it_requires_is_ready() -> None:
    health = Health(Metrics("t"))
    health.require("nats", works)
    assert (await health.ready()).ready


async def test_a_missing_requirement_makes_it_unready_and_names_the_kind_of_failure_only() -> None:
    health = Health(Metrics("t"))
    health.require("nats", fails)
    readiness = await health.ready()
    assert (readiness.ready, readiness.checks[0].reason) == (False, "ConnectionError")


async def test_what_is_only_reported_does_not_decide() -> None:
    health = Health(Metrics("t"))
    health.require("nats", works)
    health.report("redis", fails)
    readiness = await health.ready()
    assert readiness.ready
    assert {check.name: check.ok for check in readiness.checks} == {"nats": True, "redis": False}


async def test_a_check_that_hangs_fails_at_its_deadline() -> None:
    health = Health(Metrics("t"), deadline_s=0.01)
    health.require("postgres", hangs)
    readiness = await health.ready()
    assert (readiness.ready, readiness.checks[0].reason) == (False, "TimeoutError")


async def test_a_draining_service_is_not_ready_whatever_its_checks_say() -> None:
    health = Health(Metrics("t"))
    health.require("nats", works)
    health.drain()
    readiness = await health.ready()
    assert (readiness.ready, readiness.draining) == (False, True)


def test_two_checks_cannot_have_one_name() -> None:
    health = Health(Metrics("t"))
    health.require("nats", works)
    with pytest.raises(ValueError, match="nats"):
        health.report("nats", works)


async def test_the_private_port_answers_and_announces_itself(tmp_path: Path) -> None:
    settings = ServiceSettings(private_port=0, ready_file=tmp_path / "ready")
    metrics = Metrics("risk", "1.0")
    health = Health(metrics)
    health.require("nats", fails)
    metrics.handled.labels("risk", "message.received.v1", "ok").inc()
    async with private_server(settings, health, metrics, describe) as port, aiohttp.ClientSession() as http:
        assert f"{port}\n" == (tmp_path / "ready").read_text()
        base = f"http://127.0.0.1:{port}"
        async with http.get(f"{base}/livez") as alive:
            assert alive.status == 200
        async with http.get(f"{base}/readyz") as ready:
            assert (ready.status, await ready.text()) == (503, "not ready\n")
        async with http.get(f"{base}/metrics") as exported:
            text = await exported.text()
    assert 'namjai_handled_total{consumer="risk",outcome="ok",type="message.received.v1"} 1.0' in text
    assert 'namjai_build_info{service="risk",version="1.0"} 1.0' in text
    assert not (tmp_path / "ready").exists()


async def test_verbose_names_each_dependency_and_the_process_for_people_and_for_programs(tmp_path: Path) -> None:
    health = Health(Metrics("risk"))
    health.require("nats", works)
    health.report("redis", fails)
    async with (
        private_server(ServiceSettings(private_port=0), health, Metrics("risk"), describe) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        async with http.get("/readyz?verbose") as answer:
            lines = (await answer.text()).splitlines()
            assert answer.status == 200
        async with http.get("/readyz?verbose", headers={"Accept": "application/json"}) as answer:
            said = msgspec.json.decode(await answer.read(), type=Report)
    assert [re.sub(r"\d+\.\d ms", "N ms", line) for line in lines] == [
        "[+]nats ok N ms, required",
        "[-]redis failed: ConnectionError after N ms, optional",
        "[!]memory high: 380 MiB of 512 MiB (74%)",
        "risk 1.0, up 61 s",
        "readyz check passed",
    ]
    assert (said.ready, said.service, said.vitals) == (True, "risk", [MEMORY])
    assert [(check.name, check.ok, check.reason) for check in said.checks] == [
        ("nats", True, None),
        ("redis", False, "ConnectionError"),
    ]


class Dependency:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.works = True
        self.answers = asyncio.Event()
        self.answers.set()

    async def check(self) -> None:
        self.asked += 1
        await self.answers.wait()
        if not self.works:
            raise ConnectionError


async def test_however_many_ask_a_dependency_is_asked_once_a_second() -> None:
    nats = Dependency()
    health = Health(Metrics("t"), fresh_s=60)
    health.require("nats", nats.check)
    nats.answers.clear()
    asking = [asyncio.ensure_future(health.ready()) for _ in range(100)]
    await asyncio.sleep(0)
    nats.answers.set()
    assert all(readiness.ready for readiness in await asyncio.gather(*asking))
    assert (await health.ready()).ready
    assert nats.asked == 1


async def test_a_failure_is_kept_for_nobody_but_those_who_waited_for_it() -> None:
    nats = Dependency()
    nats.works = False
    health = Health(Metrics("t"), fresh_s=60)
    health.require("nats", nats.check)
    nats.answers.clear()
    asking = [asyncio.ensure_future(health.ready()) for _ in range(100)]
    await asyncio.sleep(0)
    nats.answers.set()
    assert not any(readiness.ready for readiness in await asyncio.gather(*asking))
    assert nats.asked == 1
    nats.works = True
    assert (await health.ready()).ready


async def test_a_success_from_before_the_connection_was_lost_is_not_believed() -> None:
    nats, connected = Dependency(), [True]
    health = Health(Metrics("t"), fresh_s=60, sign=lambda: connected[0])
    health.require("nats", nats.check)
    assert (await health.ready()).ready
    nats.works, connected[0] = False, False
    assert not (await health.ready()).ready


async def test_draining_is_seen_at_once() -> None:
    health = Health(Metrics("t"), fresh_s=60)
    health.require("nats", works)
    assert (await health.ready()).ready
    health.drain()
    assert not (await health.ready()).ready


def test_a_label_fed_from_outside_stays_finite() -> None:
    label = BoundedLabel(2, known=("a",))
    assert [label(value) for value in ("a", "b", "c", "b")] == ["a", "b", "other", "b"]


def test_asking_for_a_metric_again_gives_the_same_one() -> None:
    metrics = Metrics("t")
    assert metrics.counter("drinks", "x") is metrics.counter("drinks", "x")
    with pytest.raises(TypeError, match="drinks"):
        metrics.gauge("drinks", "x")


def test_a_duration_is_observed_also_when_the_block_fails() -> None:
    metrics = Metrics("t")
    with pytest.raises(ValueError, match="no"), timed(metrics.handle_seconds, "c", "x.v1"):
        raise ValueError("no")
    assert metrics.registry.get_sample_value("namjai_handle_seconds_count", {"consumer": "c", "type": "x.v1"}) == 1


def test_a_container_without_a_limit_may_take_the_machines_memory(tmp_path: Path) -> None:
    second, first = tmp_path / "memory.max", tmp_path / "limit_in_bytes"
    machine = memory_limit_bytes(second, first)
    second.write_text("max\n")
    first.write_text("9223372036854771712\n")
    assert memory_limit_bytes(second, first) == machine > 0
    second.write_text("1048576\n")
    assert memory_limit_bytes(second, first) == 1_048_576
    first.write_text("524288\n")
    assert memory_limit_bytes(second, first) == 524_288
