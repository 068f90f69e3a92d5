"""What others may ask of notify over NATS: the three dots in a chat, which are nobody's fact and never stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from namjai.notify.domain.outcome import Outcome

LOADING: Final = "api.notify.loading"
QUEUE: Final = "notify"
AT_ONCE_MAX: Final = 32
PENDING_MAX: Final = 256


class Loading(msgspec.Struct, frozen=True):
    """Whose chat, and for how long: LINE takes 5 to 60 seconds in steps of 5, in one-to-one chats only."""

    to: Annotated[str, msgspec.Meta(pattern="^U[0-9a-f]{32}$")]
    seconds: Annotated[int, msgspec.Meta(ge=5, le=60, multiple_of=5)] = 20


class LoadingAnimations:
    """Fire and forget: what cannot be shown at once is not worth showing, and no failure harms a reply."""

    def __init__(self, nc: Client, show: Callable[[str, int], Coroutine[Any, Any, Outcome]]) -> None:
        self._nc = nc
        self._show = show

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`; one replica of several hears each wish."""
        room = asyncio.Semaphore(AT_ONCE_MAX)
        async with asyncio.TaskGroup() as shows:

            async def hear(msg: Msg) -> None:
                if room.locked() or (wish := _read(msg)) is None:
                    return
                await room.acquire()
                task = shows.create_task(self._show(wish.to, wish.seconds))
                task.add_done_callback(lambda _: room.release())

            heard = await self._nc.subscribe(LOADING, queue=QUEUE, cb=hear, pending_msgs_limit=PENDING_MAX)
            await stop.wait()
            if self._nc.is_connected:
                await heard.unsubscribe()


def _read(msg: Msg) -> Loading | None:
    try:
        return msgspec.json.decode(msg.data, type=Loading)
    except msgspec.MsgspecError:
        return None
