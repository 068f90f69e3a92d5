"""The connection to NATS, and request multiplexing on one reply inbox."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol.parser import AUTHORIZATION_VIOLATION, PERMISSIONS_ERR

from namjai.runtime.errors import LogUnavailable
from namjai.runtime.logs import get_logger

CONNECT_TIMEOUT_S: Final = 5
RECONNECT_WAIT_S: Final = 0.1
PENDING_BYTES_MAX: Final = 32 * 1024 * 1024
REPLY_PENDING_MAX: Final = 65_536
PING_INTERVAL_S: Final = 10
SAY_EVERY_S: Final = 10.0
"""A NATS that is away is tried ten times a second; nobody reads that often that it is."""

_log = get_logger(__name__)


class Sparing:
    """Says how often something happened, at once for the first time, and again when there was a pause in saying it."""

    def __init__(self, every_s: float = SAY_EVERY_S) -> None:
        self._every_s = every_s
        self._unsaid: Counter[str] = Counter()
        self._said_at: dict[str, float] = {}

    def times(self, kind: str, now: float) -> int:
        """How often it has happened since it was said last; 0 while that is not long ago."""
        self._unsaid[kind] += 1
        if now - self._said_at.get(kind, -self._every_s) < self._every_s:
            return 0
        self._said_at[kind] = now
        return self._unsaid.pop(kind)


class _Persistent(Client):
    """A client that an error of the server does not end.

    nats-py closes itself for ever at any error but that of a permission: when a password was changed and the server
    reloaded, or when it was too slow for a moment. A process would live on, and never hear of anything again.
    """

    async def _process_err(self, err_msg: str) -> None:
        if PERMISSIONS_ERR in err_msg:
            await super()._process_err(err_msg)
            return
        refused = AUTHORIZATION_VIOLATION in err_msg
        error = nats.errors.AuthorizationError() if refused else nats.errors.Error(f"nats: {err_msg}")
        await self._error_cb(error)
        await self._process_op_err(error)

    async def _process_connect_init(self) -> None:
        """A server that refuses us must not leave a socket behind at every try."""
        try:
            await super()._process_connect_init()
        except BaseException:
            if self._transport is not None:
                self._transport.close()  # type: ignore[no-untyped-call]
            raise


async def connect(
    url: str,
    *,
    name: str,
    user: str | None = None,
    password: str | None = None,
    ca_file: str | None = None,
    for_ever: bool = True,
) -> Client:
    """Connect to one of the servers (comma separated), and go on reconnecting for ever, to whichever answers.

    Replies come under `_INBOX.<name>`, so that permissions can say so.
    Not `for_ever`: a person waits, and the first refusal is the answer.
    """

    sparing = Sparing()

    async def on_error(error: Exception) -> None:
        kind = type(error).__name__
        if times := sparing.times(kind, time.monotonic()):
            _log.warning("nats_error", error=kind, times=times)

    async def on_disconnect() -> None:
        _log.warning("nats_disconnected")

    async def on_reconnect() -> None:
        _log.info("nats_reconnected")

    tls = ssl.create_default_context(cafile=ca_file) if ca_file else None
    client = _Persistent()
    await client.connect(
        url.split(","),
        name=name,
        user=user,
        password=password,
        tls=tls,
        inbox_prefix=f"_INBOX.{name}".encode(),
        connect_timeout=CONNECT_TIMEOUT_S,
        max_reconnect_attempts=-1 if for_ever else 0,
        reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type]  # slept for as it is
        ping_interval=PING_INTERVAL_S,
        max_outstanding_pings=2,
        pending_size=PENDING_BYTES_MAX,
        error_cb=on_error,
        disconnected_cb=on_disconnect,
        reconnected_cb=on_reconnect,
        allow_reconnect=for_ever,
    )
    return client


class Requests:
    """Many requests in flight over one subscription; a reply finds its caller by the last token of its subject.

    Cheaper than one subscription a request, and it can gather the several replies of a batched direct get.
    """

    def __init__(self, nc: Client, prefix: str) -> None:
        self._nc = nc
        self._prefix = prefix
        self._tokens = itertools.count()
        self._waiting: dict[str, Callable[[Msg], None]] = {}

    @classmethod
    async def open(cls, nc: Client) -> Requests:
        """Subscribe once; the subscription lives as long as the connection, reconnects included."""
        requests = cls(nc, nc.new_inbox())
        await nc.subscribe(f"{requests._prefix}.*", cb=requests._deliver, pending_msgs_limit=REPLY_PENDING_MAX)
        return requests

    @property
    def connected(self) -> bool:
        return self._nc.is_connected

    async def _deliver(self, msg: Msg) -> None:
        if (take := self._waiting.get(msg.subject.rpartition(".")[2])) is not None:
            take(msg)

    async def one(
        self, subject: str, payload: bytes, *, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> Msg:
        """Ask and wait for one reply. Raises `LogUnavailable` when none comes in time."""
        done: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

        def take(msg: Msg) -> None:
            if not done.done():
                done.set_result(msg)

        await self._ask(subject, payload, headers, take, done, deadline_s)
        return done.result()

    async def many(self, subject: str, payload: bytes, *, last: Callable[[Msg], bool], deadline_s: float) -> list[Msg]:
        """Ask and gather replies until `last` says that one ends the answer; that one is included."""
        gathered: list[Msg] = []
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def take(msg: Msg) -> None:
            gathered.append(msg)
            if last(msg) and not done.done():
                done.set_result(None)

        await self._ask(subject, payload, None, take, done, deadline_s)
        return gathered

    async def _ask(
        self,
        subject: str,
        payload: bytes,
        headers: Mapping[str, str] | None,
        take: Callable[[Msg], None],
        done: asyncio.Future[Msg] | asyncio.Future[None],
        deadline_s: float,
    ) -> None:
        if not self._nc.is_connected:
            raise LogUnavailable("not connected")
        token = format(next(self._tokens), "x")
        self._waiting[token] = take
        try:
            async with asyncio.timeout(deadline_s):
                await self._nc.publish(
                    subject, payload, reply=f"{self._prefix}.{token}", headers=dict(headers) if headers else None
                )
                await done
        except TimeoutError as late:
            raise LogUnavailable("no answer in time") from late
        except nats.errors.Error as broken:
            raise LogUnavailable(type(broken).__name__) from broken
        finally:
            del self._waiting[token]
