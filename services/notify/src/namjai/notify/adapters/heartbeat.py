"""The outside dead-man's switch, by HTTP."""

from __future__ import annotations

import aiohttp


class HttpHeartbeat:
    """Asks for a URL; without one there is nobody to tell."""

    def __init__(self, session: aiohttp.ClientSession, url: str | None, deadline_s: float) -> None:
        self._session = session
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=deadline_s)

    async def beat(self) -> bool:
        """Whether it was heard."""
        if self._url is None:
            return False
        try:
            async with self._session.get(self._url, timeout=self._timeout) as response:
                return response.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False
