"""The figures, against tables worked out by hand and against what must hold for any table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from namjai.risk.evaluate.metrics import Binary, bootstrap, percentile, quadratic_kappa

Table = dict[tuple[int, int], int]
TABLES = st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 50), min_size=1, max_size=25)
BINARIES = st.builds(Binary, *(st.integers(0, 1_000) for _ in range(4)))


def test_a_table_worked_out_by_hand() -> None:
    """100 texts, 20 dangerous, 25 alarms, 15 of them right."""
    table = Binary(tp=15, fp=10, fn=5, tn=70)

    assert table.precision == pytest.approx(0.6)
    assert table.recall == pytest.approx(0.75)
    assert table.f1 == pytest.approx(2 / 3)
    assert table.false_alarm_rate == pytest.approx(0.125)


def test_the_table_is_made_of_what_is_so_and_what_was_said() -> None:
    counts = {(True, True): 1, (False, True): 2, (True, False): 3, (False, False): 4}

    assert Binary.of(counts) == Binary(tp=1, fp=2, fn=3, tn=4)


def test_what_cannot_be_counted_is_nothing_and_not_zero() -> None:
    only_harmless = Binary(fp=0, tn=10)

    assert (only_harmless.precision, only_harmless.recall, only_harmless.f1) == (None, None, None)
    assert only_harmless.false_alarm_rate == 0
    assert Binary(tp=1).false_alarm_rate is None


@given(BINARIES)
def test_f1_is_the_harmonic_mean_and_lies_between_precision_and_recall(table: Binary) -> None:
    assume(table.tp > 0)
    precision, recall = Fraction(table.tp, table.tp + table.fp), Fraction(table.tp, table.tp + table.fn)

    assert table.f1 == pytest.approx(float(2 * precision * recall / (precision + recall)))
    assert float(min(precision, recall)) - 1e-9 <= (table.f1 or 0) <= float(max(precision, recall)) + 1e-9


@given(BINARIES)
def test_every_share_is_a_share(table: Binary) -> None:
    shares = (table.precision, table.recall, table.f1, table.false_alarm_rate)

    assert all(share is None or 0 <= share <= 1 for share in shares)


def test_kappa_of_two_categories_is_cohens() -> None:
    """The table of every textbook: 20 both yes, 5 and 10 apart, 15 both no; agreement .7, by chance .5, kappa .4."""
    assert quadratic_kappa({(1, 1): 20, (1, 0): 5, (0, 1): 10, (0, 0): 15}) == pytest.approx(0.4)


def test_kappa_of_three_categories_worked_out_by_hand() -> None:
    """Ten texts, true ranks 5, 3, 2, given 4, 3, 3. Squared distance seen: 4 + 1 + 1 = 6.

    By chance, true · given · distance²: 0→1 5·3·1, 0→2 5·3·4, 1→0 3·4·1, 1→2 3·3·1, 2→0 2·4·4, 2→1 2·3·1; in all 134.
    """
    table = {(0, 0): 4, (0, 2): 1, (1, 1): 2, (1, 2): 1, (2, 2): 1, (2, 1): 1}

    assert quadratic_kappa(table) == pytest.approx(1 - 10 * 6 / 134)


def test_chance_alone_gives_a_kappa_of_nothing() -> None:
    assert quadratic_kappa({(0, 0): 25, (0, 4): 25, (4, 0): 25, (4, 4): 25}) == pytest.approx(0)


def test_opposite_verdicts_give_minus_one() -> None:
    assert quadratic_kappa({(0, 4): 7, (4, 0): 7}) == pytest.approx(-1)


def test_kappa_of_one_category_is_not_defined() -> None:
    assert quadratic_kappa({(0, 0): 10}) is None
    assert quadratic_kappa({}) is None


@given(TABLES)
def test_kappa_lies_between_minus_one_and_one(table: Table) -> None:
    kappa = quadratic_kappa(table)

    assert kappa is None or -1 - 1e-9 <= kappa <= 1 + 1e-9


@given(st.dictionaries(st.integers(0, 4), st.integers(1, 50), min_size=2))
def test_full_agreement_is_one(sizes: dict[int, int]) -> None:
    assert quadratic_kappa({(rank, rank): count for rank, count in sizes.items()}) == pytest.approx(1)


@given(TABLES, st.integers(2, 5))
def test_kappa_does_not_depend_on_who_is_called_true_nor_on_size(table: Table, times: int) -> None:
    turned = Counter({(column, row): count for (row, column), count in table.items()})
    larger = {cell: count * times for cell, count in table.items()}

    assert quadratic_kappa(turned) == pytest.approx(quadratic_kappa(table))
    assert quadratic_kappa(larger) == pytest.approx(quadratic_kappa(table))


@given(TABLES, *(st.lists(st.integers(0, 4), min_size=2, max_size=2, unique=True).map(sorted) for _ in range(2)))
def test_two_verdicts_that_change_places_away_from_their_labels_never_help(
    rest: Table, labels: list[int], verdicts: list[int]
) -> None:
    """The marginals stay as they are, so chance does too."""
    (low, high), (lower, higher) = labels, verdicts
    right, wrong = Counter(rest), Counter(rest)
    right.update([(low, lower), (high, higher)])
    wrong.update([(low, higher), (high, lower)])

    kappa_right, kappa_wrong = quadratic_kappa(right), quadratic_kappa(wrong)
    assert kappa_right is not None
    assert kappa_wrong is not None
    assert kappa_wrong < kappa_right


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.25, 1.75), (0.5, 2.5), (1, 4)])
def test_a_percentile_lies_between_its_neighbours_in_proportion(share: float, value: float) -> None:
    assert percentile([1, 2, 3, 4], share) == pytest.approx(value)


def _recall(cells: Mapping[bool, int]) -> float | None:
    found, missed = cells.get(True, 0), cells.get(False, 0)
    return found / (found + missed) if found + missed else None


def test_the_interval_of_a_share_is_the_binomials() -> None:
    """80 of 100: the 2.5 % and 97.5 % points of Binomial(100, .8) are 72 and 87."""
    interval = bootstrap({True: 80, False: 20}, {"recall": _recall}, resamples=4_000, seed=7)["recall"]

    assert interval is not None
    assert interval.low == pytest.approx(0.72, abs=0.011)
    assert interval.high == pytest.approx(0.87, abs=0.011)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 2**32))
def test_the_interval_contains_the_figure(found: int, missed: int, seed: int) -> None:
    assume(found + missed)
    cells = {key: count for key, count in {True: found, False: missed}.items() if count}
    interval = bootstrap(cells, {"recall": _recall}, resamples=200, seed=seed)["recall"]

    assert interval is not None
    assert interval.low <= (_recall(cells) or 0) <= interval.high


def test_a_larger_sample_has_a_narrower_interval() -> None:
    widths = []
    for size in (10, 100, 1_000):
        interval = bootstrap({True: 8 * size, False: 2 * size}, {"recall": _recall}, resamples=300, seed=1)["recall"]
        assert interval is not None
        widths.append(interval.high - interval.low)

    assert widths == sorted(widths, reverse=True)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    once, again, other = (
        bootstrap({True: 313, False: 12}, {"recall": _recall}, resamples=100, seed=seed)["recall"] for seed in (5, 5, 6)
    )

    assert once == again != other


def test_a_figure_that_is_never_defined_has_no_interval() -> None:
    assert bootstrap({True: 3}, {"never": lambda _: None}, resamples=50, seed=1) == {"never": None}
    assert bootstrap({}, {"recall": _recall}, resamples=50, seed=1) == {"recall": None}
