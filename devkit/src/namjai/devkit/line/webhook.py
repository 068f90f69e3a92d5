"""Webhooks out: signed, posted, timed, and sent again when that is switched on."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from namjai.devkit.line import events
from namjai.devkit.line.events import Event
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.chats import Entry


def sign(body: bytes, secret: str) -> str:
    """`x-line-signature`: HMAC-SHA256 over the raw body, in base64."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def build_webhook(events: Sequence[Event], destination: str, secret: str) -> tuple[bytes, str]:
    """The body of a webhook and its signature."""
    body = msgspec.json.encode({"destination": destination, "events": list(events)})
    return body, sign(body, secret)


class Delivery(msgspec.Struct, kw_only=True):
    """How the bot's webhook answered. Status 0: it could not be reached or did not answer in time."""

    status: int
    ms: float
    webhookEventId: str | None = None  # noqa: N815 LINE's spelling
    replyToken: str | None = None  # noqa: N815
    messageId: str | None = None  # noqa: N815


class Webhooks:
    """Sends events to the bot."""

    PENDING_MAX = 10_000
    _HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "LineBotWebhook/2.0"}  # noqa: RUF012

    def __init__(self, platform: Platform, session: aiohttp.ClientSession) -> None:
        self._platform = platform
        self._session = session
        self._again: asyncio.PriorityQueue[tuple[float, int, int, list[Event]]] = asyncio.PriorityQueue(
            self.PENDING_MAX
        )
        self._count = 0

    def prepare(self, given: Sequence[Event], user: str) -> tuple[list[Event], list[Entry | None]]:
        """Whole events, noted in the platform's memory."""
        filled = [events.fill(self._platform, event, user) for event in given]
        return filled, [events.note(self._platform, event) for event in filled]

    async def send(self, given: Sequence[Event], user: str, shown: str = "") -> Delivery:
        """Fill in, sign, post, and say how it went. `shown` is what the person sees of a tap."""
        filled, lines = self.prepare(given, user)
        if shown and lines and lines[0]:
            lines[0].message = {**lines[0].message, "displayText": shown}
            chat = events.chat_of(self._platform, filled[0])
            if chat:
                self._platform.chats.changed(chat, lines[0])
        delivery = await self._post(filled)
        for event, line in zip(filled, lines, strict=True):
            chat = events.chat_of(self._platform, event)
            if line and chat:
                line.status, line.ms = delivery.status, delivery.ms
                self._platform.chats.changed(chat, line)
        self._redeliver_if_failed(delivery, filled, attempt=1)
        first: dict[str, Any] = filled[0] if filled else {}
        delivery.webhookEventId = first.get("webhookEventId")
        delivery.replyToken = first.get("replyToken")
        message = first.get("message")
        delivery.messageId = message.get("id") if isinstance(message, dict) else None
        return delivery

    async def _post(self, filled: Sequence[Event]) -> Delivery:
        settings = self._platform.settings
        body, signature = build_webhook(filled, settings.bot_user_id, settings.channel_secret)
        started = time.perf_counter()
        status = 0
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with self._session.post(
                self._platform.webhook_url,
                data=body,
                headers={**self._HEADERS, "x-line-signature": signature},
                timeout=aiohttp.ClientTimeout(total=settings.webhook_timeout_s),
                allow_redirects=False,
            ) as answer:
                status = answer.status
        return Delivery(status=status, ms=round((time.perf_counter() - started) * 1000, 2))

    def _redeliver_if_failed(self, delivery: Delivery, filled: list[Event], attempt: int) -> None:
        settings = self._platform.settings
        in_time = delivery.ms <= settings.webhook_deadline_ms
        if 200 <= delivery.status < 300 and in_time:
            return
        if not self._platform.redelivery or attempt >= settings.redelivery_attempts_max or self._again.full():
            return
        self._count += 1
        due = time.monotonic() + events.jitter(settings.redelivery_after_s * 2 ** (attempt - 1))
        again = [{**event, "deliveryContext": {"isRedelivery": True}} for event in filled]
        self._again.put_nowait((due, self._count, attempt + 1, again))

    async def redeliver_forever(self) -> None:
        """Send failed webhooks again when they are due: identical, but for the flag."""
        while True:
            due, count, attempt, again = await self._again.get()
            wait_s = due - time.monotonic()
            if wait_s > 0:
                self._again.put_nowait((due, count, attempt, again))
                await asyncio.sleep(min(wait_s, 0.1))
                continue
            for event in again:
                events.note(self._platform, event)
            self._redeliver_if_failed(await self._post(again), again, attempt)
