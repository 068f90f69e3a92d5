"""The outside dead-man's switch, by HTTP."""

from __future__ import annotations

import aiohttp

from namjai.runtime.outside import UNCOUNTED, Outside


class HttpHeartbeat:
    """Asks for a URL; without one there is nobody to tell."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str | None, deadline_s: float, outside: Outside = UNCOUNTED
    ) -> None:
        self._outside = outside
        self._session = session
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=deadline_s)

    async def beat(self) -> bool:
        """Whether it was heard."""
        if self._url is None:
            return False
        try:
            with self._outside.call("heartbeat") as call:
                async with self._session.get(self._url, timeout=self._timeout) as response:
                    if response.status >= 300:
                        call.failed(f"status_{response.status}")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False
        return call.fault is None
