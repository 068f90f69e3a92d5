"""The words in a message of any kind: what a person wrote, and what a sticker or a file name says for them."""

from __future__ import annotations

import json
from typing import Final

KEYWORDS_MAX: Final = 15


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
