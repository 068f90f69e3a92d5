"""The breaker opens on failures in a row, lets one call find out, and is not fooled by late or cancelled ones."""

import asyncio

import pytest

from namjai.runtime.breaker import Breaker, BreakerOpen, State
from namjai.runtime.metrics import Metrics


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("t")


@pytest.fixture
def breaker(clock: Clock, metrics: Metrics) -> Breaker:
    return Breaker(
        "api", metrics, failures_max=3, open_s=10, counts=lambda error: not isinstance(error, LookupError), clock=clock
    )


def fail(breaker: Breaker, error: type[Exception] = ConnectionError) -> None:
    with pytest.raises(error), breaker.guard():
        raise error


def succeed(breaker: Breaker) -> None:
    with breaker.guard():
        assert breaker.name


def test_it_opens_after_so_many_failures_in_a_row_and_then_refuses_at_once(breaker: Breaker) -> None:
    for _ in range(3):
        fail(breaker)
    entered = False
    with pytest.raises(BreakerOpen) as refused, breaker.guard():
        entered = True
    assert not entered
    assert refused.value.retry_after_s == 10


def test_a_success_in_between_starts_the_count_again(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker)
        fail(breaker)
        succeed(breaker)
    assert breaker.state is State.CLOSED


def test_an_error_that_shows_the_other_side_works_counts_as_success(breaker: Breaker) -> None:
    for _ in range(10):
        fail(breaker, KeyError)
    assert breaker.state is State.CLOSED


def test_after_its_time_one_call_finds_out_and_closes_it(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now += 10
    states = [breaker.state]
    succeed(breaker)
    assert [*states, breaker.state] == [State.HALF_OPEN, State.CLOSED]


def test_a_failed_probe_opens_it_again_for_the_whole_time(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now += 10
    fail(breaker)
    assert breaker.state is State.OPEN
    clock.now += 9.9
    fail(breaker, BreakerOpen)


async def test_of_a_hundred_who_come_when_it_half_opens_one_gets_through(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now += 10
    entered, finish = 0, asyncio.Event()

    async def call() -> None:
        nonlocal entered
        with breaker.guard():
            entered += 1
            await finish.wait()

    calls = [asyncio.ensure_future(call()) for _ in range(100)]
    await asyncio.sleep(0)
    finish.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert entered == 1
    assert sum(isinstance(result, BreakerOpen) for result in results) == 99
    assert breaker.state is State.CLOSED


async def test_a_cancelled_call_says_nothing_and_frees_the_probes_place(breaker: Breaker, clock: Clock) -> None:
    async def hang() -> None:
        with breaker.guard():
            await asyncio.Event().wait()

    for _ in range(5):
        hanging = asyncio.ensure_future(hang())
        await asyncio.sleep(0)
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
    assert breaker.state is State.CLOSED

    for _ in range(3):
        fail(breaker)
    clock.now += 10
    hanging = asyncio.ensure_future(hang())
    await asyncio.sleep(0)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    succeed(breaker)
    assert breaker.state is State.CLOSED


async def test_a_call_from_before_the_change_that_ends_late_changes_nothing(breaker: Breaker, clock: Clock) -> None:
    finish = asyncio.Event()

    async def slow() -> None:
        with breaker.guard():
            await finish.wait()

    late = asyncio.ensure_future(slow())
    await asyncio.sleep(0)
    for _ in range(3):
        fail(breaker)
    finish.set()
    await late
    assert breaker.state is State.OPEN


def test_its_state_and_its_refusals_are_metrics(breaker: Breaker, metrics: Metrics) -> None:
    def value(name: str) -> float | None:
        return metrics.registry.get_sample_value(name, {"breaker": "api"})

    assert value("namjai_breaker_state") == 0
    for _ in range(3):
        fail(breaker)
    fail(breaker, BreakerOpen)
    assert value("namjai_breaker_state") == 2
    assert value("namjai_breaker_refused_total") == 1
