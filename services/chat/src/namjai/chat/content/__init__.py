"""Curated texts and tables as data: what may be shown to a person, in which language, and who has reviewed it."""

from __future__ import annotations

from namjai.chat.content.lines import ANYWHERE, Hours, Line, Topic, lines
from namjai.chat.content.load import LANGUAGES, Language, Meta, Status, load
from namjai.chat.content.texts import (
    About,
    AnswerWords,
    CareTexts,
    CommandWords,
    CrisisTexts,
    ProtocolTexts,
    UiTexts,
    answer_words,
    care_texts,
    command_words,
    crisis_texts,
    protocol_texts,
    ui_texts,
)

__all__ = [
    "ANYWHERE",
    "LANGUAGES",
    "About",
    "AnswerWords",
    "CareTexts",
    "CommandWords",
    "CrisisTexts",
    "Hours",
    "Language",
    "Line",
    "Meta",
    "ProtocolTexts",
    "Status",
    "Topic",
    "UiTexts",
    "answer_words",
    "care_texts",
    "command_words",
    "crisis_texts",
    "lines",
    "load",
    "protocol_texts",
    "ui_texts",
]
