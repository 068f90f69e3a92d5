"""How an answer goes out: piece by piece where it is long, and no further than a fault lets it."""

import asyncio
import time
from collections.abc import Iterator

from aiohttp import web

from namjai.devkit.line.api.endpoint import Answer
from namjai.devkit.line.state.calls import Call
from namjai.devkit.line.state.faults import Fault

PIECE_BYTES = 64 * 1024
SILENCE_S_MAX = 60.0
_ZEROS = bytes(PIECE_BYTES)


async def send(request: web.Request, said: Answer, call: Call, fault: Fault | None) -> web.StreamResponse:
    """Send it all, unless the other side hangs up or a fault stops it; `call.sent` says how far it came."""
    whole = len(said.body) + said.zeros
    mime = {"Content-Type": said.mime} if whole else {}
    headers = {**mime, "x-line-request-id": call.request_id, **said.headers}
    stop = fault.stop_after if fault else None
    if not said.zeros and stop is None:
        call.sent = whole
        return web.Response(status=said.status, body=said.body, headers=headers)
    answer = web.StreamResponse(status=said.status, headers=headers)
    answer.content_length = whole
    await answer.prepare(request)
    try:
        for piece in _pieces(said, whole if stop is None else min(stop, whole)):
            await answer.write(piece)
            call.sent += len(piece)
        if call.sent < whole:
            return cut(request) if fault and fault.reset else await _silence(request)
        await answer.write_eof()
    except ConnectionError:
        return answer  # the bot has seen enough
    return answer


def _pieces(said: Answer, end: int) -> Iterator[bytes]:
    for at in range(0, min(len(said.body), end), PIECE_BYTES):
        yield said.body[at : min(at + PIECE_BYTES, end)]
    for at in range(len(said.body), end, PIECE_BYTES):
        yield _ZEROS[: end - at]


async def _silence(request: web.Request) -> web.StreamResponse:
    """Nothing more comes, and the connection stays: the worst that a server can do to who has no deadline."""
    until = time.monotonic() + SILENCE_S_MAX
    transport = request.transport
    while transport is not None and not transport.is_closing() and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.02)  # nothing tells of a hang-up but the transport, when asked
    return cut(request)


def cut(request: web.Request) -> web.StreamResponse:
    """Break the connection off."""
    if request.transport:
        request.transport.abort()
    return web.Response()
