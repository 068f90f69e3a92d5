"""Content that LINE only points at. Anybody may have written that address, so it is trusted with nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Final

import aiohttp
from aiohttp.abc import ResolveResult
from yarl import URL

PIECE_BYTES: Final = 64 * 1024


class TooLarge(Exception):
    """More than was asked for; the rest is not read."""


async def bounded(answer: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    """The body, read piece by piece. Raises `TooLarge` as early as it can be known, and hangs up."""
    whole = bytearray()
    if (answer.content_length or 0) <= bytes_max:
        async for piece in answer.content.iter_chunked(PIECE_BYTES):
            whole += piece
            if len(whole) > bytes_max:
                break
        else:
            return bytes(whole)
    answer.close()
    raise TooLarge


class PublicAddresses(aiohttp.ThreadedResolver):
    """Names that lead into our own network lead nowhere. What is checked here is what is connected to."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        if not all(ip_address(each["host"]).is_global for each in found):
            raise OSError("not a public address")
        return found


class Outside:
    """Fetches over HTTPS only, from names only, without our token, a cookie, or a redirect followed."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def get(self, url: str, *, bytes_max: int) -> tuple[bytes, str] | None:
        """The content and its type; None when it is refused or not to be had. Raises `TooLarge`."""
        try:
            address = URL(url)
        except ValueError:
            return None
        if address.scheme != "https" or address.user is not None or _is_number(address.host):
            return None
        try:
            async with self._session.get(address, allow_redirects=False) as answer:
                if answer.status != 200:
                    return None
                return await bounded(answer, bytes_max), answer.content_type
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError, ValueError):
            return None


def _is_number(host: str | None) -> bool:
    """Whether it is no name: an address given as a number is connected to without asking any resolver."""
    try:
        return host is None or bool(ip_address(host))
    except ValueError:
        return False


@asynccontextmanager
async def outside_session(connections: int, connect_s: float) -> AsyncIterator[aiohttp.ClientSession]:
    """A session of its own, so that nothing of LINE's ever goes along."""
    connector = aiohttp.TCPConnector(limit=connections, resolver=PublicAddresses(), use_dns_cache=False)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield session
