"""A second look raises as little as its rules allow; its answer is read to the letter; the text it reads is data."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.events.risk import RiskAssessed
from namjai.risk.domain.model import Level
from namjai.risk.domain.opinion import SCHEMA, SYSTEM, Opinion, question, raised_to, read


def first(level: Level) -> RiskAssessed:
    return RiskAssessed(message="m", outcome="screened", level=level.value, policy="p")


def opinion(level: Level, confidence: float = 0.9) -> Opinion:
    return Opinion(level=level, category="suicide", subject="self", confidence=confidence)


@pytest.mark.parametrize(("was", "said"), list(product(Level, Level)))
def test_it_raises_and_never_lowers_and_makes_no_crisis_of_nothing(was: Level, said: Level) -> None:
    level = raised_to(first(was), opinion(said), 0.6)
    assert level is None or was < level <= said
    if said > was:
        assert level == (Level.HIGH if said == Level.CRISIS and was < Level.MEDIUM else said)


def test_a_model_that_is_not_sure_raises_nothing() -> None:
    assert raised_to(first(Level.NONE), opinion(Level.HIGH, 0.5), 0.6) is None


GOOD = '{"level":"high","category":"suicide","subject":"self","confidence":0.8}'


def test_an_answer_that_is_what_was_asked_for_is_read() -> None:
    assert read(f"\n{GOOD} ") == opinion(Level.HIGH, 0.8)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "high",
        f"```json\n{GOOD}\n```",
        f"Sure! {GOOD}",
        GOOD.replace("high", "severe"),
        GOOD.replace("0.8", "1.8"),
        GOOD.replace("0.8", '"0.8"'),
        GOOD.replace("0.8", "NaN"),
        GOOD.replace('"subject":"self",', ""),
        GOOD[:-1] + ',"note":"x"}',
        GOOD[:20],
        f"[{GOOD}]",
        "\ud800",
    ],
)
def test_any_other_answer_is_none(answer: str) -> None:
    assert read(answer) is None


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_that_people_write_ends_the_string_it_stands_in(words: str) -> None:
    asked = msgspec.json.decode(question(words))
    assert asked == {"message": words[:5_000].encode("utf-8", "replace").decode()}


def test_the_schema_and_the_answer_have_the_same_fields() -> None:
    assert set(Opinion.__struct_fields__) == set(msgspec.convert(SCHEMA["required"], list[str]))
    assert all(f'"{name}"' in SYSTEM for name in Opinion.__struct_fields__)
