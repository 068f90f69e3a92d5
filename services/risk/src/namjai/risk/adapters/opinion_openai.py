"""A second opinion from any endpoint that speaks OpenAI's chat completions, for clinics that keep data at home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import msgspec

from namjai.risk.adapters.opinion_status import failure
from namjai.risk.domain.opinion import SCHEMA
from namjai.risk.ports import OpinionUnavailable
from namjai.risk.settings import RiskSettings

BODY_BYTES_MAX: Final = 256 * 1024


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message = msgspec.field(default_factory=_Message)
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] = []


_COMPLETION: Final = msgspec.json.Decoder(_Completion)


@asynccontextmanager
async def openai(settings: RiskSettings) -> AsyncIterator[OpenAI]:
    """One session a process; the deadline is the fence's."""
    key = settings.opinion_api_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    connector = aiohttp.TCPConnector(limit=settings.opinion_concurrency)
    async with aiohttp.ClientSession(connector=connector, headers=headers, trust_env=True) as session:
        yield OpenAI(session, settings)


class OpenAI:
    """One question, one request; a redirect is refused, because the key would go along."""

    def __init__(self, session: aiohttp.ClientSession, settings: RiskSettings) -> None:
        self._session = session
        self._url = f"{(settings.opinion_base_url or '').rstrip('/')}/chat/completions"
        self._settings = settings

    async def ask(self, system: str, words: str) -> str:
        """As the fence expects it. `from None` throughout: an error may quote what we sent."""
        body: dict[str, Any] = {
            "model": self._settings.opinion_named,
            "max_tokens": self._settings.opinion_tokens_max,
            "temperature": 0,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "opinion", "strict": True, "schema": SCHEMA},
            },
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": words}],
        }
        try:
            async with self._session.post(self._url, json=body, allow_redirects=False) as response:
                if response.status != 200:
                    raise OpinionUnavailable(failure(response.status))
                return _text(await _body(response))
        except (aiohttp.ClientError, ConnectionError):
            raise OpinionUnavailable("unreachable") from None


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise OpinionUnavailable("invalid")
    return bytes(body)


def _text(body: bytes) -> str:
    """The text of an answer that came to its own end."""
    try:
        completion = _COMPLETION.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise OpinionUnavailable("invalid") from None
    choice = completion.choices[0] if completion.choices else _Choice(finish_reason="empty")
    if choice.finish_reason not in (None, "stop"):
        raise OpinionUnavailable("blocked")
    return choice.message.content or ""
