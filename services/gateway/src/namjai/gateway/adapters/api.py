"""Questions and commands to the services behind the door, which answer as NATS micro endpoints."""

from __future__ import annotations

from typing import Final

from namjai.runtime.bus import Requests
from namjai.runtime.errors import LogUnavailable

DEADLINE_S: Final = 2.0


class ApiUnavailable(Exception):
    """The service does not run, or did not answer in time."""


class ApiRefused(Exception):
    """The service answered with an error: `code` is like an HTTP status, `reason` is for people."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


class Api:
    """Asks `api.<service>.…`."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def ask(self, subject: str, query: bytes = b"", *, deadline_s: float = DEADLINE_S) -> bytes:
        """The endpoint's answer. Raises `ApiRefused` or `ApiUnavailable`."""
        try:
            msg = await self._requests.one(subject, query, deadline_s=deadline_s)
        except LogUnavailable as down:
            raise ApiUnavailable(str(down)) from down
        headers = msg.headers or {}
        if headers.get("Status") == "503":
            raise ApiUnavailable("nobody listens")
        if (code := headers.get("Nats-Service-Error-Code")) is not None:
            raise ApiRefused(int(code) if code.isdecimal() else 500, headers.get("Nats-Service-Error", ""))
        return msg.data
