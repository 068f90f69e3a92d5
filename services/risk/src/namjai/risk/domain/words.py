"""The words in a message of any kind: what a person wrote or said, and what a sticker or a file name says for them."""

from __future__ import annotations

import json
from typing import Final, TypeAlias

from namjai.events import Fact
from namjai.events.media import MediaTranscribed
from namjai.events.message import MessageEdited, MessageReceived

KEYWORDS_MAX: Final = 15
Worded: TypeAlias = MessageReceived | MessageEdited | MediaTranscribed
"""What holds a person's words. A voice has none as it came; those that were heard in it have an event of their own."""
WORDED: Final[tuple[type[Fact], ...]] = (MessageReceived, MessageEdited, MediaTranscribed)


def is_gone(fact: Worded) -> bool:
    """Whether nobody can read it any more."""
    return fact.text.is_erased if isinstance(fact, MediaTranscribed) else fact.raw.is_erased


def said(fact: Worded) -> str:
    """The words to screen; empty when there are none."""
    if isinstance(fact, MediaTranscribed):
        return fact.text.value
    return words_of(fact.text.value if fact.text else None, fact.raw.value)


def words_of(text: str | None, raw: str) -> str:
    """Text to screen; empty when the message carries no words. `raw` is LINE's message object as JSON."""
    if text:
        return text
    try:
        message = json.loads(raw)
    except ValueError:
        return raw  # whatever it is, it is screened as it stands
    if not isinstance(message, dict):
        return ""
    keywords = message.get("keywords")
    said = [message.get("text"), message.get("fileName"), message.get("title")]
    if isinstance(keywords, list):
        said.extend(keywords[:KEYWORDS_MAX])
    return "\n".join(word for word in said if isinstance(word, str))
