"""Histograms, percentiles, the figures of a period, and the comparison of two copies of the log."""

from hypothesis import given
from hypothesis import strategies as st

from namjai.analytics.domain.compare import Comparison, Copy, Difference, report
from namjai.analytics.domain.latency import BOUNDS_MS, GROWTH, LONGEST_MS, bound_ms, percentile_ms
from namjai.analytics.domain.overview import Latency, period
from namjai.analytics.domain.ranges import Range, Ranges


@given(st.floats(0, LONGEST_MS))
def test_a_bound_is_at_most_a_quarter_above_the_duration(duration_ms: float) -> None:
    assert duration_ms <= bound_ms(duration_ms) <= max(duration_ms * GROWTH, duration_ms + 1) + 1


def test_what_is_longer_than_a_week_counts_as_a_week() -> None:
    assert bound_ms(LONGEST_MS * 10) == BOUNDS_MS[-1]


@given(st.lists(st.sampled_from(BOUNDS_MS), min_size=1), st.sampled_from([0.5, 0.99, 1.0]))
def test_a_percentile_is_the_value_at_its_rank(values: list[int], share: float) -> None:
    found = percentile_ms({bound: values.count(bound) for bound in values}, share)
    assert found is not None
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_nothing_has_no_percentile() -> None:
    assert percentile_ms({}, 0.5) is None


def test_a_period_is_the_sum_of_its_measures() -> None:
    counts = [("message.text", 5), ("message.image", 2), ("throttled", 1), ("reply.support", 6), ("reply.crisis", 1)]
    counts += [("unscreened", 2), ("alert.high", 3), ("alert.unscreened", 1), ("risk.none", 7), ("delivered", 7)]
    found = period(counts, 4, [("issued", 100, 99), ("issued", 5_000, 1), ("issued", 100, 1)])
    assert (found.messages, found.replies, found.throttled, found.unscreened, found.delivered) == (7, 7, 1, 2, 7)
    assert found.by_kind == {"text": 5, "image": 2}
    assert found.alerts == {"high": 3}
    assert found.reply_times == {"issued": Latency(count=101, p50_ms=100, p99_ms=100)}


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_ranges_without_points_are_the_difference_of_the_sets(sequences: set[int], points: set[int]) -> None:
    ranges = Ranges()
    for each in sorted(sequences):
        ranges.add(each)
    expected = Ranges()
    for each in sorted(sequences - points):
        expected.add(each)
    assert ranges.without(points).text(99) == expected.text(99)
    assert len(ranges.without(points)) == len(sequences - points)


def test_a_report_shows_the_first_ranges_and_how_many_more() -> None:
    ranges = Ranges([Range(n * 10, n * 10 + 1) for n in range(1, 31)])
    [line] = report({Difference.LOST: ranges})
    assert line.startswith("in the archive, missing in the log: 60 (sequence 10–11, 20–21,")
    assert line.endswith("and 10 more ranges)")


def test_a_log_that_is_gone_is_one_range_however_long_it_was() -> None:
    comparison = Comparison(1_000)
    for sequence in range(1, 1_001):
        comparison.see(sequence, None, Copy(sequence, "s", b"x"))
    comparison.end(1_000)
    assert comparison.differences(set())[Difference.LOST].text(1) == "1–1000"


def test_a_gap_that_an_unsent_message_explains_is_no_difference() -> None:
    comparison = Comparison(9)
    comparison.see(2, Copy(2, "s", b"x"), Copy(2, "s", b"x"))
    comparison.see(4, None, Copy(4, "s", None))
    comparison.see(5, None, Copy(5, "s", b"y"))
    comparison.end(5)
    assert set(comparison.differences(set())) == {Difference.UNEXPLAINED, Difference.LOST}
    assert comparison.differences({1, 3, 5}) == {}
    assert (comparison.same, comparison.removed, comparison.waiting) == (1, 1, 0)
