"""One hand-over of one event to a consumer, and the four things that can be said back."""

from __future__ import annotations

import json
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from nats.aio.msg import Msg

ORIGINAL_SEQUENCE: Final = "Namjai-Sequence"
"""Header on an event that is sent again from DEAD: its place in the log, which the copy's own sequence is not."""


@dataclass(eq=False)
class Delivery:
    """`sequence` is the event's place in the log; `attempt` is 1 the first time it is handed to this consumer."""

    msg: Msg
    sequence: int
    attempt: int
    pending: int
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, msg: Msg) -> Delivery:
        """Read `$JS.ACK[.<domain>.<account>].<stream>.<consumer>.<delivered>.<sequence>.<order>.<time>.<pending>`."""
        parts = msg.reply.split(".")
        delivered, sequence, _, _, pending = parts[-5:] if len(parts) == 9 else parts[6:11]
        original = (msg.headers or {}).get(ORIGINAL_SEQUENCE)
        return cls(msg, int(original or sequence), int(delivered), int(pending))

    @property
    def member(self) -> str:
        return self.msg.subject.rsplit(".", 1)[-1]

    async def ack(self) -> None:
        """Handled: never again."""
        await self._say(b"+ACK")

    async def nak(self, after_s: float) -> None:
        """Not now: again after this many seconds."""
        await self._say(b"-NAK " + json.dumps({"delay": int(after_s * 1e9)}).encode())

    async def term(self) -> None:
        """Set aside: never again."""
        await self._say(b"+TERM")

    async def in_progress(self) -> None:
        """Still at work: start the ack wait anew."""
        await self._say(b"+WPI")

    async def _say(self, word: bytes) -> None:
        await self.msg._client.publish(self.msg.reply, word)


_current: ContextVar[Delivery] = ContextVar("delivery")


def this_delivery() -> Delivery:
    """The delivery that the running handler was called for: most handlers need only the event."""
    return _current.get()


def enter(delivery: Delivery) -> None:
    """Make `delivery` the one this task is about."""
    _current.set(delivery)
