"""Live updates for open phone pages."""

import asyncio
from typing import Any

import msgspec


class Stream:
    """Hands every change to every listener; one that falls behind is told to load the page anew."""

    LISTENERS_MAX = 50
    BACKLOG_MAX = 1_000

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[bytes]] = set()

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        if not self._listeners:
            return
        line = b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n"
        for queue in self._listeners:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(b"event: reload\ndata: {}\n\n")
            queue.put_nowait(line)

    def listen(self) -> asyncio.Queue[bytes] | None:
        """A queue of server-sent events; None when there are too many pages open."""
        if len(self._listeners) >= self.LISTENERS_MAX:
            return None
        queue: asyncio.Queue[bytes] = asyncio.Queue(self.BACKLOG_MAX)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[bytes]) -> None:
        self._listeners.discard(queue)
