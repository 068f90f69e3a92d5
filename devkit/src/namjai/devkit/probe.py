"""Asks a local HTTP endpoint whether it is well: one request, one answer, nothing kept open."""

import asyncio

LOOPBACK = "127.0.0.1"


async def http_ok(port: int, path: str) -> bool:
    """Whether `GET path` on a loopback port answers 200. Raises OSError while nobody listens."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {LOOPBACK}:{port}\r\n\r\n".encode())
        await writer.drain()
        return b" 200 " in await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()
