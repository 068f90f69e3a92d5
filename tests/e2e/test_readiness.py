"""Every running service says how it is, to people and to programs, and nobody's words are in it."""

import re
from typing import Any

import pytest

from namjai.devkit.running import Running, until
from namjai.runtime.provision import SERVICES

KNOWN_LINE = re.compile(r"\[[+!?-]\][a-z -]+ (?:ok|high|critical|unknown|failed)\b.*")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_names_what_it_depends_on_and_how_it_is(namjai: Running, service: str) -> None:
    url = namjai.run["services"][service]["health_url"] + "?verbose"
    async with namjai.http.get(url) as answer:
        *lines, itself, verdict = (await answer.text()).splitlines()
        assert (answer.status, verdict) == (200, "readyz check passed")
    assert itself.startswith(f"{service} ")
    assert all(KNOWN_LINE.fullmatch(line) for line in lines), lines
    said = await until(lambda: _all_known(namjai, service, url))
    checks = {check["name"]: check for check in said["checks"]}
    assert checks["nats"]["ok"]
    assert checks["nats"]["required"]
    assert [check["name"] for check in said["checks"] if check["required"]] == ["nats"]
    vitals = {vital["name"]: vital for vital in said["vitals"]}
    assert {"memory", "event loop", "breakers", "log store"} <= vitals.keys()
    assert 0 < vitals["memory"]["figures"]["rss_bytes"] < vitals["memory"]["figures"]["limit_bytes"]
    assert vitals["log store"]["figures"]["used_bytes"] >= 0


async def _all_known(namjai: Running, service: str, url: str) -> dict[str, Any] | None:
    """What it says in JSON, once its consumer is made and nothing took longer than its deadline on a busy machine."""
    async with namjai.http.get(url, headers={"Accept": "application/json"}) as answer:
        said: dict[str, Any] = await answer.json()
    levels = {vital["name"]: vital["level"] for vital in said["vitals"]}
    consumes = f"consumer {service}" in levels or service == "analytics"  # which reads the log at its own pace
    return said if consumes and "unknown" not in levels.values() else None


async def test_status_says_it_of_all_of_them(namjai: Running) -> None:
    code, table = await namjai.namjai("status")
    assert code == 0, table
    for service in SERVICES:
        assert re.search(rf"{service}\W+(ready|strained|does less)\W", table), table
