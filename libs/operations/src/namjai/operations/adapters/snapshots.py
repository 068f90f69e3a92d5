"""Copies a stream, consumers included, by the server's own API: `$JS.API.STREAM.SNAPSHOT` and `.RESTORE`.

The server sends a snapshot in chunks, each with a subject for its acknowledgement, with at most a window of them under
way; an empty message ends it, and its status says whether all of it came. It gives up when nothing is acknowledged for
five seconds, which an upload that is tried again may take: then single chunks are acknowledged slowly and kept here.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from namjai.operations.ports import Refused
from namjai.runtime.errors import LogUnavailable

CHUNK_BYTES: Final = 128 * 1024
WINDOW_BYTES: Final = 8 * 1024**2
HELD_CHUNKS: Final = 64
"""So many are acknowledged as they come."""
HELD_CHUNKS_MAX: Final = 256
"""Beyond it the snapshot is given up: the other side has not taken anything for minutes."""
SLOW_ACK_S: Final = 2.0
RESTORE_CHUNK_BYTES: Final = 64 * 1024
"""The server syncs every 32 kB to the disk and gives up when a chunk takes five seconds, so larger ones are no faster
(measured: 19 MB in 3.7 s with 64 kB, in 3.1 to 3.6 s with 128 and 512) and break off on a busy disk."""
API_DEADLINE_S: Final = 30.0
BEGIN_DEADLINE_S: Final = 300.0
"""The server first writes down what is in memory; and at the end of a restore it builds its index."""
SILENCE_S_MAX: Final = 60.0
HEARD_TRIES: Final = 30
HEARD_PAUSE_S: Final = 0.1
_NOT_FOUND: Final = 10059
_NOT_YET: Final = (10008, 10009, 10130)
"""No leader, no majority, or a stream of that name that was just deleted: servers have to agree on it first."""
_FINE: Final = (None, "200", "204")


class Unheard(LogUnavailable):
    """Nobody was there to hear it, so it may be said again."""


@dataclass(frozen=True)
class Snapshot:
    """A stream as the server describes it, and its chunks as they come."""

    config: Mapping[str, Any]
    state: Mapping[str, Any]
    chunks: AsyncIterator[bytes]


class Snapshots:
    """The streams of one NATS. Everything raises `LogUnavailable` when the server does not answer."""

    def __init__(self, nc: Client) -> None:
        self._nc = nc

    async def names(self) -> list[str]:
        """All streams, in the order of their names."""
        found: list[str] = []
        while True:
            page = await self._api("$JS.API.STREAM.NAMES", {"offset": len(found)})
            found += page.get("streams") or []
            if len(found) >= int(page.get("total", 0)) or not page.get("streams"):
                return sorted(found)

    async def state(self, stream: str) -> Mapping[str, Any] | None:
        """First and last sequence, messages and the like; None when there is no such stream."""
        answer = await self._ask(f"$JS.API.STREAM.INFO.{stream}", {}, API_DEADLINE_S)
        if "error" not in answer:
            return dict(answer["state"])
        if answer["error"].get("err_code") == _NOT_FOUND:
            return None
        raise LogUnavailable(f"cannot look at {stream}: {answer['error'].get('description')}")

    async def delete(self, stream: str) -> None:
        """Remove a stream with everything in it; also one that a restore has left half, which nobody can look at."""
        answer = await self._ask(f"$JS.API.STREAM.DELETE.{stream}", {}, API_DEADLINE_S)
        if "error" in answer and answer["error"].get("err_code") != _NOT_FOUND:
            raise LogUnavailable(f"cannot delete {stream}: {answer['error'].get('description')}")

    @asynccontextmanager
    async def take(self, stream: str) -> AsyncIterator[Snapshot]:
        """A snapshot of this moment; writing goes on meanwhile."""
        inbox = self._nc.new_inbox()
        chunks = _Chunks(self._nc)
        heard = await self._nc.subscribe(inbox, cb=chunks.take, pending_bytes_limit=4 * WINDOW_BYTES)
        try:
            wish = {
                "deliver_subject": inbox,
                "no_consumers": False,
                "chunk_size": CHUNK_BYTES,
                "window_size": WINDOW_BYTES,
                "jsck": True,  # the server checks the messages' checksums first
            }
            begun = await self._api(f"$JS.API.STREAM.SNAPSHOT.{stream}", wish, BEGIN_DEADLINE_S)
            yield Snapshot(begun["config"], begun["state"], chunks)
        finally:
            await heard.unsubscribe()

    async def put_back(
        self, stream: str, config: Mapping[str, Any], state: Mapping[str, Any], chunks: AsyncIterator[bytes]
    ) -> Mapping[str, Any]:
        """Make the stream anew from a snapshot, whole or not at all. Returns its state.

        Raises `LogUnavailable` when it broke off and may be tried again, `Refused` when the server will not have it.
        """
        begun = await self._api(f"$JS.API.STREAM.RESTORE.{stream}", {"config": config, "state": state})
        subject = str(begun["deliver_subject"])
        async for chunk in chunks:
            for at in range(0, len(chunk), RESTORE_CHUNK_BYTES):
                await self._hand_over(subject, chunk[at : at + RESTORE_CHUNK_BYTES])
        answer = json.loads(await self._request(subject, b"", BEGIN_DEADLINE_S))
        if "error" in answer:
            raise LogUnavailable(f"NATS did not restore {stream}: {answer['error'].get('description')}")
        return dict(answer["state"])

    async def _hand_over(self, subject: str, chunk: bytes) -> None:
        """Each chunk is answered: by nothing, or by what is wrong."""
        for _ in range(HEARD_TRIES):
            try:
                wrong = await self._request(subject, chunk, API_DEADLINE_S)
                break
            except Unheard:  # the server that restores is another one, and ours has not heard yet that it listens
                await asyncio.sleep(HEARD_PAUSE_S)
        else:
            raise LogUnavailable("nobody takes the snapshot any more")
        if wrong:
            raise LogUnavailable(f"NATS stopped to take the snapshot: {json.loads(wrong)['error'].get('description')}")

    async def _api(self, subject: str, query: Mapping[str, Any], deadline_s: float = API_DEADLINE_S) -> dict[str, Any]:
        answer = await self._ask(subject, query, deadline_s)
        if (error := answer.get("error")) is None:
            return answer
        words = f"NATS refuses {subject.removeprefix('$JS.API.')}: {error.get('description')}"
        raise (LogUnavailable if error.get("err_code") in _NOT_YET else Refused)(words)

    async def _ask(self, subject: str, query: Mapping[str, Any], deadline_s: float) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(await self._request(subject, json.dumps(query).encode(), deadline_s))
        return body

    async def _request(self, subject: str, payload: bytes, deadline_s: float) -> bytes:
        try:
            return (await self._nc.request(subject, payload, timeout=deadline_s)).data
        except nats.errors.NoRespondersError:
            raise Unheard("nobody listens") from None
        except (nats.errors.Error, TimeoutError) as away:
            raise LogUnavailable(f"no answer ({type(away).__name__})") from away


class _Chunks:
    """The chunks of one snapshot, taken from the server at the pace of who reads them."""

    def __init__(self, nc: Client) -> None:
        self._nc = nc
        self._held: deque[bytes] = deque()
        self._changed = asyncio.Condition()
        self._ended: str | None = None
        """Once all came: an empty word, or what went wrong."""

    async def take(self, msg: Msg) -> None:
        """One message of the server; the next one waits until this returns."""
        async with self._changed:
            if msg.data:
                self._held.append(msg.data)
            else:
                self._ended = _trouble(msg)
            self._changed.notify_all()
            if len(self._held) > HELD_CHUNKS_MAX:
                self._ended = "it was not written away fast enough"
                return
            try:
                async with asyncio.timeout(SLOW_ACK_S):
                    await self._changed.wait_for(lambda: len(self._held) < HELD_CHUNKS)
            except TimeoutError:
                self._changed.notify_all()  # kept here, so that the server goes on
        if msg.reply:
            await self._nc.publish(msg.reply, b"")

    def __aiter__(self) -> _Chunks:
        return self

    async def __anext__(self) -> bytes:
        async with self._changed:
            try:
                async with asyncio.timeout(SILENCE_S_MAX):
                    await self._changed.wait_for(lambda: self._held or self._ended is not None)
            except TimeoutError:
                raise LogUnavailable("the snapshot stopped") from None
            if not self._held:
                if self._ended:
                    raise LogUnavailable(f"the snapshot ended early: {self._ended}")
                raise StopAsyncIteration
            chunk = self._held.popleft()
            self._changed.notify_all()
            return chunk


def _trouble(end: Msg) -> str:
    headers = end.headers or {}
    return "" if headers.get("Status") in _FINE else headers.get("Description", "without a reason")
