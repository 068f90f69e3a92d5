"""What a finding carries, how readings act, and what must hold for any text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.risk.domain.model import Finding, Level
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.screen import WINDOW_MAX_UTF16_UNITS, screen
from namjai.risk.rules import load

CRISES = [
    "อยากตาย คืนนี้จะทำแน่ๆ",
    "ตัดสินใจแล้ว คืนนี้จะผูกคอตาย",
    "I'm going to kill myself tonight",
    "I just took a whole bottle of pills to die",
    "我決定今晚去跳樓",
    "我现在准备去自杀了",
]
HARMLESS = [
    "",
    "ครับ",
    "ขอบคุณค่ะ",
    "ฝนตก",
    "วันนี้กินข้าวแล้ว",
    "thank you",
    "ok",
    "the weather is nice",
    "謝謝",
    "今天下雨",
    "555",
    "🙂",
]
SEPARATORS = [" ", "\n", ". ", " ... ", "\n\n"]


def gravest(text: str, policy: Policy) -> Finding:
    return screen(text, policy)[0]


def test_a_finding_names_its_place_in_the_original_text(policy: Policy) -> None:
    text = "หมอคะ… อ ย า ก ต า ย จริงๆ"

    finding = next(f for f in screen(text, policy) if f.rule == "th.suicide.wish")

    assert [text[s.start : s.end] for s in finding.spans] == ["อ ย า ก ต า ย"]
    assert (finding.category, finding.cssrs_item, finding.subject) == ("suicide", 1, "self")
    assert finding.policy == policy.version


def test_a_denial_is_kept_with_its_reading(policy: Policy) -> None:
    finding = gravest("I don't want to die", policy)

    assert (finding.polarity, finding.level, finding.changes) == ("negated", Level.LOW, ("lowered:negated",))


def test_a_raise_shows_both_places(policy: Policy) -> None:
    text = "อยากตาย คืนนี้จะทำแน่ๆ"

    finding = gravest(text, policy)

    assert finding.changes == ("raised:intent",)
    assert next(text[s.start : s.end] for s in finding.spans) == "อยากตาย"
    assert len(finding.spans) == 2
    assert finding.cssrs_item == 4


def test_the_gravest_finding_comes_first_and_the_lesser_stay(policy: Policy) -> None:
    findings = screen("ไม่ได้อยากตายเมื่อวาน วันนี้อยากตาย", policy)

    assert [f.level for f in findings] == sorted((f.level for f in findings), key=lambda level: -level.rank)
    assert {f.polarity for f in findings} == {"asserted", "negated"}


def test_another_persons_danger_is_marked_as_theirs(policy: Policy) -> None:
    assert gravest("my brother is going to kill himself tonight", policy).subject == "other"


@pytest.mark.parametrize("pad", ["ก ข ", "all is well. ", "今天很好。", "🙂"])
def test_nothing_of_a_long_message_is_left_unscreened(pad: str, policy: Policy) -> None:
    filler = pad * (2 * WINDOW_MAX_UTF16_UNITS // len(pad))
    for at in (0, len(filler) // 3, len(filler)):
        text = f"{filler[:at]}\nI'm going to kill myself tonight\n{filler[at:]}"

        finding = gravest(text, policy)

        assert finding.level == Level.CRISIS
        assert "kill myself" in text[finding.spans[0].start : finding.spans[-1].end]


def test_a_statement_on_the_seam_of_two_windows_is_found(policy: Policy) -> None:
    for shift in range(0, 400, 7):
        text = "x" * (WINDOW_MAX_UTF16_UNITS // 2 - shift) + "\nอยากตาย คืนนี้จะทำแน่ๆ\n" + "y" * WINDOW_MAX_UTF16_UNITS
        assert gravest(text, policy).level == Level.CRISIS


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_screened(text: str) -> None:
    for finding in screen(text, load()):
        assert all(0 <= span.start < span.end <= len(text) for span in finding.spans)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*CRISES, *HARMLESS, "ไม่", "not", "沒有", "เพื่อนบอกว่า", "เคย", "以前", "lol"]), max_size=12)
)
def test_any_mixture_of_statements_can_be_screened(parts: list[str]) -> None:
    screen("".join(parts), load())


@settings(deadline=None)
@given(st.sampled_from(CRISES), st.sampled_from(SEPARATORS), st.lists(st.sampled_from(HARMLESS), max_size=6))
def test_harmless_words_afterwards_never_soften_a_crisis(crisis: str, separator: str, rest: list[str]) -> None:
    text = separator.join([crisis, *rest])

    assert screen(text, load())[0].level == Level.CRISIS


@settings(deadline=None)
@given(st.sampled_from(CRISES), st.sampled_from(HARMLESS))
def test_harmless_words_before_never_soften_a_crisis(crisis: str, before: str) -> None:
    assert screen(f"{before}\n{crisis}", load())[0].level == Level.CRISIS


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CRISES), st.integers(0, 40), st.sampled_from("\u200b\u200c\u200d\ufeff\u00ad"))
def test_an_invisible_character_hides_nothing(crisis: str, at: int, invisible: str) -> None:
    at = min(at, len(crisis))

    assert screen(crisis[:at] + invisible + crisis[at:], load())[0].level == Level.CRISIS


@pytest.mark.parametrize(
    "text",
    [
        "想死" * 250,
        "不想死" * 166,
        "ไม่อยากตาย " * 45,
        "i don't want to die " * 25,
        "a" * 500,
        "ab" * 250,
        "ก" * 500,
        "(" * 500,
        "my friend says " * 33,
        ("kill " * 50 + "myself ") * 2,
        "เมื่อวาน" * 60,
        "自" * 500,
    ],
    ids=range(12),
)
def test_no_message_of_500_characters_takes_long(
    text: str, policy: Policy, costs_ms: Callable[..., list[float]]
) -> None:
    cost_ms, _ = costs_ms(partial(screen, text, policy), partial(screen, "", policy))

    assert cost_ms < 10


@pytest.fixture(scope="module")
def joined() -> Policy:
    """A policy with one raise that needs three things and no fourth."""
    words = {"rope": "rope", "night": "tonight", "wood": "barn", "fun": "swing"}
    rules = [
        f"  - {{id: en.{kind}, kind: {kind}, patterns: [{word}], hits: [{word}], near_misses: [day]}}"
        for kind, word in words.items()
    ]
    raises = (
        "caps: {}\nraises: [{why: w, kinds: [rope], signal: [night], also: [wood], unless: [fun], level: crisis}]\n"
    )
    head = "language: en\ncategory: suicide\nstatus: draft\nauthor: us\nrules:\n"
    return Policy(
        {
            "policy.yaml": raises,
            "normalise.yaml": "emoji: {}\nspellings: {x: y}\n",
            "en/a.yaml": head + "\n".join(rules),
        }
    )


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("a rope in the barn tonight", "crisis"),
        ("tonight, the barn, the rope", "crisis"),
        ("a rope tonight", "none"),
        ("a rope in the barn", "none"),
        ("a rope in the barn tonight for the swing", "none"),
    ],
)
def test_a_raise_may_ask_for_three_things_and_the_absence_of_a_fourth(text: str, level: str, joined: Policy) -> None:
    assert max((f.level for f in screen(text, joined)), default="none") == level
