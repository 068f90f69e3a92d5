"""Whether a model may be asked for the words of a turn of support, and what it is told."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

import msgspec

from namjai.chat.content import Meta, UiLanguage, load
from namjai.chat.domain.composed import Composed
from namjai.chat.domain.visit import Visit

ASKED_CHARS_MAX: Final = 4_000
"""Of somebody who wrote a book, the model reads the end."""


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model is told; `write_in` says in which language."""

    meta: Meta
    system: str
    write_in: dict[UiLanguage, str]


class ModelTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    prompt: Prompt
    curated_only: frozenset[str]


@lru_cache(maxsize=1)
def model_texts() -> ModelTexts:
    """What a model is told, and about what it is not asked."""
    return load("namjai.chat.domain", "model.yaml", ModelTexts)


def system_prompt(language: UiLanguage) -> str:
    """The instruction that goes before a person's words."""
    prompt = model_texts().prompt
    return prompt.system.format(write_in=prompt.write_in[language])


def question(visit: Visit, composed: Composed) -> str | None:
    """The person's own words of this turn, if a model may read them; None where our own answer stands.

    It may when they agreed to it, risk found them in no more than distress, and the answer is ordinary support.
    """
    ordinary = composed.kind == "support" and composed.intent not in model_texts().curated_only
    if not visit.may_ask_model or not visit.calm or not ordinary:
        return None
    return visit.words[-ASKED_CHARS_MAX:].strip() or None


def reworded(composed: Composed, words: str, responder: str) -> Composed:
    """The turn in a model's words, under the buttons of the curated answer, and saying whose words they are."""
    prompt = model_texts().prompt.meta
    first, *others = composed.messages
    return replace(
        composed,
        messages=({**first, "text": words}, *others),
        responder=responder,
        content=(f"prompt/support@{prompt.version}",),
        review=prompt.status,
    )
