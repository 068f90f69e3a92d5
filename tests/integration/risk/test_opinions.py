"""A second opinion over HTTP raises once and only with consent; if it fails, the first verdict stands."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from namjai.devkit.gemini.app import serve_gemini
from namjai.devkit.gemini.faults import Fault, Kind
from namjai.devkit.gemini.script import Line
from namjai.events.alert import AlertRaised
from namjai.events.member import MemberConsented, MemberErased
from namjai.events.risk import RiskAssessed, RiskReassessed
from namjai.risk.adapters.opinion import Fenced, Limits, open_opinion
from namjai.risk.ports import OpinionUnavailable
from namjai.risk.settings import RiskSettings
from namjai.runtime.metrics import Metrics
from tests.integration.risk.conftest import AtWork, Person

RATED = {"level": "high", "category": "suicide", "subject": "self", "confidence": 0.9}
WORDS = "plain words that no rule of ours knows"


@dataclass
class Endpoint:
    """Plays a chat-completions endpoint: answers with the next of `says`, and the last again and again."""

    url: str = ""
    says: list[Any] = field(default_factory=list)
    calls: list[Any] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(await request.json())
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, int):
            return web.Response(status=said, text="no")
        content = said if isinstance(said, str) else json.dumps(said)
        return web.json_response({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]})


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", endpoint.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield endpoint
    await runner.cleanup()


def asks(endpoint: Endpoint, **more: Any) -> dict[str, Any]:
    return {"opinion": "openai", "opinion_base_url": endpoint.url, "opinion_model": "at-home", **more}


async def agrees(person: Person, *, granted: bool = True) -> None:
    await person.happens(MemberConsented(purpose="model", granted=granted, text_version="t"))


async def test_it_raises_what_the_rules_missed_and_calls_somebody(
    at_work: AtWork, person: Person, endpoint: Endpoint
) -> None:
    endpoint.says = [RATED]
    await agrees(person)
    async with at_work(**asks(endpoint)):
        message = await person.writes(WORDS)
        (again,) = await person.said(RiskReassessed)
        (alert,) = await person.said(AlertRaised)
    (first,) = await person.said(RiskAssessed)
    assert (first.level, again.was, again.level, again.by) == ("none", "none", "high", "at-home/opinion-1")
    assert (alert.level, alert.reason, alert.message) == ("high", "reassessed", message.id)
    (call,) = endpoint.calls
    assert json.loads(call["messages"][1]["content"]) == {"message": WORDS}
    assert WORDS not in call["messages"][0]["content"]


async def test_what_was_heard_in_a_voice_gets_a_second_look_too(
    at_work: AtWork, person: Person, endpoint: Endpoint
) -> None:
    endpoint.says = [RATED]
    await agrees(person)
    async with at_work(**asks(endpoint)):
        heard = await person.says(WORDS)
        (again,) = await person.said(RiskReassessed)
        (alert,) = await person.said(AlertRaised)
    assert (again.message, alert.message, alert.reason) == (heard.id, heard.id, "reassessed")
    assert len(endpoint.calls) == 1, "the voice itself has no words to look at"


async def test_a_crisis_is_not_made_of_nothing(at_work: AtWork, person: Person, endpoint: Endpoint) -> None:
    endpoint.says = [RATED | {"level": "crisis"}]
    await agrees(person)
    async with at_work(**asks(endpoint)):
        await person.writes(WORDS)
        (again,) = await person.said(RiskReassessed)
    assert again.level == "high"


@pytest.mark.parametrize("how", ["never asked", "withdrawn", "another purpose", "erased"])
async def test_without_consent_nobody_is_asked(at_work: AtWork, person: Person, endpoint: Endpoint, how: str) -> None:
    endpoint.says = [RATED]
    if how == "another purpose":
        await person.happens(MemberConsented(purpose="chat", granted=True, text_version="t"))
    if how in ("withdrawn", "erased"):
        await agrees(person)
    if how == "withdrawn":
        await agrees(person, granted=False)
    async with at_work(**asks(endpoint)):
        if how == "erased":
            await person.happens(MemberErased(receipt="r"))
        await person.writes(WORDS)
        await person.said(RiskAssessed)
        assert await person.has_said(RiskReassessed, after_s=1) == []
    assert endpoint.calls == []


async def test_it_never_lowers_and_a_crisis_needs_no_second_look(
    at_work: AtWork, person: Person, endpoint: Endpoint
) -> None:
    endpoint.says = [RATED | {"level": "none"}]
    await agrees(person)
    async with at_work(**asks(endpoint)):
        await person.writes("ไม่อยากมีชีวิตอยู่")
        await person.said(RiskAssessed)
        assert await person.has_said(RiskReassessed, after_s=1) == []
        assert len(endpoint.calls) == 1
        await person.writes("I will kill myself tonight, I have the pills")
        await person.said(RiskAssessed, 2)
        assert await person.has_said(RiskReassessed, after_s=1) == []
    assert len(endpoint.calls) == 1


async def test_one_repair_and_then_no_opinion(at_work: AtWork, person: Person, endpoint: Endpoint) -> None:
    await agrees(person)
    endpoint.says = ["I think that is sad.", RATED]
    async with at_work(**asks(endpoint)):
        await person.writes(WORDS)
        await person.said(RiskReassessed)
        assert len(endpoint.calls) == 2
        endpoint.says = ["no", "no"]
        await person.writes(WORDS)
        await person.said(RiskAssessed, 2)
        assert len(await person.has_said(RiskReassessed, after_s=1)) == 1
    assert len(endpoint.calls) == 4


async def test_a_model_that_fails_holds_nothing_up(at_work: AtWork, person: Person, endpoint: Endpoint) -> None:
    endpoint.says = [503]
    await agrees(person)
    async with at_work(**asks(endpoint)):
        for n in range(8):
            await person.writes(WORDS)
            await person.said(RiskAssessed, n + 1)
        assert await person.has_said(RiskReassessed, after_s=1) == []
    assert len(endpoint.calls) == 5, "then the breaker keeps us from asking"


async def test_words_from_long_ago_get_no_second_opinion(at_work: AtWork, person: Person, endpoint: Endpoint) -> None:
    endpoint.says = [RATED]
    await agrees(person)
    async with at_work():
        await person.writes(WORDS)
        await person.said(RiskAssessed)
    assert await person.has_said(RiskReassessed, after_s=1) == []
    async with at_work(**asks(endpoint, opinion_age_max_s=0.5)):
        assert await person.has_said(RiskReassessed, after_s=1) == []
    assert endpoint.calls == []


async def test_requests_are_limited_and_late_answers_are_none(endpoint: Endpoint) -> None:
    class Asleep:
        async def ask(self, system: str, words: str) -> str:
            await asyncio.sleep(30)
            return ""

    late = Fenced(Asleep(), Limits(deadline_s=0.1, requests_per_minute=1), Metrics("risk"))
    started = time.monotonic()
    with pytest.raises(OpinionUnavailable) as failure:
        await late.opinion(WORDS)
    assert failure.value.reason == "deadline"
    assert time.monotonic() - started < 2
    with pytest.raises(OpinionUnavailable) as failure:
        await late.opinion(WORDS)
    assert failure.value.reason == "limited"


async def test_gemini_is_asked_for_the_same_object() -> None:
    async with serve_gemini() as fake:
        fake.script.replace([Line(match=WORDS, text=json.dumps(RATED))])
        settings = RiskSettings(opinion="fake", opinion_base_url=fake.url)
        async with open_opinion(settings, Metrics("risk")) as model:
            assert model is not None
            assert (await model.opinion(WORDS)).level == "high"
            assert (await model.opinion("something else")).level == "none", "the fake's smallest answer"
        (call, _) = fake.calls.since(0, 10)
    asked = json.loads(call.body)
    assert asked["generationConfig"]["responseMimeType"] == "application/json"
    assert "X-Server-Timeout" not in call.headers


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.PROMPT_BLOCKED, "blocked"),
        (Kind.NO_CANDIDATES, "blocked"),
        (Kind.MAX_TOKENS, "blocked"),
        (Kind.EMPTY_PARTS, "invalid"),
        (Kind.THOUGHTS_ONLY, "invalid"),
        (Kind.BROKEN_JSON, "invalid"),
        (Kind.RATE_PER_DAY, "quota"),
        (Kind.UNAVAILABLE, "server"),
        (Kind.RESET, "unreachable"),
        (Kind.OK_HTML, "invalid"),
    ],
)
async def test_gemini_that_blocks_or_breaks_has_no_opinion(kind: Kind, reason: str) -> None:
    async with serve_gemini() as fake:
        fake.faults.replace([Fault(kind=kind)])
        settings = RiskSettings(opinion="fake", opinion_base_url=fake.url)
        async with open_opinion(settings, Metrics("risk")) as model:
            assert model is not None
            with pytest.raises(OpinionUnavailable) as failure:
                await model.opinion(WORDS)
    assert failure.value.reason == reason
