"""The door through which a running stack is scaled: a socket in the home, one request a connection, a line a step."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from namjai.devkit.child import ChildFailed
from namjai.devkit.home import Home, NotRunning
from namjai.devkit.rollout import Rollout, Step
from namjai.runtime.logs import get_logger

LINE_BYTES_MAX = 64 * 1024
REQUEST_DEADLINE_S = 5.0
ORDER_DEADLINE_S = 600.0
"""Sixteen processes of five services, each with time to start and to end."""

log = get_logger(__name__)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: numbers of processes by service, or services to be replaced (none named: all)."""

    scale: dict[str, int] | None = None
    roll: list[str] | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the answer; the last one is `done` or has an `error`."""

    step: Step | None = None
    done: bool = False
    error: str | None = None


async def serve(path: Path, rollout: Rollout) -> None:
    """Take orders until cancelled. A home with a path too long for a socket runs all the same, but is not scaled."""

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _answer(reader, writer, rollout)
        finally:
            writer.close()

    try:
        server = await asyncio.start_unix_server(on_connection, path, limit=LINE_BYTES_MAX)
    except OSError as error:
        log.warning("control_not_available", reason=type(error).__name__)
        return
    async with server:
        await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rollout: Rollout) -> None:
    async def say(answer: Answer) -> None:
        if not writer.is_closing():  # who asked may have left; what was begun is finished all the same
            writer.write(msgspec.json.encode(answer) + b"\n")
            await writer.drain()

    try:
        async with asyncio.timeout(REQUEST_DEADLINE_S):
            order = msgspec.json.decode(await reader.readline(), type=Order)
        async for step in _steps(order, rollout):
            await say(Answer(step=step))
    except (ChildFailed, OSError, TimeoutError, msgspec.DecodeError) as error:
        await say(Answer(error=str(error) or type(error).__name__))
    else:
        await say(Answer(done=True))


def _steps(order: Order, rollout: Rollout) -> AsyncIterator[Step]:
    if order.scale is not None:
        return rollout.scale(order.scale)
    return rollout.roll(order.roll or [])


async def ask(home: Home, order: Order) -> AsyncIterator[Step]:
    """Give an order to the run in this home, and hear each step. Raises NotRunning or ChildFailed."""
    home.run()  # says in words whether anything runs
    async with asyncio.timeout(ORDER_DEADLINE_S), _connection(home) as (reader, writer):
        writer.write(msgspec.json.encode(order) + b"\n")
        async for line in reader:
            answer = msgspec.json.decode(line, type=Answer)
            if answer.error is not None:
                raise ChildFailed(answer.error)
            if answer.done:
                return
            assert answer.step is not None
            yield answer.step
    raise NotRunning(f"Namjai in {home.path} has stopped meanwhile")


@asynccontextmanager
async def _connection(home: Home) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    try:
        reader, writer = await asyncio.open_unix_connection(os.fspath(home.control), limit=LINE_BYTES_MAX)
    except OSError:
        raise NotRunning(f"Namjai in {home.path} takes no orders; its path may be too long for a socket") from None
    try:
        yield reader, writer
    finally:
        writer.close()
