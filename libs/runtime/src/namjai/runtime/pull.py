"""A continuous pull from a JetStream consumer: as many messages as there are free hands, asked for ahead of need."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from namjai.runtime.errors import LogUnavailable
from namjai.runtime.logs import get_logger

_log = get_logger(__name__)

EXPIRES_S: Final = 30
IDLE_HEARTBEAT_S: Final = 1
SILENCE_MAX_S: Final = 3.0
"""Two missed heartbeats and a little: then what was asked for counts as lost, and is asked for again.

A server that led a consumer and was killed cannot say that the request is gone, and our connection may be to another.
"""
HAND_BACK: Final = b"-NAK"
HAND_BACK_S: Final = 1.0
STATUS_KEEPALIVE: Final = "100"


class Pull:
    """One reply subject, one outstanding request topped up at half. `room` bounds what may be held unhandled."""

    def __init__(
        self,
        nc: Client,
        stream: str,
        durable: str,
        *,
        room: int,
        ensure: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`ensure` makes the consumer; it is called again when the server does not seem to know it any more."""
        self._nc = nc
        self._ensure = ensure
        self._lost = False
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._room = room
        self._asked = 0
        self._held = 0
        self._inbox = nc.new_inbox()
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._subscription: Subscription | None = None
        self._heard_at = time.monotonic()
        self._connection = 0
        self._stopped = False

    async def start(self) -> None:
        """Make the consumer, subscribe, and ask for the first messages."""
        if self._ensure is not None:
            await self._ensure()
        self._subscription = await self._nc.subscribe(self._inbox, cb=self._on_message, pending_msgs_limit=-1)
        self._connection = self._nc.stats["reconnects"]
        await self._ask()

    async def stop(self) -> None:
        """Take no more. What is on its way to us, or queued here, goes back at once for another process to take.

        Left alone it would wait there for its ack wait, and with it a person for their answer (measured: 9 s).
        """
        self._stopped = True
        if self._subscription is not None:
            try:
                async with asyncio.timeout(HAND_BACK_S):
                    await self._subscription.drain()  # type: ignore[no-untyped-call]
            except (nats.errors.Error, TimeoutError):
                self._subscription = None  # the connection is gone, and the subscription with it
        while not self._arrived.empty():
            await self._hand_back(self._arrived.get_nowait())
        self._arrived.put_nowait(None)

    async def _hand_back(self, msg: Msg | None) -> None:
        if msg is not None and self._nc.is_connected:
            await self._nc.publish(msg.reply, HAND_BACK)

    async def messages(self) -> AsyncIterator[Msg]:
        """Messages as they come, until `stop`. Every one must be given back with `done`."""
        while not self._stopped:
            msg = await self._arrived.get()
            if self._stopped:
                await self._hand_back(msg)
            elif msg is not None:
                yield msg

    async def done(self, count: int = 1) -> None:
        """That many messages are handled: there is room for more."""
        self._held -= count
        await self._top_up()

    async def check(self) -> None:
        """Call now and then: a request that a lost connection or server took with it is made again."""
        if not self._nc.is_connected:
            return
        reconnects = self._nc.stats["reconnects"]
        if reconnects != self._connection or self._lost:
            if not await self._made_sure():
                return
            self._connection, self._lost = reconnects, False
            self._asked = 0
        elif self._asked > 0 and time.monotonic() - self._heard_at > SILENCE_MAX_S:
            self._heard_at = time.monotonic()
            self._asked = 0  # were the consumer gone as well, the next request would be told so
        await self._top_up()

    async def _made_sure(self) -> bool:
        """The consumer is there again; False when that cannot be said yet."""
        try:
            if self._ensure is not None:
                await self._ensure()
        except (LogUnavailable, nats.errors.Error, TimeoutError) as away:
            _log.warning("consumer_not_there", subject=self._next, reason=type(away).__name__)
            return False
        return True

    async def _on_message(self, msg: Msg) -> None:
        self._heard_at = time.monotonic()
        status = msg.headers.get("Status") if msg.headers and not msg.data and not msg.reply else None
        if status is None and self._stopped:
            await self._hand_back(msg)
        elif status is None:
            self._asked = max(0, self._asked - 1)
            self._held += 1
            self._arrived.put_nowait(msg)
            await self._top_up()
        elif status != STATUS_KEEPALIVE:
            # The request ended (expired, the consumer moved, …): this header says how much of it was not served.
            unserved = (msg.headers or {}).get("Nats-Pending-Messages")
            self._asked = max(0, self._asked - int(unserved)) if unserved else 0
            self._lost = status in ("409", "503")  # deleted, or nobody there: `check` makes it anew
            if status in ("404", "408"):
                await self._top_up()

    async def _top_up(self) -> None:
        if not self._stopped and self._asked + self._held <= self._room // 2:
            await self._ask()

    async def _ask(self) -> None:
        count = self._room - self._asked - self._held
        if count <= 0 or not self._nc.is_connected:
            return
        self._asked += count
        query = {"batch": count, "expires": EXPIRES_S * 10**9, "idle_heartbeat": IDLE_HEARTBEAT_S * 10**9}
        try:
            await self._nc.publish(self._next, json.dumps(query).encode(), reply=self._inbox)
        except nats.errors.Error:
            self._asked -= count  # `check` asks again once the connection is back
