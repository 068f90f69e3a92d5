"""Trying again ends: by success, by number, by deadline, or by an error that is not worth it."""

import asyncio
from time import monotonic

import pytest

from namjai.runtime.metrics import Metrics
from namjai.runtime.retry import RetryPolicy, deadline, retry

QUICK = RetryPolicy(attempts=3, deadline_s=5, first_wait_ms=1, wait_ms_max=2)


class Flaky:
    """Fails with the given errors, one after the other, and then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("t")


async def test_it_tries_until_it_succeeds(metrics: Metrics) -> None:
    flaky = Flaky(ConnectionError(), ConnectionError())
    assert await retry("call", flaky, on=ConnectionError, policy=QUICK, metrics=metrics) == "answer"
    assert flaky.calls == 3
    assert metrics.registry.get_sample_value("namjai_retries_total", {"operation": "call"}) == 2


async def test_after_the_last_attempt_the_last_error_is_raised(metrics: Metrics) -> None:
    flaky = Flaky(ConnectionError("1"), ConnectionError("2"), ConnectionError("3"), ConnectionError("4"))
    with pytest.raises(ConnectionError, match="3"):
        await retry("call", flaky, on=(ConnectionError, OSError), policy=QUICK, metrics=metrics)
    assert flaky.calls == 3


async def test_an_error_that_is_not_worth_it_is_raised_at_once(metrics: Metrics) -> None:
    flaky = Flaky(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await retry("call", flaky, on=ConnectionError, policy=QUICK, metrics=metrics)
    assert flaky.calls == 1


async def test_the_other_side_may_say_how_long_to_wait(metrics: Metrics) -> None:
    flaky = Flaky(ConnectionError())
    began = monotonic()
    await retry("call", flaky, on=lambda _: 0.05, policy=QUICK, metrics=metrics)
    assert monotonic() - began >= 0.05


async def test_a_wait_that_would_pass_the_deadline_is_not_begun(metrics: Metrics) -> None:
    flaky = Flaky(ConnectionError("first"))
    began = monotonic()
    with pytest.raises(ConnectionError, match="first"):
        await retry("call", flaky, on=lambda _: 60.0, policy=QUICK, metrics=metrics)
    assert monotonic() - began < 1


async def test_a_call_that_hangs_is_cancelled_at_the_deadline(metrics: Metrics) -> None:
    policy = RetryPolicy(deadline_s=0.02)
    with pytest.raises(TimeoutError):
        await retry("call", asyncio.Event().wait, on=ConnectionError, policy=policy, metrics=metrics)


def test_waits_grow_to_a_ceiling_and_are_spread_over_all_of_it() -> None:
    policy = RetryPolicy(first_wait_ms=100, wait_ms_max=1_000)
    for failures, ceiling_s in ((1, 0.1), (2, 0.2), (4, 0.8), (5, 1.0), (30, 1.0)):
        waits = [policy.wait_s(failures) for _ in range(2_000)]
        assert max(waits) <= ceiling_s
        assert max(waits) > ceiling_s * 0.9
        assert min(waits) < ceiling_s * 0.1


async def test_a_deadline_ends_a_block() -> None:
    with pytest.raises(TimeoutError):
        async with deadline(0.01):
            await asyncio.Event().wait()
