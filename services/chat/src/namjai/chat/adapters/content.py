"""What people sent besides words, fetched from LINE: streamed, bounded, and with every way it can fail named.

Bare aiohttp, because LINE's SDK reads everything into memory, and gives nothing at all for "not ready yet".
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Literal, NamedTuple, TypeVar

import aiohttp

from namjai.chat.adapters.line_token import token_source
from namjai.chat.adapters.outside import Outside, TooLarge, bounded, outside_session
from namjai.chat.settings import ChatSettings
from namjai.runtime.channel_tokens import TokenSource
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

T = TypeVar("T")

Reason = Literal["too_large", "not_ready", "gone", "unsent", "refused", "failed", "deadline"]
TRIES: Final = 2
"""Of one call that LINE's servers fail: once more, and then the person is told."""
JITTER_S: Final = (0.2, 0.8)
STATUS_BYTES_MAX: Final = 4_096
REQUEST_ID: Final = "x-line-request-id"
_SAYS: Final[dict[int, Reason]] = {400: "failed", 401: "refused", 403: "refused", 404: "gone", 410: "unsent"}
_log = get_logger(__name__)


class ContentUnavailable(Exception):
    """There is nothing to look at or to listen to; the person is told why in kind words."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Content(NamedTuple):
    """All of it, and the type that it was sent with."""

    data: bytes
    mime: str


@dataclass(frozen=True, kw_only=True)
class ContentLimits:
    """How much, how long, how often. `bytes_max` is of one message; `at_once` so many may be in memory."""

    bytes_max: int
    outside_bytes_max: int
    deadline_s: float
    poll_s: float
    at_once: int


@dataclass
class _Asked:
    """One message that is being fetched, and whether LINE has said that it is still at work on it."""

    path: str
    preparing: bool = False


class LineContents:
    """Content by message. Only what LINE itself keeps is asked for with our token."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        tokens: TokenSource,
        outside: Outside,
        limits: ContentLimits,
        metrics: Metrics,
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._tokens = tokens
        self._outside = outside
        self._limits = limits
        self._places = asyncio.Semaphore(limits.at_once)
        self._outcomes = metrics.counter("content_fetches", "Content asked for, by outcome.", ("outcome",))
        self._seconds = metrics.histogram("content_seconds", "Time until content was there, or was known not to come.")

    async def fetch(self, message_id: str, raw: str) -> Content:
        """The content of a message; `raw` is LINE's `message` object as JSON. Raises `ContentUnavailable` only."""
        started = perf_counter()
        asked = _Asked(f"/v2/bot/message/{message_id}/content")
        outcome: str = "fetched"
        try:
            async with asyncio.timeout(self._limits.deadline_s), self._places:
                if (url := elsewhere(raw)) is not None:
                    return await self._from_outside(url)
                if not (message_id.isascii() and message_id.isdecimal()):
                    raise ContentUnavailable("gone")
                return await self._from_line(asked)
        except TimeoutError:
            outcome = "not_ready" if asked.preparing else "deadline"
            raise ContentUnavailable("not_ready" if asked.preparing else "deadline") from None
        except ContentUnavailable as unavailable:
            outcome = unavailable.reason
            raise
        finally:
            self._outcomes.labels(outcome).inc()
            self._seconds.observe(perf_counter() - started)

    async def _from_line(self, asked: _Asked) -> Content:
        while (content := await self._call(asked.path, {200, 202}, self._content)) is None:
            asked.preparing = at_work = True
            while at_work:
                await asyncio.sleep(self._limits.poll_s)
                at_work = await self._call(f"{asked.path}/transcoding", {200, 400}, self._at_work)
            asked.preparing = False
        return content

    async def _from_outside(self, url: str) -> Content:
        try:
            found = await self._outside.get(url, bytes_max=self._limits.outside_bytes_max)
        except TooLarge:
            raise ContentUnavailable("too_large") from None
        if found is None:
            raise ContentUnavailable("refused")
        return Content(*found)

    async def _content(self, answer: aiohttp.ClientResponse) -> Content | None:
        if answer.status == 202:
            return None
        try:
            return Content(await bounded(answer, self._limits.bytes_max), answer.content_type)
        except TooLarge:
            raise ContentUnavailable("too_large") from None

    async def _at_work(self, answer: aiohttp.ClientResponse) -> bool:
        """Whether LINE still prepares it; only videos and sounds have a word for that, others are asked for again."""
        if answer.status == 400:
            return False
        try:
            status = json.loads(await answer.content.read(STATUS_BYTES_MAX))["status"]
        except (ValueError, KeyError, TypeError):
            status = "processing"
        if status == "failed":
            raise ContentUnavailable("failed")
        return bool(status != "succeeded")

    async def _call(self, path: str, good: set[int], take: Callable[[aiohttp.ClientResponse], Awaitable[T]]) -> T:
        """GET with our token, renewed once; what LINE's servers or the way to them fail is tried once more."""
        token, renewed, failures = await self._tokens.current(), False, 0
        while True:
            status = 0
            try:
                async with self._session.get(
                    self._base_url + path, headers={"Authorization": f"Bearer {token}"}, allow_redirects=False
                ) as answer:
                    status = answer.status
                    _log.info("line_content", status=status, request_id=answer.headers.get(REQUEST_ID))
                    if status in good:
                        return await take(answer)
            except (aiohttp.ClientError, OSError) as broken:
                _log.warning("line_content_broken", error=type(broken).__name__)
                status = 0
            if status == 401 and not renewed and (newer := await self._tokens.renewed(token)) is not None:
                token, renewed = newer, True
                continue
            if (reason := _SAYS.get(status)) is not None:
                raise ContentUnavailable(reason)
            failures += 1
            if failures >= TRIES:
                raise ContentUnavailable("failed")
            await asyncio.sleep(random.uniform(*JITTER_S))  # noqa: S311  # spreads load, guards nothing


def elsewhere(raw: str) -> str | None:
    """The address of content that LINE does not keep (`contentProvider.type` is `external`); None where it does.

    An external provider without an address gives "", which nobody fetches.
    """
    try:
        provider = json.loads(raw).get("contentProvider")
    except (ValueError, AttributeError):
        return None
    if not isinstance(provider, dict) or provider.get("type", "line") == "line":
        return None
    url = provider.get("originalContentUrl")
    return url if isinstance(url, str) else ""


@asynccontextmanager
async def open_contents(settings: ChatSettings, metrics: Metrics) -> AsyncIterator[LineContents | None]:
    """One session for all of it; None where no channel access token is configured."""
    limits = ContentLimits(
        bytes_max=settings.content_bytes_max,
        outside_bytes_max=settings.content_outside_bytes_max,
        deadline_s=settings.content_deadline_s,
        poll_s=settings.content_poll_ms / 1_000,
        at_once=settings.content_at_once,
    )
    connector = aiohttp.TCPConnector(limit=settings.content_at_once)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.content_connect_s)
    async with (
        aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session,
        outside_session(settings.content_at_once, settings.content_connect_s) as outside,
    ):
        tokens = token_source(settings, session)
        if tokens is None:
            yield None
        else:
            yield LineContents(session, settings.line_data_url, tokens, Outside(outside), limits, metrics)
