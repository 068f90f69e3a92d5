"""Curated texts and tables as data: what may be shown to a person, in which language, and who has reviewed it."""

from __future__ import annotations

from namjai.chat.content.lines import ANYWHERE, Hours, Line, Topic, lines
from namjai.chat.content.load import LANGUAGES, UI_LANGUAGES, Language, Meta, Status, UiLanguage, in_full, load
from namjai.chat.content.texts import (
    About,
    AnswerWords,
    CareTexts,
    CommandWords,
    CrisisTexts,
    ProtocolTexts,
    answer_words,
    care_texts,
    command_words,
    crisis_texts,
    protocol_texts,
)
from namjai.chat.content.tongues import TONGUES, Tongue, own_name, tongue_name, tongue_named, tongues, tongues_named
from namjai.chat.content.ui_texts import UiTexts, ui_texts

__all__ = [
    "ANYWHERE",
    "LANGUAGES",
    "TONGUES",
    "UI_LANGUAGES",
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
    "Tongue",
    "Topic",
    "UiLanguage",
    "UiTexts",
    "answer_words",
    "care_texts",
    "command_words",
    "crisis_texts",
    "in_full",
    "lines",
    "load",
    "own_name",
    "protocol_texts",
    "tongue_name",
    "tongue_named",
    "tongues",
    "tongues_named",
    "ui_texts",
]
