"""Readiness, metrics and the private port that shows them."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from namjai.runtime.health import Health
from namjai.runtime.metrics import BoundedLabel, Metrics, memory_limit_bytes, timed
from namjai.runtime.private import private_server
from namjai.runtime.settings import ServiceSettings


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
    async with private_server(settings, health, metrics) as port, aiohttp.ClientSession() as http:
        assert f"{port}\n" == (tmp_path / "ready").read_text()
        base = f"http://127.0.0.1:{port}"
        async with http.get(f"{base}/livez") as alive:
            assert alive.status == 200
        async with http.get(f"{base}/readyz") as ready:
            assert ready.status == 503
        async with http.get(f"{base}/readyz?verbose") as verbose:
            body = await verbose.json()
            assert tuple(body["checks"][0][k] for k in ("name", "ok", "reason")) == ("nats", False, "ConnectionError")
        async with http.get(f"{base}/metrics") as exported:
            text = await exported.text()
    assert 'namjai_handled_total{consumer="risk",outcome="ok",type="message.received.v1"} 1.0' in text
    assert 'namjai_build_info{service="risk",version="1.0"} 1.0' in text
    assert not (tmp_path / "ready").exists()


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
    limit = tmp_path / "memory.max"
    machine = memory_limit_bytes(limit)
    limit.write_text("max\n")
    assert memory_limit_bytes(limit) == machine > 0
    limit.write_text("1048576\n")
    assert memory_limit_bytes(limit) == 1_048_576
