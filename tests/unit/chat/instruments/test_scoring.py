"""Scores and bands against tables written by hand from the clinical reference, without a look at the definitions."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.skills.instruments.definition import Definition, Sex
from namjai.chat.skills.instruments.library import library
from namjai.chat.skills.instruments.score import UNKNOWN_SEX, Incomplete, Scored, score

# form: (items in the total, highest points of each, (first total of each band, band), first positive total)
SUMS: Mapping[str, tuple[int, int, tuple[tuple[int, str], ...], int]] = {
    "phq-9": (9, 3, ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately_severe"), (20, "severe")), 10),
    "gad-7": (7, 3, ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe")), 10),
    "bsrs-5": (5, 4, ((0, "normal"), (6, "mild"), (10, "moderate"), (15, "severe")), 6),
    "9q": (9, 3, ((0, "none"), (7, "mild"), (13, "moderate"), (19, "severe")), 7),
    "2q": (2, 1, ((0, "negative"), (1, "positive")), 1),
}
# 8Q: what a yes to each item gives; 31 is "cannot control it", asked only after a yes to 3
POINTS_8Q = {1: 1, 2: 2, 3: 6, 31: 8, 4: 8, 5: 9, 6: 4, 7: 10, 8: 4}
BANDS_8Q = ((0, "none"), (1, "mild"), (9, "moderate"), (17, "severe"))
BANDS_DAST = ((0, "none"), (1, "low"), (3, "moderate"), (6, "substantial"), (9, "severe"))
SUBSTANCES = (
    "tobacco",
    "alcohol",
    "cannabis",
    "cocaine",
    "amphetamines",
    "inhalants",
    "sedatives",
    "hallucinogens",
    "opioids",
    "other",
)
ASSIST_POINTS = {
    2: (0, 2, 3, 4, 6),
    3: (0, 3, 4, 5, 6),
    4: (0, 4, 5, 6, 7),
    5: (0, 5, 6, 7, 8),
    6: (0, 6, 3),
    7: (0, 6, 3),
}


def form(name: str) -> Definition:
    return library().forms[name]


def scored(name: str, answers: Mapping[int, int | None], sex: Sex | None = None, cutoff: int | None = None) -> Scored:
    result = score(form(name), answers, sex=sex, cutoff=cutoff)
    assert isinstance(result, Scored), result
    return result


def band_of(total: int, bands: tuple[tuple[int, str], ...]) -> str:
    return [name for first, name in bands if total >= first][-1]


@pytest.mark.parametrize("name", SUMS)
@given(data=st.data())
def test_a_sum_is_the_sum_and_has_the_band_of_the_table(name: str, data: st.DataObject) -> None:
    items, most, bands, first_positive = SUMS[name]
    points = data.draw(st.lists(st.integers(0, most), min_size=items, max_size=items))
    answers: dict[int, int | None] = dict(enumerate(points, 1))
    if name == "phq-9":
        answers[10] = data.draw(st.sampled_from([None, 0, 1, 2, 3]))  # never in the score
    if name == "bsrs-5":
        answers[6] = data.draw(st.integers(0, 4))
    result = scored(name, answers)
    suicide = name == "bsrs-5" and (answers[6] or 0) >= 2
    assert result.total == sum(points)
    assert result.band.id == band_of(sum(points), bands)
    assert result.positive == (sum(points) >= first_positive or suicide)
    assert ("suicide_thoughts" in result.flag_ids) == suicide


def _reaching(total: int, items: int, most: int) -> dict[int, int | None]:
    """Answers with exactly this total."""
    full, rest = divmod(total, most)
    return {n: most if n <= full else rest if n == full + 1 else 0 for n in range(1, items + 1)}


EDGES = [
    (name, total, band)
    for name, (items, most, bands, _) in SUMS.items()
    for (first, band), (following, _) in pairwise([*bands, (items * most + 1, "")])
    for total in {first, following - 1}
]


@pytest.mark.parametrize(("name", "total", "band"), EDGES)
def test_each_band_begins_and_ends_where_the_table_says(name: str, total: int, band: str) -> None:
    items, most, _, _ = SUMS[name]
    answers = _reaching(total, items, most)
    if name == "bsrs-5":
        answers[6] = 0
    result = scored(name, answers)
    assert (result.total, result.band.id) == (total, band)


@given(yes=st.lists(st.booleans(), min_size=10, max_size=10))
def test_dast_counts_a_yes_and_for_item_3_a_no(yes: list[bool]) -> None:
    definition = form("dast-10")
    answers: dict[int, int | None] = {}
    for number, said in enumerate(yes, 1):
        item = definition.item(number)
        assert item is not None
        word = "Yes" if said else "No"
        answers[number] = next(each.value for each in definition.choices(item) if each.label["en"] == word)
    total = sum(said != (number == 3) for number, said in enumerate(yes, 1))
    result = scored("dast-10", answers)
    assert (result.total, result.band.id) == (total, band_of(total, BANDS_DAST))
    assert result.positive == (total >= 3)


@pytest.mark.parametrize(
    ("total", "band"),
    [
        *[(0, "none"), (1, "low"), (2, "low"), (3, "moderate"), (5, "moderate")],
        *[(6, "substantial"), (8, "substantial"), (9, "severe"), (10, "severe")],
    ],
)
def test_each_band_of_dast(total: int, band: str) -> None:
    assert scored("dast-10", _reaching(total, 10, 1)).band.id == band


@given(points=st.tuples(*[st.integers(0, 4)] * 3), sex=st.sampled_from(["male", "female", None]))
def test_audit_c_takes_the_cut_off_of_the_sex_and_says_when_it_does_not_know_it(
    points: tuple[int, int, int], sex: Sex | None
) -> None:
    first, second, third = points
    if first == 0:
        second = third = 0
        answers: dict[int, int | None] = {1: 0}  # who never drinks is not asked how much
    else:
        answers = {1: first, 2: second, 3: third}
    total = first + second + third
    result = scored("audit-c", answers, sex)
    assert result.total == total
    assert result.cutoff == (4 if sex == "male" else 3)
    assert result.positive == (total >= (4 if sex == "male" else 3))
    assert result.band.id == ("at_risk" if result.positive else "below")
    assert (UNKNOWN_SEX in result.flag_ids) == (sex is None)
    assert ("confirm_intake" in result.flag_ids) == (first > 0 and second == third == 0)


@given(
    yes=st.dictionaries(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8]), st.booleans(), min_size=8, max_size=8),
    uncontrolled=st.booleans(),
)
def test_8q_adds_the_points_of_its_table(yes: dict[int, bool], uncontrolled: bool) -> None:
    answers: dict[int, int | None] = {number: POINTS_8Q[number] if said else 0 for number, said in yes.items()}
    if yes[3]:
        answers[31] = POINTS_8Q[31] if uncontrolled else 0
    total = sum(value or 0 for value in answers.values())
    result = scored("8q", answers)
    assert (result.total, result.band.id) == (total, band_of(total, BANDS_8Q))


@pytest.mark.parametrize(
    ("yes", "band"),
    [((), "none"), ((1,), "mild"), ((4,), "mild"), ((5,), "moderate"), ((3, 7), "moderate"), ((3, 7, 1), "severe")],
)
def test_each_band_of_8q(yes: tuple[int, ...], band: str) -> None:
    answers: dict[int, int | None] = {number: POINTS_8Q[number] if number in yes else 0 for number in range(1, 9)}
    if 3 in yes:
        answers[31] = 0
    assert scored("8q", answers).band.id == band


@given(data=st.data())
def test_assist_has_a_score_for_every_substance_ever_used(data: st.DataObject) -> None:
    answers: dict[int, int | None] = {}
    expected: dict[str, int] = {}
    for place, substance in enumerate(SUBSTANCES, 1):
        ever = data.draw(st.booleans())
        answers[100 + place] = int(ever)
        if not ever:
            continue
        use = data.draw(st.sampled_from(ASSIST_POINTS[2]))
        lately = [] if use == 0 else [3, 4] if substance == "tobacco" else [3, 4, 5]
        points = {question: data.draw(st.sampled_from(ASSIST_POINTS[question])) for question in (*lately, 6, 7)}
        points[2] = use
        answers |= {question * 100 + place: value for question, value in points.items()}
        expected[substance] = sum(points.values())
    answers[800] = data.draw(st.sampled_from([None, 0, 1, 2]))  # injecting is recorded and no part of the score
    result = scored("assist", answers)
    assert result.total is None
    assert result.subscores == expected
    bands = {
        substance: "high" if total >= 27 else "low" if total <= (10 if substance == "alcohol" else 3) else "moderate"
        for substance, total in expected.items()
    }
    assert result.bands_by_group == bands
    assert result.positive == any(band != "low" for band in bands.values())
    if not expected:
        assert result.band.id == "low"


def _assist(substance: str, total: int) -> Scored:
    """A result in which one substance has this total."""
    place = SUBSTANCES.index(substance) + 1
    ways: dict[int, tuple[int, ...]] = {
        3: (0, 3, 0),
        4: (4, 0, 0),
        10: (4, 6, 0),
        11: (2, 6, 3),
        26: (6, 6, 3, 6, 5),
        27: (6, 6, 3, 6, 6),
    }
    by_use, concern, failed, *more = ways[total]
    answers: dict[int, int | None] = {100 + n: int(n == place) for n in range(1, 11)}
    answers |= {200 + place: by_use, 600 + place: concern, 700 + place: failed}
    if by_use:
        urge, problems = (more[0], 0) if more else (0, 0)
        expected = more[1] if more else 0
        answers |= {300 + place: urge, 400 + place: problems, 500 + place: expected}
    return scored("assist", answers)


@pytest.mark.parametrize(
    ("substance", "total", "band"),
    [
        *[("cannabis", 3, "low"), ("cannabis", 4, "moderate"), ("cannabis", 26, "moderate"), ("cannabis", 27, "high")],
        *[("alcohol", 10, "low"), ("alcohol", 11, "moderate"), ("alcohol", 26, "moderate"), ("alcohol", 27, "high")],
    ],
)
def test_each_band_of_assist(substance: str, total: int, band: str) -> None:
    result = _assist(substance, total)
    assert result.subscores == {substance: total}
    assert result.band.id == result.bands_by_group[substance] == band


def test_the_most_that_assist_can_give_is_39_and_for_tobacco_31() -> None:
    answers: dict[int, int | None] = {**dict.fromkeys(range(101, 111), 1), 800: 0}
    for question, points in ASSIST_POINTS.items():
        answers.update({question * 100 + n: max(points) for n in range(1, 11)})
    del answers[501]
    assert scored("assist", answers).subscores == {name: 31 if name == "tobacco" else 39 for name in SUBSTANCES}


@given(said=st.tuples(*[st.sampled_from(["yes", "no", "refused"])] * 4), now=st.booleans())
def test_asq_is_positive_on_any_yes_and_on_any_refusal(said: tuple[str, str, str, str], now: bool) -> None:
    values = {"yes": 1, "no": 0, "refused": 2}
    answers: dict[int, int | None] = {number: values[word] for number, word in enumerate(said, 1)}
    positive = set(said) != {"no"}
    if positive:
        answers[5] = int(now)
    result = scored("asq", answers)
    assert result.total is None
    assert result.positive == positive
    assert result.band.id == ("acute" if positive and now else "positive" if positive else "negative")


@given(yes=st.fixed_dictionaries({number: st.booleans() for number in (1, 2, 3, 4, 5, 6, 61)}))
def test_c_ssrs_follows_the_table_of_its_screener(yes: dict[int, bool]) -> None:
    asked_for = {1, 2, 6} | ({3, 4, 5} if yes[2] else set()) | ({61} if yes[6] else set())
    answers: dict[int, int | None] = {number: int(yes[number]) for number in asked_for}
    said = {number for number, value in answers.items() if value}
    if said & {4, 5, 61}:
        expected = "high"
    elif said & {3, 6}:
        expected = "moderate"
    else:
        expected = "low" if said & {1, 2} else "none"
    assert scored("c-ssrs", answers).band.id == expected


@pytest.mark.parametrize("name", sorted(library().forms))
def test_a_form_without_answers_has_no_score_which_is_not_zero(name: str) -> None:
    assert isinstance(score(form(name), {}), Incomplete)


@given(data=st.data())
def test_one_answer_left_out_takes_the_score_away(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["phq-9", "gad-7", "9q", "2q", "dast-10"]))
    numbers = [item.number for item in form(name).items if item.scored]
    answers: dict[int, int | None] = dict.fromkeys(numbers, 0)
    left = data.draw(st.sampled_from(numbers))
    answers[left] = None
    result = score(form(name), answers)
    assert result == Incomplete(missing=(left,))


def test_the_item_of_bsrs_5_about_suicide_is_not_in_the_total_but_the_form_needs_it() -> None:
    five: dict[int, int | None] = dict.fromkeys(range(1, 6), 1)
    assert score(form("bsrs-5"), {**five, 6: None}) == Incomplete(missing=(6,))
    assert scored("bsrs-5", {**five, 6: 4}).total == 5


def test_the_tenth_item_of_phq_9_may_be_left_out_with_a_score() -> None:
    answers: dict[int, int | None] = {**dict.fromkeys(range(1, 10), 1), 10: None}
    assert scored("phq-9", answers).total == 9


@pytest.mark.parametrize(("cutoff", "positive"), [(None, False), (9, True), (10, False)])
def test_a_clinic_may_choose_its_own_cut_off_and_the_bands_stay(cutoff: int | None, positive: bool) -> None:
    result = scored("phq-9", dict.fromkeys(range(1, 10), 1), cutoff=cutoff)
    assert (result.positive, result.band.id) == (positive, "mild")


def test_a_cut_off_of_the_clinic_holds_for_every_sex() -> None:
    result = scored("audit-c", {1: 4, 2: 1, 3: 0}, cutoff=6)
    assert (result.positive, result.band.id, result.sex_unknown) == (False, "below", False)


@pytest.mark.parametrize(
    ("name", "answers", "leads"),
    [
        ("2q", {1: 1, 2: 0}, [("9q",)]),
        ("2q", {1: 0, 2: 0}, []),
        ("9q", {**dict.fromkeys(range(1, 10), 0), 1: 3, 2: 3, 3: 1}, [("8q",)]),
        ("9q", {**dict.fromkeys(range(1, 10), 0), 1: 3, 2: 3}, []),
        ("phq-9", {**dict.fromkeys(range(1, 10), 0), 9: 1}, [("c-ssrs", "asq")]),
        ("phq-9", dict.fromkeys(range(1, 9), 3) | {9: 0}, []),
    ],
)
def test_what_a_result_leads_to(name: str, answers: dict[int, int | None], leads: list[tuple[str, ...]]) -> None:
    assert [lead.forms for lead in scored(name, answers).leads] == leads
