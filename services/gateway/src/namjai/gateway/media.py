"""`GET /media/{token}`: pictures and voices that LINE's apps fetch by a signed link which soon ends."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import SecretStr

from namjai.runtime.errors import KeysUnavailable
from namjai.runtime.limiter import LocalLimiter
from namjai.runtime.logs import get_logger
from namjai.runtime.media_links import PATH, object_of
from namjai.runtime.metrics import Metrics
from namjai.runtime.objects import NoSuchObject, Object, Objects, ObjectsUnavailable

PIECE_BYTES: Final = 64 * 1024
RETRY_AFTER_S: Final = 1
_HEADERS: Final = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_log = get_logger(__name__)


class Refused(Exception):
    """There is nothing to send; `status` is all that is said of why."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class MediaDoor:
    """A link that is forged, over, erased or never was gets the answer of any path where nothing is.

    The token opens the door, so it is never logged, measured or put into an error.
    """

    def __init__(
        self,
        objects: Objects,
        secret: SecretStr | None,
        limiter: LocalLimiter,
        metrics: Metrics,
        *,
        clock: Callable[[], datetime],
        in_flight_max: int,
        deadline_s: float,
        nothing: Callable[[], web.Response],
    ) -> None:
        self._objects = objects
        self._secret = secret
        self._limiter = limiter
        self._metrics = metrics
        self._clock = clock
        self._in_flight_max = in_flight_max
        self._in_flight = 0
        self._deadline_s = deadline_s
        self._nothing = nothing

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer GET or HEAD, in whole or by range."""
        self._in_flight += 1
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await self._sent(request)
        except Refused as refused:
            answer = self._nothing() if refused.status == 404 else _refusal(refused)
        except TimeoutError:  # somebody reads so slowly that others would go without
            if request.transport is not None:
                request.transport.abort()
            answer = _refusal(Refused(503))
        finally:
            self._in_flight -= 1
        self._metrics.http.labels(PATH, request.method, str(answer.status)).inc()
        return answer

    async def _sent(self, request: web.Request) -> web.StreamResponse:
        object_id, found = await self._found(request.match_info["token"])
        etag = '"' + hashlib.sha256(object_id.encode()).hexdigest()[:32] + '"'
        part = _part(request, len(found.data), etag)
        answer = web.StreamResponse(status=200 if part is None else 206, headers={**_HEADERS, "ETag": etag})
        answer.content_type = found.mime
        first, end = part or (0, len(found.data))
        if part is not None:
            answer.headers["Content-Range"] = f"bytes {first}-{end - 1}/{len(found.data)}"
        answer.content_length = end - first
        try:
            await answer.prepare(request)
            if request.method != "HEAD":
                for at in range(first, end, PIECE_BYTES):
                    await answer.write(found.data[at : min(at + PIECE_BYTES, end)])
            await answer.write_eof()
        except ConnectionError:
            return answer  # they have heard enough
        return answer

    async def _found(self, token: str) -> tuple[str, Object]:
        object_id = object_of(self._secret, token, self._clock()) if self._secret else None
        if object_id is None:
            raise Refused(404)
        if not self._limiter.hit(object_id).allowed:
            raise Refused(429)
        if self._in_flight > self._in_flight_max:
            raise Refused(503)
        try:
            return object_id, await self._objects.get(object_id)
        except NoSuchObject:
            raise Refused(404) from None
        except (ObjectsUnavailable, KeysUnavailable) as down:
            _log.warning("media_not_served", error=type(down).__name__)
            raise Refused(503) from None


def _refusal(refused: Refused) -> web.Response:
    again = {"Retry-After": str(RETRY_AFTER_S)} if refused.status in (429, 503) else {}
    return web.Response(status=refused.status, headers={**again, **(refused.headers or {})})


def _part(request: web.Request, size: int, etag: str) -> tuple[int, int] | None:
    """The first byte asked for and the one after the last; None for the whole, also where the wish makes no sense."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    try:
        wish = request.http_range
    except ValueError:
        return None
    if wish.start is None and wish.stop is None:
        return None
    first, end, _ = wish.indices(size)
    if first >= end:
        raise Refused(416, {"Content-Range": f"bytes */{size}"})
    return first, end
