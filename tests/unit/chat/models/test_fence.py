"""The fence lets a model's words through in time and within limits, or says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from namjai.chat.adapters.models.fence import Fenced, Limits, named
from namjai.chat.ports import ModelAnswer, ModelFailure, ModelRequest, ModelUnavailable
from namjai.runtime.metrics import Metrics

WORDS = "That sounds hard. What helped?"
REQUEST = ModelRequest(system="be kind", text="hello", language="en")


class Scripted:
    """A model that does what the list says, one item a call: words, a failure, an exception, or a coroutine."""

    def __init__(self, *script: str | Exception | Callable[[], Any]) -> None:
        self.script = list(script)
        self.calls = 0

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        self.calls += 1
        item = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(item, Exception):
            raise item
        if callable(item):
            await item()
            item = WORDS
        return ModelAnswer(text=item, model="scripted", tokens_in=7, tokens_out=3)


def fenced(
    model: Scripted, *, deadline_s: float = 5.0, concurrency: int = 4, per_minute: int = 600, open_s: float = 60.0
) -> tuple[Fenced, Metrics]:
    metrics = Metrics("chat")
    limits = Limits(
        deadline_s=deadline_s,
        concurrency=concurrency,
        requests_per_minute=per_minute,
        failures_max=3,
        open_s=open_s,
    )
    return Fenced(model, limits, metrics), metrics


async def failure(fence: Fenced) -> ModelFailure:
    with pytest.raises(ModelUnavailable) as raised:
        await fence.answer(REQUEST)
    return raised.value.reason


def counted(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"namjai_{name}_total", labels) or 0.0


async def test_words_come_through_and_are_counted() -> None:
    fence, metrics = fenced(Scripted(WORDS))
    assert (await fence.answer(REQUEST)).text == WORDS
    assert counted(metrics, "model_answers", outcome="said") == 1
    assert tuple(counted(metrics, "model_tokens", direction=way) for way in ("in", "out")) == (7, 3)


async def test_a_passing_failure_is_tried_once_more() -> None:
    model = Scripted(ModelUnavailable("server"), WORDS)
    fence, _ = fenced(model)
    assert (await fence.answer(REQUEST)).text == WORDS
    assert model.calls == 2


@pytest.mark.parametrize("reason", ["quota", "denied", "refused", "blocked", "empty", "truncated", "stopped"])
async def test_what_will_not_pass_is_not_tried_again(reason: ModelFailure) -> None:
    model = Scripted(ModelUnavailable(reason))
    fence, metrics = fenced(model)
    assert reason == await failure(fence)
    assert model.calls == 1
    assert counted(metrics, "model_answers", outcome=reason) == 1


async def test_silence_ends_at_the_deadline_and_speaks_against_the_model() -> None:
    model = Scripted(asyncio.Event().wait)
    fence, _ = fenced(model, deadline_s=0.05)
    reasons = [await failure(fence) for _ in range(4)]
    assert reasons == ["deadline", "deadline", "deadline", "breaker"]
    assert model.calls == 3


async def test_the_breaker_closes_again_when_the_model_is_back() -> None:
    model = Scripted(*[ModelUnavailable("denied")] * 3, WORDS)
    fence, _ = fenced(model, open_s=0.0)
    for _ in range(3):
        await failure(fence)
    assert (await fence.answer(REQUEST)).text == WORDS
    assert (await fence.answer(REQUEST)).text == WORDS


async def test_blocked_answers_do_not_open_the_breaker() -> None:
    fence, _ = fenced(Scripted(*[ModelUnavailable("blocked")] * 6, WORDS))
    assert [await failure(fence) for _ in range(6)] == ["blocked"] * 6
    assert (await fence.answer(REQUEST)).text == WORDS


async def test_nobody_queues_for_a_busy_model() -> None:
    release = asyncio.Event()
    fence, _ = fenced(Scripted(release.wait), concurrency=1)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(fence.answer(REQUEST))
        await asyncio.sleep(0)
        assert await failure(fence) == "limited"
        release.set()
    assert first.result().text == WORDS


async def test_more_requests_than_the_rate_are_answered_offline() -> None:
    fence, _ = fenced(Scripted(WORDS), per_minute=2)
    await fence.answer(REQUEST)
    await fence.answer(REQUEST)
    assert await failure(fence) == "limited"


async def test_words_that_may_not_be_said_are_kept_back() -> None:
    fence, metrics = fenced(Scripted("Take 5 mg before bed."))
    assert await failure(fence) == "guard"
    assert counted(metrics, "model_guard", fault="dose") == 1


async def test_a_surprise_of_an_sdk_costs_nobody_their_answer() -> None:
    fence, _ = fenced(Scripted(KeyError("somebody's words")))
    assert await failure(fence) == "bug"


async def test_giving_up_is_counted_and_frees_the_place() -> None:
    fence, metrics = fenced(Scripted(asyncio.Event().wait, WORDS), concurrency=1)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(fence.answer(REQUEST))
        await asyncio.sleep(0)
        asking.cancel()
    assert counted(metrics, "model_answers", outcome="overtaken") == 1
    assert (await fence.answer(REQUEST)).text == WORDS


@pytest.mark.parametrize(
    ("said", "expected"),
    [("gemini-9-flash-001", "gemini-9-flash-001"), (None, "mine"), ("", "mine"), ("a b", "mine"), ("x" * 65, "mine")],
)
def test_only_a_name_goes_into_the_event(said: str | None, expected: str) -> None:
    assert expected == named(said, "mine")
