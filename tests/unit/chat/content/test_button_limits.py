"""LINE's limits of buttons, over everything that chat can say: 20 graphemes a label, 13 quick replies a message."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
import pytest

from namjai.chat.content import LANGUAGES, UI_LANGUAGES, UiLanguage, ui_texts
from namjai.chat.domain.messages import (
    LABEL_GRAPHEMES_MAX,
    QUICK_REPLIES_MAX,
    graphemes,
    press,
    problems,
    text,
    with_quick_replies,
)
from namjai.chat.skills.support.library import replies


def _files(folder: Traversable) -> Iterator[Traversable]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each)
        elif each.name.endswith(".yaml"):
            yield each


def _labels(part: Any, under: bool = False) -> Iterator[str]:
    """Every word under a key called `label` or `labels`, however deep."""
    match part:
        case dict():
            for key, inner in part.items():
                yield from _labels(inner, under or key in ("label", "labels"))
        case list():
            for inner in part:
                yield from _labels(inner, under)
        case str() if under:
            yield part


def _has_labels(file: Traversable) -> bool:
    """A questionnaire's labels are its answers word for word; what goes onto buttons there is tested with the forms."""
    return "forms" not in str(file) and any(_labels(msgspec.yaml.decode(file.read_bytes())))


TEXTS = [file for file in _files(files("namjai.chat")) if _has_labels(file)]


@pytest.mark.parametrize("file", TEXTS, ids=[str(file).partition("namjai/chat/")[2] for file in TEXTS])
def test_every_label_in_our_texts_fits_a_button(file: Traversable) -> None:
    long = [each for each in _labels(msgspec.yaml.decode(file.read_bytes())) if graphemes(each) > LABEL_GRAPHEMES_MAX]
    assert long == []


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_every_label_of_the_commands_fits_a_button(language: UiLanguage) -> None:
    assert [each for each in ui_texts(language).labels.values() if not 0 < graphemes(each) <= LABEL_GRAPHEMES_MAX] == []


def test_every_button_under_a_curated_reply_fits() -> None:
    for language in LANGUAGES:
        for of_intent in replies(language).values():
            for reply in of_intent:
                assert len(reply.quick_replies) <= QUICK_REPLIES_MAX
                assert all(graphemes(offer.label) <= LABEL_GRAPHEMES_MAX for offer in reply.quick_replies)


def test_more_buttons_than_line_shows_are_left_out_from_the_end() -> None:
    [message] = with_quick_replies([text("hi")], [press(str(n), f"n={n}") for n in range(20)])
    shown = [item["action"]["label"] for item in message["quickReply"]["items"]]
    assert shown == [str(n) for n in range(13)]
    assert problems(message) == []
