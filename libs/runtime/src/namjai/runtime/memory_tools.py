"""In-memory twins of the shared cache level, the lease store and the config store; they pass the real ones' suites."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from time import monotonic

from namjai.runtime.config import Version
from namjai.runtime.errors import Conflict


class MemoryLevel:
    """`SharedLevel` in a dict; share one between caches to play several replicas."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[bytes, float]] = {}

    async def get(self, key: str) -> bytes | None:
        """The value, or None."""
        value, until = self._entries.get(key, (None, 0.0))
        return value if self._clock() < until else None

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep the value for `ttl_s`."""
        self._entries[key] = (value, self._clock() + ttl_s)

    async def delete(self, *keys: str) -> bool:
        """Forget them."""
        for key in keys:
            self._entries.pop(key, None)
        return True


class MemoryLeaseStore:
    """`LeaseStore` in a dict."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}

    async def take(self, key: str, token: str, ttl_s: float) -> bool:
        """Put the token there if there is none."""
        if self._holder(key) is not None:
            return False
        self._held[key] = (token, self._clock() + ttl_s)
        return True

    async def extend(self, key: str, token: str, ttl_s: float) -> bool:
        """Start its time again, if it is still this token's."""
        if self._holder(key) != token:
            return False
        self._held[key] = (token, self._clock() + ttl_s)
        return True

    async def release(self, key: str, token: str) -> bool:
        """Take the token away, if it is still this one."""
        if self._holder(key) != token:
            return False
        del self._held[key]
        return True

    def _holder(self, key: str) -> str | None:
        token, until = self._held.get(key, (None, 0.0))
        return token if self._clock() < until else None


class MemoryConfigStore:
    """`ConfigStore` in lists; keeps `history_max` versions of a section like the bucket does."""

    def __init__(self, history_max: int = 64) -> None:
        self._history_max = history_max
        self._revision = 0
        self._sections: dict[str, list[Version]] = {}
        self._changed = asyncio.Condition()

    async def get(self, section: str, revision: int | None = None) -> Version | None:
        """The current version, or an earlier one."""
        versions = self._sections.get(section, [])
        return next((each for each in reversed(versions) if revision in (None, each.revision)), None)

    async def put(self, section: str, value: bytes, *, expected: int | None = None) -> int:
        """Store a new version, if `expected` is the current one."""
        versions = self._sections.setdefault(section, [])
        current = versions[-1].revision if versions else 0
        if expected is not None and expected != current:
            raise Conflict(f"the config of {section} has changed meanwhile")
        self._revision += 1
        versions.append(Version(self._revision, value, datetime.now(UTC)))
        del versions[: -self._history_max]
        async with self._changed:
            self._changed.notify_all()
        return self._revision

    async def history(self, section: str) -> list[Version]:
        """All versions that are kept, the oldest first."""
        return list(self._sections.get(section, []))

    async def changes(self, section: str) -> AsyncGenerator[Version, None]:
        """The current version and then every later one; versions that come fast may be skipped over."""
        seen = 0
        while True:
            version = await self.get(section)
            if version is not None and version.revision > seen:
                seen = version.revision
                yield version
            else:
                async with self._changed:
                    await self._changed.wait()
