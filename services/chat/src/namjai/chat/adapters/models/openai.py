"""Any endpoint that speaks OpenAI's chat completions, for clinics that keep data at home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import msgspec

from namjai.chat.adapters.models.fence import named
from namjai.chat.adapters.models.status import failure
from namjai.chat.ports import ModelAnswer, ModelRequest, ModelUnavailable

BODY_BYTES_MAX: Final = 1_000_000
_UNFINISHED: Final[dict[str, Any]] = {"length": "truncated", "content_filter": "blocked"}


@dataclass(frozen=True, kw_only=True)
class OpenAIOptions:
    """Where and how; a server of one's own may want no key."""

    base_url: str
    model: str
    api_key: str | None
    tokens_max: int
    connections: int


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice] = []
    model: str | None = None
    usage: _Usage | None = None


_COMPLETION: Final = msgspec.json.Decoder(_Completion)


@asynccontextmanager
async def openai(options: OpenAIOptions) -> AsyncIterator[OpenAICompatible]:
    """One session a process."""
    connector = aiohttp.TCPConnector(limit=options.connections)
    headers = {"Authorization": f"Bearer {options.api_key}"} if options.api_key else {}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        yield OpenAICompatible(session, options)


class OpenAICompatible:
    """`POST {base_url}/chat/completions`."""

    def __init__(self, session: aiohttp.ClientSession, options: OpenAIOptions) -> None:
        self._session = session
        self._url = f"{options.base_url.rstrip('/')}/chat/completions"
        self._options = options

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """One request; a redirect is refused, because the key would go along."""
        body = {
            "model": self._options.model,
            "max_tokens": self._options.tokens_max,
            "messages": [
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.text},
            ],
        }
        try:
            async with self._session.post(self._url, json=body, allow_redirects=False) as response:
                if response.status != 200:
                    raise ModelUnavailable(failure(response.status))
                return _read(await _body(response), self._options.model)
        except TimeoutError:
            raise ModelUnavailable("deadline") from None
        except (aiohttp.ClientError, OSError):
            raise ModelUnavailable("unreachable") from None


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise ModelUnavailable("unreadable")
    return bytes(body)


def _read(body: bytes, configured: str) -> ModelAnswer:
    """The text of an answer that came to its own end."""
    try:
        completion = _COMPLETION.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ModelUnavailable("unreadable") from None
    if not completion.choices:
        raise ModelUnavailable("empty")
    choice = completion.choices[0]
    if choice.finish_reason not in (None, "stop"):
        raise ModelUnavailable(_UNFINISHED.get(choice.finish_reason, "stopped"))
    text = (choice.message.content or "").strip()
    if not text:
        raise ModelUnavailable("empty")
    used = completion.usage or _Usage()
    return ModelAnswer(
        text=text,
        model=named(completion.model, configured),
        tokens_in=used.prompt_tokens,
        tokens_out=used.completion_tokens,
    )
