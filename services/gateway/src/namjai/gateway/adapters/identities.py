"""Member identities in the KV bucket `identities`: HMAC of a LINE id → a random member id."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
from typing import Any, Final, NamedTuple

from cachetools import LRUCache
from nats.aio.client import Client
from nats.aio.msg import Msg

from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.pressure import prune_cache

BUCKET: Final = "identities"
DEADLINE_S: Final = 1.5
TRIES_MAX: Final = 10
TRY_AGAIN_S: Final = 0.02
MARKER_TTL: Final = "1h"
"""How long the marker of a deletion stays: it tells the other gateways, and then it goes, too."""

_MEMBER_BYTES: Final = 16
_MEMBER_CHARS: Final = 25
_WRONG_LAST_SEQUENCE: Final = (10071, 10164)
_STREAM: Final = f"KV_{BUCKET}"


def new_member() -> str:
    """A random member id: `m` and 25 base32 characters (125 bits), one token of a subject."""
    return "m" + base64.b32encode(secrets.token_bytes(_MEMBER_BYTES)).decode()[:_MEMBER_CHARS].lower()


class _Record(NamedTuple):
    """A record as stored; without a member it was deleted (or never was: revision 0)."""

    member: str | None
    revision: int


class NatsIdentities:
    """The records in NATS, with a bounded cache that hears of deletions."""

    def __init__(self, nc: Client, requests: Requests, key: bytes, *, cache_entries: int) -> None:
        self._nc = nc
        self._requests = requests
        self._key = key
        self._cache: LRUCache[str, str] = LRUCache(cache_entries)
        self._reconnects = nc.stats["reconnects"]

    @classmethod
    async def open(cls, nc: Client, requests: Requests, key: bytes, *, cache_entries: int) -> NatsIdentities:
        """Begin to hear of changes, then answer."""
        identities = cls(nc, requests, key, cache_entries=cache_entries)
        await nc.subscribe(f"$KV.{BUCKET}.*", cb=identities._on_change)
        return identities

    def known(self, line_id: str) -> str | None:
        if self._nc.stats["reconnects"] != self._reconnects:
            # What was deleted while we were away was not heard.
            self._reconnects = self._nc.stats["reconnects"]
            self._cache.clear()
        return self._cache.get(self._name(line_id))

    async def resolve(self, line_id: str) -> str:
        if (member := self.known(line_id)) is not None:
            return member
        name = self._name(line_id)
        for _ in range(TRIES_MAX):
            record = await self._get(name)
            if record.member is not None:
                self._cache[name] = record.member
                return record.member
            member = new_member()
            if await self._put(name, member.encode(), record.revision):
                self._cache[name] = member
                return member
            await asyncio.sleep(TRY_AGAIN_S)  # somebody was faster, and the replica we ask has not heard of it yet
        raise LogUnavailable("an identity could not be agreed on")

    async def forget(self, line_id: str, member: str) -> bool:
        name = self._name(line_id)
        self._cache.pop(name, None)
        record = await self._get(name)
        if record.member != member:
            return False
        # First the bytes: a marker alone would only hide them until the file is compacted. Then the marker, which the
        # other gateways hear; it is not written over somebody who has come back in between.
        await self._ask(f"$JS.API.STREAM.MSG.DELETE.{_STREAM}", {"seq": record.revision})
        await self._put(name, b"", 0, {"KV-Operation": "PURGE", "Nats-Rollup": "sub", "Nats-TTL": MARKER_TTL})
        self._cache.pop(name, None)
        return True

    def prune(self, keep: float) -> int:
        """Forget who was not seen for longest; they are read again when they write."""
        return prune_cache(self._cache, keep)

    def _name(self, line_id: str) -> str:
        """The name of the record: without the HMAC key nobody can tell whose it is."""
        return hmac.digest(self._key, line_id.encode("utf-8", "surrogatepass"), "sha256").hex()

    async def _on_change(self, msg: Msg) -> None:
        name = msg.subject.rsplit(".", 1)[-1]
        if not msg.data:
            self._cache.pop(name, None)
        elif name in self._cache:
            self._cache[name] = msg.data.decode()

    async def _get(self, name: str) -> _Record:
        msg = await self._requests.one(f"$JS.API.DIRECT.GET.{_STREAM}.$KV.{BUCKET}.{name}", b"", deadline_s=DEADLINE_S)
        headers = msg.headers or {}
        if "Nats-Sequence" not in headers:
            if headers.get("Status") == "404":
                return _Record(None, 0)
            raise LogUnavailable("the identities cannot be asked")
        deleted = "KV-Operation" in headers or not msg.data
        return _Record(None if deleted else msg.data.decode(), int(headers["Nats-Sequence"]))

    async def _put(self, name: str, value: bytes, revision: int, more: dict[str, str] | None = None) -> bool:
        """Store if the record is still at `revision`; False when somebody else stored first."""
        headers = {"Nats-Expected-Last-Subject-Sequence": str(revision), **(more or {})}
        msg = await self._requests.one(f"$KV.{BUCKET}.{name}", value, deadline_s=DEADLINE_S, headers=headers)
        error = _answer(msg).get("error")
        if error is None:
            return True
        if error.get("err_code") in _WRONG_LAST_SEQUENCE:
            return False
        raise LogUnavailable(f"identity refused with {error.get('err_code')}")

    async def _ask(self, subject: str, query: dict[str, Any]) -> None:
        """Ask for something that may be done already: an error that is not `unavailable` changes nothing for us."""
        _answer(await self._requests.one(subject, json.dumps(query).encode(), deadline_s=DEADLINE_S))


def _answer(msg: Msg) -> dict[str, Any]:
    if (msg.headers or {}).get("Status") == "503":
        raise LogUnavailable("no stream")
    answer: dict[str, Any] = json.loads(msg.data)
    return answer
