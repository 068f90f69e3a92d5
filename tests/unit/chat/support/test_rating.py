"""A rating from 0 to 10, however somebody writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.domain.rating import is_number, rating


@pytest.mark.parametrize(
    ("said", "number"),
    [
        *[(str(n), n) for n in range(11)],
        ("๗", 7),
        ("７", 7),
        ("เจ็ดค่ะ", 7),
        ("ประมาณ 5 ครับ", 5),
        ("ตอนนี้ 4 คะแนน", 4),
        ("8 จาก 10", 8),
        ("大概七分吧", 7),
        ("現在是6分", 6),
        ("十", 10),
        ("it's about a 6 now", 6),
        ("I'd say 8 out of 10", 8),
        ("7/10!", 7),
        ("7.5", 7),
        ("Seven.", 7),
    ],
)
def test_a_rating_is_read(said: str, number: int) -> None:
    assert rating(said) == number


@pytest.mark.parametrize(
    "said",
    ["", "11", "100", "-1", "3 days", "one beer", "2 แก้ว", "10年", "very strong", "6 or 7", "call 1323", "7" * 80],
)
def test_what_is_no_rating_is_none(said: str) -> None:
    assert rating(said) is None


@given(st.text(max_size=80))
def test_no_text_breaks_it(said: str) -> None:
    found = rating(said)
    assert found is None or 0 <= found <= 10
    is_number(said)


def test_a_number_that_is_no_rating_is_told_from_talk() -> None:
    assert is_number("42")
    assert not is_number("42 days")
    assert not is_number(" ")
