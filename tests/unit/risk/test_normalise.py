"""The fold: what it changes, and that every folded character knows where it came from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.risk.domain.policy import Policy
from namjai.risk.rules import load

ALPHABET = st.one_of(
    st.characters(),
    st.sampled_from("อยากตายฆ่าัิีุู่้๊๋์ำเแๆ想死自殺杀着著 .-_*'’“”\u200b\u200d\ufe0f\u0301\ud800💀🔪ａＡ１!\n\tkil0"),
)
TEXTS = st.text(ALPHABET, max_size=80)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("อยากตายยยยยย", "อยากตาย"),
        ("อ ย า ก ต า ย", "อยากตาย"),
        ("นํ้า", "น้ำ"),
        ("เเม่", "แม่"),
        ("ก่ี", "กี่"),
        ("อยาก\u200bตาย", "อยากตาย"),
        ("Ｉ　ｗａｎｔ", "i want"),
        ("I can’t", "i can't"),
        ("k i l l", "kill"),
        ("kiiiiillllll", "kill"),
        ("dieeeee", "die"),
        ("su1c1de", "suicide"),
        ("dïé", "die"),
        ("自殺", "自杀"),
        ("自.殺", "自杀"),
        ("想 死", "想死"),
        ("活著", "活着"),
        ("kms", "kill myself"),
        ("yak tai", "อยากตาย"),
        ("zisha", "自杀"),
        ("yaak dtaai", "อยากตาย"),
        ("khuen ni", "คืนนี้"),
        ("ja kha tua tai", "จะฆ่าตัวตาย"),
        ("ฆาตัวตาย", "ฆ่าตัวตาย"),
        ("ค่าตัวต่าย", "ฆ่าตัวตาย"),
        ("หย่ากตาย", "อยากตาย"),
        ("ก่ระโดดตืก", "กระโดดตึก"),
        ("ซูอิไซด์", "ฆ่าตัวตาย"),
        ("คิลมายเซลฟ์", "ฆ่าตัวตาย"),
        ("บ่อยากอยู่", "ไม่อยากอยู่"),
        ("毋想欲活矣", "不想活矣"),
        ("想4", "想死"),
    ],
)
def test_the_view_shows_what_was_meant(text: str, view: str, policy: Policy) -> None:
    assert policy.normalise(text).text == view


@pytest.mark.parametrize("text", ["ยากตายห่า", "กระต่าย", "ลากอ้อย", "บ่อยๆ", "บ่อน้ำ", "yakult thai tea", "lagoon"])
def test_words_that_only_look_alike_stay_as_they_are(text: str, policy: Policy) -> None:
    assert policy.normalise(text).text == text.replace("ๆๆ", "ๆ")


def test_an_emoji_becomes_a_word_that_points_at_the_emoji(policy: Policy) -> None:
    view = policy.normalise("no 🔪 please")

    at = view.text.index(":knife:")
    span = view.span(at, at + len(":knife:"))
    assert "no 🔪 please"[span.start : span.end] == "🔪"


def test_a_span_of_a_changed_word_covers_what_the_person_typed(policy: Policy) -> None:
    text = "จริงๆ อ.ย.า.ก.ต.า.ย แล้ว"
    view = policy.normalise(text)

    at = view.text.index("อยากตาย")
    span = view.span(at, at + len("อยากตาย"))
    assert text[span.start : span.end] == "อ.ย.า.ก.ต.า.ย"


@settings(deadline=None)
@given(TEXTS)
def test_every_span_of_the_view_lies_in_the_original_and_in_order(text: str) -> None:
    view = load().normalise(text)

    assert len(view.text) == len(view.starts) == len(view.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(view.starts, view.ends, strict=True))
    assert view.starts == sorted(view.starts)
    assert view.ends == sorted(view.ends)


@settings(deadline=None)
@given(TEXTS)
def test_the_text_of_a_span_folds_to_the_same_first_character_class(text: str) -> None:
    """Round trip: the original characters of a whole view fold to that view again."""
    view = load().normalise(text)
    if not view.text:
        return

    span = view.span(0, len(view.text))
    assert load().normalise(text[span.start : span.end]).text == view.text


@settings(deadline=None)
@given(TEXTS)
def test_the_view_can_always_be_written_down(text: str) -> None:
    load().normalise(text).text.encode("utf-8")


@pytest.mark.parametrize(
    "piece", ["ab", "a ", "a.", "อ ", "想 ", "aaa", "!", "ั", "ำ", "k1", "'", "想.死", "\u0301", "💀", "\n "]
)
def test_time_grows_in_line_with_length(piece: str, policy: Policy, costs_ms: Callable[..., list[float]]) -> None:
    short, long = ((piece * length)[:length] for length in (4_000, 40_000))

    cheap, dear = costs_ms(partial(policy.normalise, short), partial(policy.normalise, long))

    assert dear < 20 * cheap + 20
