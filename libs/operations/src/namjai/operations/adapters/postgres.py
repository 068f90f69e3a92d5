"""PostgreSQL's own tools, `pg_dump` and `pg_restore`, as streams; and what there is in a database, by count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

from namjai.operations.adapters import programs
from namjai.operations.ports import Refused
from namjai.operations.settings import OperationsSettings

READ_BYTES: Final = 256 * 1024
STOP_S: Final = 5.0
WORDS_CHARS_MAX: Final = 600
AFTER_PROVISIONING: Final = frozenset({"analytics.migrations", "analytics_read.position"})
"""These have rows before anything has happened."""
_TABLES: Final = """
    SELECT n.nspname AS schema, c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Dump:
    """One moment of a database: how many rows each table has then, and its dump as it comes."""

    rows: Mapping[str, int]
    pieces: AsyncIterator[bytes]


class Database:
    """One database, by its address."""

    def __init__(self, dsn: str, settings: OperationsSettings) -> None:
        self._dsn = dsn
        self._connect_deadline_s = settings.postgres_connect_deadline_s
        self._bin = settings.postgres_bin
        self._environment = settings.environment_of_tools()

    @asynccontextmanager
    async def dump(self) -> AsyncIterator[Dump]:
        """Everything in it, as of now. Reading raises `Refused` when pg_dump fails."""
        async with self._connection() as pg, pg.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await pg.fetchval("SELECT pg_export_snapshot()")
            rows = await _rows(pg)
            arguments = ("--format=custom", "--compress=1", f"--snapshot={snapshot}", "--no-password")
            async with self._tool("pg_dump", *arguments, reads=False) as process:
                yield Dump(rows, _Output("pg_dump", process))

    async def rows(self) -> Mapping[str, int]:
        """How many rows each table has."""
        async with self._connection() as pg, pg.transaction(isolation="repeatable_read", readonly=True):
            return await _rows(pg)

    async def is_fresh(self) -> bool:
        """Whether nothing has happened in it yet; provisioning may have been there."""
        rows = await self.rows()
        return not any(count for table, count in rows.items() if table not in AFTER_PROVISIONING)

    async def clear(self) -> None:
        """Drop every schema but `public`. Raises `Refused` when that one holds tables: they are not ours."""
        async with self._connection() as pg:
            schemas = {row["schema"] for row in await pg.fetch(_TABLES)}
            if "public" in schemas:
                raise Refused("the schema `public` holds tables, and none of Namjai's are there: empty it yourself")
            async with pg.transaction():
                for schema in sorted(schemas):
                    quoted = schema.replace('"', '""')
                    await pg.execute(f'DROP SCHEMA "{quoted}" CASCADE')

    async def restore(self, pieces: AsyncIterator[bytes]) -> None:
        """Fill it from a dump, all or nothing. Raises `Refused` when pg_restore fails."""
        arguments = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-comments")
        async with self._tool("pg_restore", *arguments, "--no-password", reads=True) as process:
            assert process.stdin is not None
            with suppress(BrokenPipeError, ConnectionResetError):  # it says why itself, and that is told below
                async for piece in pieces:
                    process.stdin.write(piece)
                    await process.stdin.drain()
                process.stdin.close()
                await process.stdin.wait_closed()
            await _ended("pg_restore", process)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        pg = await asyncpg.connect(self._dsn, timeout=self._connect_deadline_s)
        try:
            yield pg
        finally:
            await pg.close()

    @asynccontextmanager
    async def _tool(self, name: str, *arguments: str, reads: bool) -> AsyncIterator[asyncio.subprocess.Process]:
        """One of PostgreSQL's programs at work on this database; it does not outlive the block."""
        address, password = _without_password(self._dsn)
        process = await asyncio.create_subprocess_exec(
            *(programs.postgres(name, self._bin), f"--dbname={address}", *arguments),
            stdin=asyncio.subprocess.PIPE if reads else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL if reads else asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**self._environment, "PGPASSWORD": password},
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def _rows(pg: asyncpg.Connection) -> dict[str, int]:
    counted = {}
    for row in await pg.fetch(_TABLES):
        quoted = ".".join('"' + row[part].replace('"', '""') + '"' for part in ("schema", "name"))
        counted[f"{row['schema']}.{row['name']}"] = await pg.fetchval(f"SELECT count(*) FROM {quoted}")  # noqa: S608
    return counted


class _Output:
    """What a program writes; at its end it is asked how it went."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self._name = name
        self._process = process

    def __aiter__(self) -> _Output:
        return self

    async def __anext__(self) -> bytes:
        assert self._process.stdout is not None
        if piece := await self._process.stdout.read(READ_BYTES):
            return piece
        await _ended(self._name, self._process)
        raise StopAsyncIteration


async def _ended(name: str, process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    words = await process.stderr.read()
    if await process.wait():
        raise Refused(f"{name} failed: {words.decode(errors='replace').strip()[-WORDS_CHARS_MAX:]}")


def _without_password(dsn: str) -> tuple[str, str]:
    """The address as everybody may see it in the list of processes, and the password."""
    parts = urlsplit(dsn)
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    netloc = f"{name}@{host}" if name else host
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{netloc}{parts.path}{query}", unquote(password)
