"""The fence lets calls of one model through in time and within limits, or says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from namjai.chat.adapters.models.backend import named
from namjai.chat.adapters.models.fence import Fence, Limits
from namjai.chat.ports import ModelFailure, ModelUnavailable
from namjai.runtime.metrics import Metrics

WORDS = "That sounds hard. What helped?"


class Scripted:
    """A call that does what the list says, one item a time: words, a failure, an exception, or a coroutine."""

    def __init__(self, *script: str | Exception | Callable[[], Any]) -> None:
        self.script = list(script)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        item = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(item, Exception):
            raise item
        if callable(item):
            await item()
            return WORDS
        return item


def fenced(*, concurrency: int = 4, per_minute: int = 600, open_s: float = 60.0) -> Fence:
    limits = Limits(concurrency=concurrency, requests_per_minute=per_minute, failures_max=3, open_s=open_s)
    return Fence("scripted-1", limits, Metrics("chat"))


async def failure(fence: Fence, call: Scripted, *, within_s: float = 5.0) -> ModelFailure:
    with pytest.raises(ModelUnavailable) as raised:
        await fence.call(call, within_s=within_s)
    return raised.value.reason


async def test_words_come_through() -> None:
    assert await fenced().call(Scripted(WORDS), within_s=5) == WORDS


async def test_a_passing_failure_is_tried_once_more() -> None:
    call = Scripted(ModelUnavailable("server"), WORDS)
    assert await fenced().call(call, within_s=5) == WORDS
    assert call.calls == 2


@pytest.mark.parametrize(
    "reason", ["quota", "denied", "refused", "blocked", "empty", "truncated", "stopped", "misshapen", "guard"]
)
async def test_what_will_not_pass_is_not_tried_again(reason: ModelFailure) -> None:
    call = Scripted(ModelUnavailable(reason))
    assert await failure(fenced(), call) == reason
    assert call.calls == 1


async def test_silence_ends_at_the_deadline_and_speaks_against_the_model() -> None:
    call, fence = Scripted(asyncio.Event().wait), fenced()
    assert not fence.is_shut
    reasons = [await failure(fence, call, within_s=0.05) for _ in range(4)]
    assert reasons == ["deadline", "deadline", "deadline", "breaker"]
    assert fence.is_shut
    assert call.calls == 3


async def test_the_breaker_closes_again_when_the_model_is_back() -> None:
    call, fence = Scripted(*[ModelUnavailable("denied")] * 3, WORDS), fenced(open_s=0.0)
    for _ in range(3):
        await failure(fence, call)
    assert await fence.call(call, within_s=5) == WORDS
    assert await fence.call(call, within_s=5) == WORDS


@pytest.mark.parametrize("reason", ["blocked", "guard", "unscreened", "misshapen", "unable"])
async def test_what_is_about_one_text_does_not_open_the_breaker(reason: ModelFailure) -> None:
    call, fence = Scripted(*[ModelUnavailable(reason)] * 6, WORDS), fenced()
    assert [await failure(fence, call) for _ in range(6)] == [reason] * 6
    assert await fence.call(call, within_s=5) == WORDS


async def test_nobody_queues_for_a_busy_model() -> None:
    release = asyncio.Event()
    call, fence = Scripted(release.wait), fenced(concurrency=1)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(fence.call(call, within_s=5))
        await asyncio.sleep(0)
        assert await failure(fence, call) == "limited"
        release.set()
    assert first.result() == WORDS


async def test_more_requests_than_the_rate_are_refused() -> None:
    call, fence = Scripted(WORDS), fenced(per_minute=2)
    await fence.call(call, within_s=5)
    await fence.call(call, within_s=5)
    assert await failure(fence, call) == "limited"
    assert call.calls == 2


async def test_a_surprise_of_an_sdk_costs_nobody_their_answer() -> None:
    assert await failure(fenced(), Scripted(KeyError("somebody's words"))) == "bug"


async def test_giving_up_frees_the_place() -> None:
    call, fence = Scripted(asyncio.Event().wait, WORDS), fenced(concurrency=1)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(fence.call(call, within_s=5))
        await asyncio.sleep(0)
        asking.cancel()
    assert await fence.call(call, within_s=5) == WORDS


@pytest.mark.parametrize(
    ("said", "expected"),
    [("gemini-9-flash-001", "gemini-9-flash-001"), (None, "mine"), ("", "mine"), ("a b", "mine"), ("x" * 65, "mine")],
)
def test_only_a_name_goes_into_the_event(said: str | None, expected: str) -> None:
    assert expected == named(said, "mine")
