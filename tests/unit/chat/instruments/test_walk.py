"""The way through a form: order, skips, back, leaving out."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.skills.instruments import walk
from namjai.chat.skills.instruments.definition import Definition
from namjai.chat.skills.instruments.library import library
from namjai.chat.skills.instruments.score import Incomplete, score

ALL = sorted(library().forms)


def form(name: str) -> Definition:
    return library().forms[name]


def through(name: str, reply: Callable[[int], int | None]) -> list[int]:
    """The numbers of the items asked when each is answered by `reply`."""
    answers: dict[int, int | None] = {}
    numbers = []
    while (item := walk.next_item(form(name), answers)) is not None:
        numbers.append(item.number)
        answers[item.number] = reply(item.number)
    return numbers


@pytest.mark.parametrize(
    ("name", "yes", "asked"),
    [
        ("2q", {}, [1, 2]),
        ("audit-c", {}, [1]),
        ("audit-c", {1: 1}, [1, 2, 3]),
        ("asq", {}, [1, 2, 3, 4]),
        ("asq", {1: 1}, [1, 2, 3, 4, 5]),
        ("asq", {4: 2}, [1, 2, 3, 4, 5]),
        ("c-ssrs", {}, [1, 2, 6]),
        ("c-ssrs", {1: 1}, [1, 2, 6]),
        ("c-ssrs", {2: 1}, [1, 2, 3, 4, 5, 6]),
        ("c-ssrs", {6: 1}, [1, 2, 6, 61]),
        ("8q", {}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ("8q", {3: 6}, [1, 2, 3, 31, 4, 5, 6, 7, 8]),
        ("phq-9", {}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("phq-9", {4: 2}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("bsrs-5", {}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_which_items_are_asked(name: str, yes: dict[int, int], asked: list[int]) -> None:
    assert through(name, lambda number: yes.get(number, 0)) == asked


NEVER = [100 + n for n in range(1, 11)]


@pytest.mark.parametrize(
    ("answers", "after_the_first_ten"),
    [
        ({}, []),  # nothing ever: the interview ends
        ({102: 1}, [202, 602, 702, 800]),  # alcohol, not in the last three months
        ({102: 1, 202: 3}, [202, 302, 402, 502, 602, 702, 800]),
        ({101: 1, 201: 6}, [201, 301, 401, 601, 701, 800]),  # tobacco has no fifth question
        (
            {103: 1, 109: 1, 209: 2},  # cannabis once, opioids now: question by question
            [203, 209, 309, 409, 509, 603, 609, 703, 709, 800],
        ),
    ],
)
def test_assist_asks_only_what_its_skips_leave(answers: dict[int, int], after_the_first_ten: list[int]) -> None:
    assert through("assist", lambda number: answers.get(number, 0)) == [*NEVER, *after_the_first_ten]


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_whatever_is_answered_every_form_ends_and_asks_nothing_twice(name: str, data: st.DataObject) -> None:
    definition = form(name)

    def reply(number: int) -> int:
        item = definition.item(number)
        assert item is not None
        return data.draw(st.sampled_from([option.value for option in definition.choices(item)]))

    numbers = through(name, reply)
    assert len(numbers) == len(set(numbers)) <= len(definition.items)


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_back_takes_exactly_the_last_answer_back(name: str, data: st.DataObject) -> None:
    definition = form(name)
    trail: list[dict[int, int | None]] = [{}]
    while (item := walk.next_item(definition, trail[-1])) is not None:
        value = data.draw(st.sampled_from([option.value for option in definition.choices(item)]))
        trail.append(walk.answered(definition, trail[-1], item, value))
    while len(trail) > 1:
        answers = trail.pop()
        assert walk.back(definition, answers) == trail[-1]
    assert walk.back(definition, {}) == {}


def test_a_changed_answer_changes_what_is_asked_next() -> None:
    answers: dict[int, int | None] = {1: 0, 2: 0, 3: 6, 31: 0}
    answers = walk.back(form("8q"), walk.back(form("8q"), answers))
    assert answers == {1: 0, 2: 0}
    item = walk.next_item(form("8q"), {**answers, 3: 0})
    assert item is not None
    assert item.number == 4


def test_an_answer_must_be_one_of_the_options() -> None:
    item = walk.next_item(form("8q"), {})
    assert item is not None
    with pytest.raises(ValueError, match="no option"):
        walk.answered(form("8q"), {}, item, 3)


def test_an_item_left_out_is_passed_and_leaves_the_form_without_a_score() -> None:
    definition = form("gad-7")
    answers: dict[int, int | None] = {}
    while (item := walk.next_item(definition, answers)) is not None:
        leave = item.number == 4
        answers = walk.skipped(definition, answers, item) if leave else walk.answered(definition, answers, item, 1)
    assert score(definition, answers) == Incomplete(missing=(4,))


@pytest.mark.parametrize("name", ["asq", "8q", "c-ssrs"])
def test_forms_about_suicide_let_nothing_be_left_out(name: str) -> None:
    item = walk.next_item(form(name), {})
    assert item is not None
    assert not walk.may_skip(form(name), item)
    with pytest.raises(walk.NotAllowed):
        walk.skipped(form(name), {}, item)


def test_the_place_is_told_as_far_as_the_answers_tell_it() -> None:
    assert walk.place(form("gad-7"), {1: 0, 2: None}) == (2, 7)
    assert walk.place(form("asq"), {1: 0}) == (1, 4)
    assert walk.place(form("asq"), {1: 0, 2: 1}) == (2, 5)
    assert walk.place(form("assist"), {101: 1}) == (1, None)
