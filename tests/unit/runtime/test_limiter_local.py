"""GCRA against a clock that moves when told, and its bound on memory."""

from hypothesis import given
from hypothesis import strategies as st

from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_ten_a_minute_is_ten_at_once_and_then_one_every_six_seconds() -> None:
    clock = Clock()
    limiter = LocalLimiter("t", Rate(10, 60), Metrics("t"), clock=clock)
    assert [limiter.hit("m").allowed for _ in range(11)] == [True] * 10 + [False]
    assert round(limiter.hit("m").retry_after_s, 6) == 6
    clock.now += 6.001
    assert [limiter.hit("m").allowed for _ in range(2)] == [True, False]


def test_a_smaller_burst_spreads_the_same_rate() -> None:
    limiter = LocalLimiter("t", Rate(10, 60, burst=2), Metrics("t"), clock=Clock())
    assert [limiter.hit("m").allowed for _ in range(3)] == [True, True, False]


def test_the_key_untouched_for_longest_is_forgotten_first() -> None:
    limiter = LocalLimiter("t", Rate(1, 60), Metrics("t"), keys_max=2, clock=Clock())
    for key in ("a", "b", "c"):
        assert limiter.hit(key).allowed
    assert not limiter.hit("c").allowed
    assert not limiter.hit("b").allowed
    assert limiter.hit("a").allowed


def test_refusals_are_counted() -> None:
    metrics = Metrics("t")
    limiter = LocalLimiter("webhook", Rate(1, 60), metrics, clock=Clock())
    for _ in range(3):
        limiter.hit("m")
    counted = metrics.registry.get_sample_value("namjai_limited_total", {"limiter": "webhook", "result": "refused"})
    assert counted == 2


@given(gaps_s=st.lists(st.floats(0, 5), max_size=200), limit=st.integers(1, 20), period_s=st.floats(0.1, 60))
def test_whatever_comes_no_stretch_of_time_holds_more_than_the_burst_and_the_rate(
    gaps_s: list[float], limit: int, period_s: float
) -> None:
    clock = Clock()
    limiter = LocalLimiter("t", Rate(limit, period_s), Metrics("t"), clock=clock)
    allowed: list[float] = []
    for gap_s in gaps_s:
        clock.now += gap_s
        if limiter.hit("m").allowed:
            allowed.append(clock.now)
    for first, began in enumerate(allowed):
        for last in range(first, len(allowed)):
            assert last - first + 1 <= limit + limit * (allowed[last] - began) / period_s + 1e-6
