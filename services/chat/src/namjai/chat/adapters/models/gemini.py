"""Gemini through google-genai, with the SDK's own waiting, repeating and continuing switched off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import aiohttp

from namjai.chat.adapters.models import gemini_answers, gemini_requests
from namjai.chat.adapters.models.backend import Schema, Voiced, Work, work_of
from namjai.chat.adapters.models.gemini_caches import Caches
from namjai.chat.adapters.models.status import failure
from namjai.chat.ports import Attachment, ModelAnswer, ModelRequest, ModelUnavailable

if TYPE_CHECKING:
    from google.genai import Client, types

T = TypeVar("T")
Thinking = Literal["minimal", "low", "medium", "high"]


@dataclass(frozen=True, kw_only=True)
class GeminiOptions:
    """Where and how. Thinking None sends no thinking level, for models that know none."""

    api_key: str
    models: dict[Work, str]
    api_version: str
    base_url: str | None
    tokens_max: int
    connections: int
    thinking: Thinking | None
    voice: str = "Kore"
    cache_chars_min: int = 18_000
    """Gemini 3 keeps nothing below 4,096 tokens."""
    cache_ttl_s: int = 600


@asynccontextmanager
async def gemini(options: GeminiOptions) -> AsyncIterator[Gemini]:
    """One client a process. The import costs 2 s and 60 MB, so it happens here, in a thread, and nowhere else."""
    # The session is ours: the SDK's own has no limit of connections.
    connector = aiohttp.TCPConnector(limit=options.connections)
    async with aiohttp.ClientSession(connector=connector, trust_env=True) as session:
        client = await asyncio.to_thread(_client, options, session)
        caches = Caches(client.aio.caches, chars_min=options.cache_chars_min, ttl_s=options.cache_ttl_s)
        try:
            yield Gemini(client, options, caches)
        finally:
            await caches.close()
            await client.aio.aclose()


class Gemini:
    """No time-out is given to the SDK: it would send a server deadline, which Google refuses below 10 s."""

    provider: Final = "gcp.gemini"

    def __init__(self, client: Client, options: GeminiOptions, caches: Caches) -> None:
        self._models = client.aio.models
        self._options = options
        self._caches = caches

    def model(self, work: Work) -> str | None:
        """As the port says."""
        return self._options.models.get(work)

    async def answer(self, request: ModelRequest, schema: Schema | None = None) -> ModelAnswer:
        """As the port says; a long instruction that is used again and again is kept on the other side."""
        model = self._named(work_of(request))
        config = gemini_requests.config(
            request, schema, tokens_max=self._options.tokens_max, thinking=self._options.thinking
        )
        contents = gemini_requests.contents(request)
        cached = None if request.search else await self._caches.name(model, request.system)
        if cached is None:
            return gemini_answers.words(await self._asked(model, contents, config), model)
        config.system_instruction, config.cached_content = None, cached
        try:
            return gemini_answers.words(await self._asked(model, contents, config), model)
        except ModelUnavailable as refused:
            if refused.reason not in ("refused", "denied"):
                raise
        self._caches.forget(model, request.system)  # it is gone on the other side; nobody's answer depends on it
        config.system_instruction, config.cached_content = request.system, None
        return gemini_answers.words(await self._asked(model, contents, config), model)

    async def listen(self, sound: Attachment, languages: Sequence[str]) -> ModelAnswer:
        """As the port says."""
        model = self._named("listen")
        contents, config = gemini_requests.listening(model, sound, languages, tokens_max=self._options.tokens_max)
        return gemini_answers.transcript(await self._asked(model, contents, config), model)

    async def speak(self, words: str, language: str) -> Voiced:
        """As the port says."""
        model = self._named("speak")
        contents, config = gemini_requests.speaking(words, language, voice=self._options.voice)
        return gemini_answers.sound(await self._asked(model, contents, config), model)

    async def count(self, words: str) -> int:
        """As the port says."""
        counted = await _translated(self._models.count_tokens(model=self._named("text"), contents=words))
        return counted.total_tokens or 0

    def _named(self, work: Work) -> str:
        if (name := self.model(work)) is None:
            raise ModelUnavailable("unable")
        return name

    async def _asked(
        self, model: str, contents: list[types.Content], config: types.GenerateContentConfig
    ) -> types.GenerateContentResponse:
        """One request on the wire."""
        asked: list[types.ContentUnion] = [*contents]
        return await _translated(self._models.generate_content(model=model, contents=asked, config=config))


async def _translated(call: Awaitable[T]) -> T:
    """The SDK's errors as ours. `from None` throughout: Google's errors may quote what we sent."""
    from google.genai import errors  # in memory since `gemini`

    try:
        return await call
    except errors.APIError as refused:
        raise ModelUnavailable(failure(refused.code)) from None
    except TimeoutError:
        raise ModelUnavailable("deadline") from None
    except (aiohttp.ClientError, OSError):
        raise ModelUnavailable("unreachable") from None
    except ValueError:  # a log-in page of the network, or a field of a later version
        raise ModelUnavailable("unreadable") from None


def _client(options: GeminiOptions, session: aiohttp.ClientSession) -> Client:
    from google import genai
    from google.genai import types

    return genai.Client(
        api_key=options.api_key,
        vertexai=False,  # whatever the environment says
        http_options=types.HttpOptions(
            base_url=options.base_url,
            api_version=options.api_version,
            aiohttp_client=session,
            retry_options=types.HttpRetryOptions(attempts=1),  # without it a broken connection sleeps 1–10 s
        ),
    )
