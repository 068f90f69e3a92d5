"""Encryption to people's public keys: the age format, streamed, so that a backup takes no more memory than a window.

The library reads and writes files as C programs do, so it works in a thread of its own, between two bounded buffers.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import pyrage

from namjai.operations.ports import Damaged, Locked, Refused

PIECE_BYTES: Final = 1024**2
PIECES_WAITING_MAX: Final = 2
DRAIN_S: Final = 0.02
NO_KEY: Final = "No matching keys"
"""The library has one exception for all; these are its words for this one."""

T = TypeVar("T")


class Reader(Protocol):
    """As much of a file as the library reads."""

    def read(self, size: int = -1, /) -> bytes: ...


class Writer(Protocol):
    """As much of a file as the library writes."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


def recipients(listed: str) -> list[pyrage.x25519.Recipient]:
    """Public keys, comma separated. Raises `Refused`."""
    try:
        return [pyrage.x25519.Recipient.from_str(each.strip()) for each in listed.split(",") if each.strip()]
    except pyrage.RecipientError:
        raise Refused("a recipient is not an age public key; they begin with age1 (`age-keygen` makes them)") from None


def identities(files: Sequence[Path]) -> list[pyrage.x25519.Identity]:
    """Secret keys from files as age-keygen writes them. Raises `Refused`; no key is ever in a message."""
    found = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise Refused(f"the identity file {file} cannot be read ({type(error).__name__})") from None
        for line in (each.strip() for each in lines):
            if line and not line.startswith("#"):
                try:
                    found.append(pyrage.x25519.Identity.from_str(line))
                except pyrage.IdentityError:
                    raise Refused(f"{file} holds a line that is not an age secret key") from None
    return found


def sealed(
    plain: AsyncIterator[bytes], to: Sequence[pyrage.x25519.Recipient]
) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    """Encrypt on the way."""
    return _through(plain, lambda reader, writer: pyrage.encrypt_io(reader, writer, list(to)))


def opened(
    cipher: AsyncIterator[bytes], by: Sequence[pyrage.x25519.Identity]
) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    """Decrypt on the way. Reading raises `Locked` when no key fits, or `Damaged` when bytes were changed."""

    def work(reader: Reader, writer: Writer) -> None:
        try:
            pyrage.decrypt_io(reader, writer, list(by))
        except pyrage.DecryptError as error:
            raise (Locked if NO_KEY in str(error) else Damaged)(f"it cannot be decrypted: {error}") from None
        except OSError as error:
            raise Damaged(f"it was changed or cut off after it was written: {error}") from None

    return _through(cipher, work)


@asynccontextmanager
async def _through(
    source: AsyncIterator[bytes], work: Callable[[Reader, Writer], None]
) -> AsyncIterator[AsyncIterator[bytes]]:
    """What the work makes of the source. When the block ends the thread ends, too, wherever it is."""
    loop = asyncio.get_running_loop()
    out: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES_WAITING_MAX)
    bridge = _Bridge(source, out, loop)

    def run() -> None:
        try:
            work(bridge, bridge)
            bridge.flush_rest()
        except BaseException as error:
            raise bridge.failed or error from None
        finally:
            bridge.end()

    working = loop.run_in_executor(None, run)
    try:
        yield _Pieces(out, working)
    finally:
        bridge.close()
        while not working.done():  # it may be waiting for room
            with suppress(asyncio.QueueEmpty):
                out.get_nowait()
            await asyncio.wait({working}, timeout=DRAIN_S)
        with suppress(BaseException):
            working.result()


class _Pieces:
    """The queue as an iterator: an object and no generator, so that it can be left while somebody waits for it."""

    def __init__(self, out: asyncio.Queue[bytes | None], working: asyncio.Future[None]) -> None:
        self._out = out
        self._working = working

    def __aiter__(self) -> _Pieces:
        return self

    async def __anext__(self) -> bytes:
        if (piece := await self._out.get()) is not None:
            return piece
        await self._working
        raise StopAsyncIteration


class _Bridge:
    """Both files of the thread: reads from the event loop's iterator, writes to its queue."""

    def __init__(
        self, source: AsyncIterator[bytes], out: asyncio.Queue[bytes | None], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._source = source
        self._out = out
        self._loop = loop
        self._unread = memoryview(b"")
        self._unwritten = bytearray()
        self._waiting: concurrent.futures.Future[Any] | None = None
        self._closed = False
        self.failed: BaseException | None = None
        """What the source raised; the library would make words of it."""

    def read(self, size: int = -1, /) -> bytes:
        while not self._unread:
            try:
                piece = self._ask(self._next())
            except BaseException as error:
                self.failed = error
                raise
            if piece is None:
                return b""
            self._unread = memoryview(piece)
        part = self._unread[:size] if size >= 0 else self._unread
        self._unread = self._unread[len(part) :]
        return bytes(part)

    def write(self, data: bytes, /) -> int:
        self._unwritten += data
        if len(self._unwritten) >= PIECE_BYTES:
            self.flush_rest()
        return len(data)

    def flush(self) -> None:
        """The library flushes after each block; pieces worth sending are sent by `write`."""

    def flush_rest(self) -> None:
        """Hand over what is there."""
        if self._unwritten:
            self._ask(self._out.put(bytes(self._unwritten)))
            self._unwritten.clear()

    def end(self) -> None:
        """Nothing more comes; heard also when nobody listens any more."""
        with suppress(concurrent.futures.CancelledError):
            self._ask(self._out.put(None))

    def close(self) -> None:
        """Nobody wants the rest: the thread stops at its next step."""
        self._closed = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def _next(self) -> bytes | None:
        return await anext(self._source, None)

    def _ask(self, asked: Coroutine[Any, Any, T]) -> T:
        if self._closed:
            asked.close()
            raise concurrent.futures.CancelledError
        self._waiting = asyncio.run_coroutine_threadsafe(asked, self._loop)
        if self._closed:  # it was closed between the two
            self._waiting.cancel()
        return self._waiting.result()  # type: ignore[no-any-return]  # the future is of the coroutine's type
