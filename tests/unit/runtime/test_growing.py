"""A stream becomes what a release wants, and never less than it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.runtime.growing import LIMITS, CannotBecome, grown, kept

WANTED = {
    "name": "DEAD",
    "subjects": ["dead.>"],
    "storage": "file",
    "retention": "limits",
    "num_replicas": 3,
    "max_age": 90,
    "allow_direct": True,
}


def _there(**changed: Any) -> dict[str, Any]:
    return {**WANTED, **changed}


def test_what_is_as_wanted_stays_as_it_is() -> None:
    assert grown(grown(_there(), WANTED), WANTED) == grown(_there(), WANTED)
    assert kept(_there(), WANTED) == []


def test_a_limit_becomes_wider_and_never_narrower() -> None:
    assert grown(_there(max_age=30), WANTED)["max_age"] == 90
    assert grown(_there(max_age=180), WANTED)["max_age"] == 180
    assert kept(_there(max_age=180), WANTED) == ["max_age"]


def test_no_limit_is_the_widest_however_it_is_written() -> None:
    for none in (0, -1, None):
        assert grown(_there(max_age=none), WANTED)["max_age"] in (0, -1, None)
        assert grown(_there(), {**WANTED, "max_age": none})["max_age"] == 0


def test_an_older_release_takes_no_subject_and_no_capability_away() -> None:
    newer = _there(subjects=["dead.>", "again.>"], allow_msg_ttl=True)
    assert grown(newer, WANTED)["subjects"] == ["dead.>", "again.>"]
    assert grown(newer, WANTED)["allow_msg_ttl"] is True
    assert kept(newer, WANTED) == ["subjects"]


def test_copies_are_added_and_never_removed() -> None:
    assert grown(_there(num_replicas=1), WANTED)["num_replicas"] == 3
    assert grown(_there(), {**WANTED, "num_replicas": 1})["num_replicas"] == 3


def test_what_a_person_has_set_and_no_release_speaks_of_stays() -> None:
    assert grown(_there(placement={"tags": ["ssd"]}), WANTED)["placement"] == {"tags": ["ssd"]}


@pytest.mark.parametrize("kind, other", [("storage", "memory"), ("retention", "workqueue")])
def test_a_stream_of_another_kind_is_left_alone(kind: str, other: str) -> None:
    with pytest.raises(CannotBecome, match=kind):
        grown(_there(**{kind: other}), WANTED)


@given(*[st.dictionaries(st.sampled_from(LIMITS), st.integers(-1, 5))] * 2)
def test_whatever_two_releases_want_their_order_does_not_matter(one: dict[str, int], other: dict[str, int]) -> None:
    first, second = _there(**one), _there(**other)
    there, back = grown(first, second), grown(second, first)
    assert {name: max(there[name], 0) for name in LIMITS} == {name: max(back[name], 0) for name in LIMITS}
    assert grown(there, second) == grown(there, first) == there
