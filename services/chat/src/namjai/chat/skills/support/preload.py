"""Reads all content and compiles all rules at start: a broken file stops the service, and nobody waits for YAML."""

from __future__ import annotations

from namjai.chat.content import LANGUAGES, command_words, crisis_texts, lines, ui_texts
from namjai.chat.domain.language import fold
from namjai.chat.skills.support.library import replies
from namjai.chat.skills.support.understand import understand


def preload() -> None:
    """Fill every cache of content. Call it before the service says that it is ready."""
    for language in LANGUAGES:
        ui_texts(language)
        crisis_texts(language)
        replies(language)
    lines()
    command_words()
    understand(fold("preload"))
