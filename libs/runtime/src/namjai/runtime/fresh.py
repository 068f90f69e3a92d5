"""One answer for all who ask at about the same time: those who look must not become a load on what they look at."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, Generic, TypeVar

T = TypeVar("T")

FRESH_S: Final = 1.0
_NEVER: Final = float("-inf")


def _always(_: object) -> bool:
    return True


class Fresh(Generic[T]):
    """Asks once for all who wait, and keeps a good answer for `fresh_s`.

    An answer that is not `good` serves only those who waited for it, so that recovery is seen at once. `sign` is
    something cheap that changes with the world (a connection's state): a kept answer from before is not believed.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[T]],
        *,
        fresh_s: float = FRESH_S,
        good: Callable[[T], bool] = _always,
        sign: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._good = good
        self._sign = sign
        self._clock = clock
        self._lock = asyncio.Lock()
        self._answer: T | None = None
        self._answered_at = _NEVER
        self._keep_until = _NEVER
        self._under: object = None

    async def get(self) -> T:
        """The answer: a kept one, the one that is being asked for now, or a new one."""
        came_at = self._clock()
        async with self._lock:
            usable = self._answered_at >= came_at or self._clock() < self._keep_until
            if usable and self._answer is not None and self._under == self._sign():
                return self._answer
            self._under = self._sign()
            self._answer = answer = await self._ask()
            self._answered_at = self._clock()
            self._keep_until = self._answered_at + self._fresh_s if self._good(answer) else _NEVER
            return answer
