"""What others may ask, over NATS, as the service's users with the permissions of production."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from nats.errors import NoRespondersError

from namjai.analytics.adapters.postgres import query_pool
from namjai.analytics.adapters.queries import Overview, Queries
from namjai.analytics.api import endpoints
from namjai.devkit.testing import PostgresServer
from namjai.runtime.metrics import Metrics


@asynccontextmanager
async def answering(place: Any) -> AsyncIterator[None]:
    """The endpoints, while the block runs."""
    stop = asyncio.Event()
    async with query_pool(place.settings) as pool, asyncio.TaskGroup() as tasks:
        api = endpoints(place.nc, Queries(pool, place.settings), place.log, Metrics("analytics"))
        tasks.create_task(api.run(stop))
        try:
            while not (await ask(place, "$SRV.PING.analytics", None))[0]:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0)
            yield
        finally:
            stop.set()


async def ask(place: Any, subject: str, query: Any) -> tuple[Any, str | None]:
    """The answer, or None and the error's code."""
    body = b"" if query is None else json.dumps(query).encode()
    for _ in range(200):
        try:
            answer = await place.nc.request(subject, body, timeout=5)
            break
        except NoRespondersError:
            await asyncio.sleep(0.01)
    code = (answer.headers or {}).get("Nats-Service-Error-Code")
    return (None if code else json.loads(answer.data)), code


async def test_the_overview_counts_by_the_clinics_days(place: Any, clinic: Any) -> None:
    clinic._now = datetime.now(UTC) - timedelta(days=3)
    past = clinic.story(members=7, turns=40)
    clinic._now = datetime.now(UTC) - timedelta(seconds=1)
    clinic._random.randrange = lambda *_: 1
    today = [clinic.message("m0001"), clinic.message("m0001")]
    await place.say([*past, *today])
    await place.project()
    async with answering(place):
        answer, _ = await ask(place, "api.analytics.overview", None)
    found = msgspec.convert(answer, Overview, strict=False)
    assert found.periods["today"].messages == 2
    assert found.periods["today"].active_members == 1
    assert found.periods["7d"].messages == found.periods["30d"].messages == 42
    assert found.periods["7d"].active_members == 7
    assert found.periods["7d"].replies == found.periods["7d"].delivered == 40
    assert sum(found.periods["7d"].risk.values()) == 40
    delivered = found.periods["7d"].reply_times["delivered"]
    assert delivered.p50_ms is not None
    assert delivered.p99_ms is not None
    assert delivered.count == 40
    assert delivered.p50_ms <= delivered.p99_ms
    assert found.members.total == 7
    assert found.as_of.behind == 0
    assert found.as_of.sequence == len(past) + 2


async def test_a_timeline_is_read_page_by_page_newest_first(place: Any, clinic: Any) -> None:
    await place.say(clinic.story(members=3, turns=40))
    await place.project()
    expected = await place.pg.fetch(
        "SELECT sequence FROM analytics_read.timeline WHERE member = 'm0001' ORDER BY sequence DESC"
    )
    seen: list[int] = []
    before = None
    async with answering(place):
        while True:
            query = {"member": "m0001", "limit": 20, "before": before}
            page, _ = await ask(place, "api.analytics.timeline", query)
            seen += [item["sequence"] for item in page["items"]]
            if (before := page["before"]) is None:
                break
    assert seen == [row["sequence"] for row in expected]


async def test_answers_hold_no_personal_field(place: Any, clinic: Any) -> None:
    await place.say(clinic.story(members=1, turns=20))
    await place.project()
    async with answering(place):
        answers = [await ask(place, "api.analytics.overview", None)]
        answers.append(await ask(place, "api.analytics.timeline", {"member": "m0000", "limit": 200}))
    assert "s1." not in json.dumps(answers)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"member": "nobody-we-know"}, "404"),
        ({}, "400"),
        ({"member": "m", "limit": 100_000}, "400"),
        ({"member": "m", "before": "x"}, "400"),
        ([], "400"),
    ],
)
async def test_a_bad_question_gets_an_error_with_a_code(place: Any, query: Any, code: str) -> None:
    async with answering(place):
        assert await ask(place, "api.analytics.timeline", query) == (None, code)


async def test_while_the_database_is_away_the_answer_is_503(place: Any, postgres: PostgresServer) -> None:
    async with answering(place):
        await place.pg.close()
        await postgres.stop()
        try:
            assert await ask(place, "api.analytics.overview", None) == (None, "503")
        finally:
            await postgres.start()
        answer, code = await ask(place, "api.analytics.overview", None)
    assert code is None
    assert answer["as_of"]["sequence"] == 0


async def test_the_endpoints_carry_their_schemas(place: Any) -> None:
    async with answering(place):
        info, _ = await ask(place, "$SRV.INFO.analytics", None)
    endpoints = {each["name"]: each for each in info["endpoints"]}
    assert endpoints.keys() == {"overview", "timeline"}
    assert json.loads(endpoints["timeline"]["metadata"]["request_schema"])["$ref"] == "#/$defs/TimelineRequest"
