"""What fits into a model's context: whole turns, the newest first, never more than the budget."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.domain.context import Context, Exchange, fitting, marked, tokens

COUNTED = msgspec.yaml.decode(Path(__file__).with_name("tokens.yaml").read_bytes(), type=dict[str, int])
TOO_MANY_MAX = 1.7
"""Of a sentence; a few words may be off by more."""
words = st.text(
    st.one_of(st.characters(categories=["L", "N", "P", "Zs"]), st.sampled_from("กขคาไม่你好嗎 <>/\n")), max_size=300
)
exchanges = st.lists(st.builds(Exchange, words, words, st.integers(1, 10_000)), max_size=30)


@pytest.mark.parametrize("text", COUNTED, ids=range(len(COUNTED)))
def test_the_estimate_is_never_less_than_a_real_tokenizer_counts_and_not_much_more(text: str) -> None:
    counted, about = COUNTED[text], tokens(text)
    assert counted <= about
    assert about <= max(counted + 6, counted * TOO_MANY_MAX)


@given(exchanges, st.one_of(st.none(), words), st.lists(words, max_size=40), st.integers(0, 3_000))
def test_what_fits_is_within_the_budget_and_nothing_is_cut(
    turns: list[Exchange], summary: str | None, notes: list[str], tokens_max: int
) -> None:
    found = fitting(turns, summary=summary, notes=notes, tokens_max=tokens_max)
    assert found.tokens <= tokens_max
    assert found.summary in (None, summary)
    assert found.turns == tuple(turns[len(turns) - len(found.turns) :])
    assert found.notes == tuple(notes[len(notes) - len(found.notes) :])


@given(exchanges, st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_larger_budget_never_holds_fewer_turns(turns: list[Exchange], one: int, other: int) -> None:
    small, large = (fitting(turns, tokens_max=each) for each in sorted((one, other)))
    assert len(small.turns) <= len(large.turns)


@given(words)
def test_what_is_remembered_cannot_end_its_own_mark(text: str) -> None:
    inside = marked("remembered", text).removeprefix("<remembered>").removesuffix("</remembered>")
    assert "<" not in inside
    assert ">" not in inside


def test_who_has_said_nothing_yet_has_no_context() -> None:
    assert fitting([], tokens_max=1_200) == Context()
    assert Context().remembered == ""


def test_a_turn_too_long_for_the_budget_keeps_older_ones_out_too() -> None:
    turns = [Exchange("hello", "hi"), Exchange("a long story " * 500, "I see"), Exchange("and then", "go on")]
    assert fitting(turns, tokens_max=400).turns == (turns[2],)
