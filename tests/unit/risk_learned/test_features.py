"""N-grams are found in any string, each once, and know where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.risk.learned.features import BITS, grams, windows

ANY_TEXT = st.text(st.characters(), max_size=300) | st.text("กขา่อยากตาย 想死不ab'1\n\ud800", max_size=900)


@given(ANY_TEXT)
def test_any_string_has_n_grams_inside_it_each_once(text: str) -> None:
    found = grams(text, 0, len(text))

    assert len(set(found.cells.tolist())) == len(found.cells) == len(found.starts) == len(found.ends)
    assert all(0 <= cell < 1 << BITS for cell in found.cells)
    assert all(0 <= start <= end <= len(text) for start, end in zip(found.starts, found.ends, strict=True))


@given(ANY_TEXT)
def test_the_windows_leave_nothing_out(text: str) -> None:
    covered = {place for start, end in windows(text) for place in range(start, end)}

    assert covered == set(range(len(text)))


def test_a_window_knows_places_in_the_whole_text() -> None:
    text = "x" * 700 + "ก"
    last = list(windows(text))[-1]

    assert grams(text, *last).ends.max() == len(text)


def test_the_same_words_elsewhere_are_the_same_n_grams() -> None:
    alone = set(grams("want to go", 0, 10).cells.tolist())

    assert alone <= set(grams("i want to go home", 0, 17).cells.tolist())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("สวัสดี ok", "th"),
        ("今天吃 pizza", "zh"),
        ("hello", "en"),
        ("hello " * 40, "en-long"),
        ("12 😀", None),
        ("", None),
    ],
)
def test_the_kind_of_a_text_is_its_main_script_and_for_english_its_length(text: str, kind: str | None) -> None:
    assert grams(text, 0, len(text)).kind == kind
