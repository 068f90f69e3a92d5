"""Long instructions kept on Gemini's side (explicit context caching): made on the second use, renewed, given back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from hashlib import blake2b
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cachetools import LRUCache

from namjai.runtime.logs import get_logger

if TYPE_CHECKING:
    from google.genai.caches import AsyncCaches

KEPT_MAX: Final = 8
"""Instructions that are long are few: one or two a skill and language."""
DEADLINE_S: Final = 2.0
CLOSE_DEADLINE_S: Final = 1.0
PAUSE_S: Final = 60.0
"""After a failure nothing is tried with that instruction for so long."""

_log = get_logger(__name__)


@dataclass
class _Kept:
    """One instruction: how it stands, and who is at work on it."""

    uses: int = 0
    name: str | None = None
    until: float = 0.0
    not_before: float = 0.0
    work: asyncio.Lock = field(default_factory=asyncio.Lock)


class Caches:
    """The names under which Gemini keeps our longest instructions. Nothing here ever fails a call: without a name the
    instruction goes along as always. What is kept holds our own words only, never a person's."""

    def __init__(self, caches: AsyncCaches, *, chars_min: int, ttl_s: int) -> None:
        self._caches = caches
        self._chars_min = chars_min
        self._ttl_s = ttl_s
        self._kept: LRUCache[bytes, _Kept] = LRUCache(KEPT_MAX)

    async def name(self, model: str, system: str) -> str | None:
        """The name of an instruction that is kept; None: send it."""
        if len(system) < self._chars_min:
            return None
        key = _key(model, system)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = _Kept()
        kept.uses += 1
        now = monotonic()
        due = kept.uses > 1 and now >= kept.not_before and kept.until - now < self._ttl_s / 2
        if due and not kept.work.locked():  # whoever comes meanwhile takes what is there
            async with kept.work:
                await self._keep(kept, model, system)
        return kept.name if kept.until > monotonic() else None

    def forget(self, model: str, system: str) -> None:
        """It is not there any more."""
        if (kept := self._kept.get(_key(model, system))) is not None:
            kept.name, kept.until, kept.not_before = None, 0.0, monotonic() + PAUSE_S

    async def close(self) -> None:
        """Give everything back; what cannot be given back expires by itself."""
        names = [kept.name for kept in self._kept.values() if kept.name and kept.until > monotonic()]
        try:
            async with asyncio.timeout(CLOSE_DEADLINE_S):
                for name in names:
                    await self._caches.delete(name=name)
        except Exception as failed:
            _log.info("model_cache_left", error=type(failed).__name__, count=len(names))

    async def _keep(self, kept: _Kept, model: str, system: str) -> None:
        """Make it, or let what is there live longer."""
        began = monotonic()
        try:
            async with asyncio.timeout(DEADLINE_S):
                kept.name = await self._kept_again(kept) or await self._made(model, system)
        except Exception as failed:  # the SDK's, the network's, a model that keeps nothing: all the same here
            _log.info("model_cache_failed", error=type(failed).__name__)
            kept.not_before = monotonic() + PAUSE_S
            return
        kept.until = began + self._ttl_s

    async def _kept_again(self, kept: _Kept) -> str | None:
        from google.genai import errors, types

        if kept.name is None or kept.until <= monotonic():
            return None
        try:
            await self._caches.update(name=kept.name, config=types.UpdateCachedContentConfig(ttl=f"{self._ttl_s}s"))
        except errors.ClientError:  # it is gone
            return None
        return kept.name

    async def _made(self, model: str, system: str) -> str | None:
        from google.genai import types

        config: Any = types.CreateCachedContentConfig(system_instruction=system, ttl=f"{self._ttl_s}s")
        return (await self._caches.create(model=model, config=config)).name


def _key(model: str, system: str) -> bytes:
    return blake2b(f"{model}\n{system}".encode(), digest_size=16).digest()
