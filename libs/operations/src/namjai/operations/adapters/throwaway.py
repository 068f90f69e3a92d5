"""Servers for one rehearsal: a NATS and a PostgreSQL of this job's own, in a folder that is gone with it.

They listen where nobody else can reach them: NATS on loopback with a password, PostgreSQL on a socket in the folder.
Nothing of them has to survive, so they do not wait for the disk.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import asyncpg

from namjai.operations.adapters import programs
from namjai.operations.ports import Refused
from namjai.operations.settings import OperationsSettings

USER: Final = "rehearsal"
DATABASE: Final = "postgres"
PAYLOAD_BYTES_MAX: Final = 8 * 1024**2
READY_S: Final = 60.0
POLL_S: Final = 0.05
STOP_S: Final = 10.0
WORDS_CHARS_MAX: Final = 600
POSTGRES_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "log_min_error_statement": "panic",
}


class Servers(NamedTuple):
    """Where they are."""

    nats_url: str
    postgres_dsn: str


@asynccontextmanager
async def throwaway_servers(folder: Path, settings: OperationsSettings) -> AsyncIterator[Servers]:
    """Both, empty. Raises `Refused` when one does not start."""
    environment = settings.environment_of_tools()
    async with AsyncExitStack() as stack:
        yield Servers(
            await stack.enter_async_context(_nats(folder / "nats", environment)),
            await stack.enter_async_context(_postgres(folder / "postgres", settings, environment)),
        )


@asynccontextmanager
async def _nats(home: Path, environment: Mapping[str, str]) -> AsyncIterator[str]:
    port, password = _free_port(), f"p{secrets.token_hex(16)}"  # a letter first: NATS reads it as a value
    config = {
        "listen": f"127.0.0.1:{port}",
        "max_payload": PAYLOAD_BYTES_MAX,
        "authorization": {"user": USER, "password": password},
        "jetstream": {"store_dir": str(home), "sync_interval": "10m"},
    }
    file = _written(home / "nats.conf", json.dumps(config))
    url = f"nats://{USER}:{password}@127.0.0.1:{port}"

    async def ready() -> bool:
        _, writer = await asyncio.open_connection("127.0.0.1", port)  # it listens once its JetStream is there
        writer.close()
        return True

    async with _running("nats-server", [programs.nats_server(), "--config", str(file)], home, environment, ready):
        yield url


@asynccontextmanager
async def _postgres(home: Path, settings: OperationsSettings, environment: Mapping[str, str]) -> AsyncIterator[str]:
    data = home / "data"  # initdb makes both
    initdb = programs.postgres("initdb", settings.postgres_bin)
    chosen = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
    made = await asyncio.create_subprocess_exec(
        *(initdb, "--pgdata", str(data), f"--username={USER}", *chosen),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(environment),
    )
    words, _ = await made.communicate()
    if made.returncode:
        raise Refused(f"initdb failed: {words.decode(errors='replace').strip()[-WORDS_CHARS_MAX:]}")
    dsn = f"postgresql:///{DATABASE}?host={home}&user={USER}"
    wanted = {**POSTGRES_SETTINGS, "unix_socket_directories": str(home)}
    server = programs.postgres("postgres", settings.postgres_bin)
    arguments = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]

    async def ready() -> bool:
        pg = await asyncpg.connect(dsn, timeout=1)
        await pg.close()
        return True

    async with _running("postgres", [server, "-D", str(data), *arguments], home, environment, ready):
        yield dsn


@asynccontextmanager
async def _running(
    name: str, argv: list[str], home: Path, environment: Mapping[str, str], ready: Callable[[], Awaitable[bool]]
) -> AsyncIterator[None]:
    log = home / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, env=dict(environment)
        )
    try:
        await _until(name, process, log, ready)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_S)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until(
    name: str, process: asyncio.subprocess.Process, log: Path, ready: Callable[[], Awaitable[bool]]
) -> None:
    try:
        async with asyncio.timeout(READY_S):
            while process.returncode is None:
                with suppress(OSError, TimeoutError, asyncpg.PostgresError):
                    if await ready():
                        return
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise Refused(f"{name} was not ready within {READY_S:.0f} s") from None
    raise Refused(f"{name} ended with {process.returncode}: {_end_of(log)}")


def _written(file: Path, text: str) -> Path:
    """A file for our eyes only, in a folder for our eyes only."""
    file.parent.mkdir(mode=0o700)
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    return file


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-WORDS_CHARS_MAX:]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
