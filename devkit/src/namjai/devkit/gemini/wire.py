"""A request as the SDK sends it: camelCase and snake_case mixed, base64 in either alphabet."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

_SNAKE = re.compile(r"_([a-z0-9])")
_FREE = frozenset(("properties", "defs", "args", "response", "$defs", "definitions"))  # the keys inside are the user's
_TOKEN_LETTERS = 4
_IMAGE_TOKENS = 258
_AUDIO_BYTES_PER_TOKEN = 1_000


class Malformed(Exception):
    """The request is not one that Gemini would understand."""


@dataclass(frozen=True)
class Blob:
    mime: str
    data: bytes


def camel(value: Any, free: bool = False) -> Any:
    """Every key in camelCase, but for names that belong to the user, such as a schema's properties."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = {}
    for key, content in value.items():
        name = key if free else _SNAKE.sub(lambda found: found.group(1).upper(), key)
        named[name] = camel(content, free=not free and name in _FREE)
    return named


def contents(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns, of which there must be one at least, each with parts."""
    turns = request.get("contents")
    turns = [turns] if isinstance(turns, dict) else turns
    if not isinstance(turns, list) or not turns:
        raise Malformed("* GenerateContentRequest.contents: contents is not specified")
    for turn in turns:
        if not isinstance(turn, dict) or not isinstance(turn.get("parts"), list):
            raise Malformed("* GenerateContentRequest.contents: contents.parts must not be empty.")
        if turn.get("role", "user") not in ("user", "model", "function"):
            raise Malformed("Please use a valid role: user, model.")
    return turns


def parts(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part for turn in turns for part in turn["parts"]]


def words(turn: dict[str, Any]) -> str:
    return "".join(str(part.get("text", "")) for part in turn["parts"])


def blob(part: dict[str, Any]) -> Blob | None:
    """A part's inline data."""
    inline = part.get("inlineData")
    if not isinstance(inline, dict):
        return None
    text = str(inline.get("data", "")).replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise Malformed("Base64 decoding failed for inline data") from None
    return Blob(str(inline.get("mimeType", "")), data)


def token_count(turns: list[dict[str, Any]]) -> int:
    """About what Google counts: a quarter of the letters, a picture as one tile, sound by its length."""
    total = 0
    for part in parts(turns):
        found = blob(part)
        if found is None:
            total += -(-len(str(part.get("text", ""))) // _TOKEN_LETTERS)
        elif found.mime.startswith("image/"):
            total += _IMAGE_TOKENS
        else:
            total += -(-len(found.data) // _AUDIO_BYTES_PER_TOKEN)
    return total
