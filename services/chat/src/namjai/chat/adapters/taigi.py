"""An outside service for Taigi, at an address that the clinic configures: two calls, small answers, and a fence.

`POST {url}/translate` {"text": Mandarin} answers {"hanji": …, "romanised": …};
`POST {url}/speech` {"text": Taigi in characters} answers the sound itself (WAV, MP3, M4A …). See docs/interpreter.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import msgspec

from namjai.chat.adapters.outside import TooLarge, bounded
from namjai.chat.media.offering import offered
from namjai.chat.media.sounds import Sounds
from namjai.chat.ports import Attachment, MediaDoor, ModelUnavailable, Spoken, Taigi
from namjai.chat.settings import ChatSettings
from namjai.runtime.breaker import Breaker, BreakerOpen
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics

WORDS_BYTES_MAX: Final = 64_000
SOUND_BYTES_MAX: Final = 5_000_000
AT_ONCE: Final = 4
EVERYBODY: Final = "taigi"


class _Words(msgspec.Struct):
    hanji: str
    romanised: str = ""


class HttpTaigi:
    """The service, asked within limits; every failure is one that the interpreter can speak of."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: ChatSettings, sounds: Sounds, media: MediaDoor, metrics: Metrics
    ) -> None:
        self._session = session
        self._url = (settings.taigi_url or "").rstrip("/")
        self._name = settings.taigi_attribution
        self._deadline_s = settings.taigi_deadline_ms / 1_000
        self._sounds = sounds
        self._media = media
        self._rate = LocalLimiter("taigi", Rate(settings.taigi_requests_per_minute, 60.0), metrics, keys_max=1)
        self._breaker = Breaker("taigi", metrics, failures_max=5, open_s=30.0)

    @property
    def name(self) -> str:
        """Who is to be named beside its words."""
        return self._name

    async def translate(self, mandarin: str) -> Taigi:
        """As the port says."""
        body, _ = await self._asked("translate", mandarin, WORDS_BYTES_MAX)
        try:
            words = msgspec.json.decode(body, type=_Words)
        except msgspec.MsgspecError:
            raise ModelUnavailable("unreadable") from None
        if not words.hanji.strip():
            raise ModelUnavailable("empty")
        return Taigi(words.hanji.strip(), words.romanised.strip())

    async def speak(self, member: str, hanji: str) -> Spoken:
        """As the port says."""
        said = Attachment(*await self._asked("speech", hanji, SOUND_BYTES_MAX))
        return await offered(said, member, self._sounds, self._media)

    async def _asked(self, call: str, words: str, bytes_max: int) -> tuple[bytes, str]:
        if not self._rate.hit(EVERYBODY).allowed:
            raise ModelUnavailable("limited")
        try:
            with self._breaker.guard():
                async with asyncio.timeout(self._deadline_s):
                    return await self._post(f"{self._url}/{call}", {"text": words}, bytes_max)
        except BreakerOpen:
            raise ModelUnavailable("breaker") from None
        except TimeoutError:
            raise ModelUnavailable("deadline") from None
        except (aiohttp.ClientError, OSError):
            raise ModelUnavailable("unreachable") from None
        except TooLarge:
            raise ModelUnavailable("unreadable") from None

    async def _post(self, url: str, body: dict[str, Any], bytes_max: int) -> tuple[bytes, str]:
        async with self._session.post(url, json=body, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ModelUnavailable("server" if answer.status >= 500 else "refused")
            return await bounded(answer, bytes_max), answer.content_type


@asynccontextmanager
async def open_taigi(
    settings: ChatSettings, sounds: Sounds, media: MediaDoor | None, metrics: Metrics
) -> AsyncIterator[HttpTaigi | None]:
    """None where no address is configured, or nobody could fetch the sound."""
    if settings.taigi_url is None or media is None:
        yield None
        return
    key = settings.taigi_api_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(
        connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield HttpTaigi(session, settings, sounds, media, metrics)
