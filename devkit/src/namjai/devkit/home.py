"""The folder of one run: its lock, its secrets made once, and `run.json` for whoever wants to talk to it."""

import base64
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

ADMIN = "admin"
"""The NATS user of people's tools."""
ROUTE = "route"
"""Whose password lets one NATS server join the others."""
STOP_DEADLINE_S = 15.0
POLL_S = 0.05


class AlreadyRunning(Exception):
    """Another `namjai up` holds this home."""


class NotRunning(Exception):
    """There is no `namjai up` in this home."""


class ServiceAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where one service process can be watched."""

    pid: int
    health_url: str
    metrics_url: str


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`run.json`: every address and secret that a client of this run needs. Others test against these names."""

    gateway_url: str
    webhook_url: str
    channel_secret: str
    channel_access_token: str
    simulator_url: str
    console_url: str
    nats_url: str
    """Every server's address, comma separated."""
    postgres_dsn: str
    redis_url: str
    smtp_url: str
    services: dict[str, ServiceAddress]
    model_url: str | None = None
    """The played model, where there is one."""
    nats_monitor_urls: dict[str, str] = msgspec.field(default_factory=dict)
    """By the server's name, which is also its process's."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """What has to stay the same from one start to the next, or stored data could not be read any more."""

    channel_secret: str
    channel_access_token: str
    master_keys: str
    identity_key: str
    postgres_password: str
    redis_password: str
    nats_passwords: dict[str, str]
    media_secret: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(32))
    """Newer than some homes: those get one at their next start, and links given out before end."""

    @classmethod
    def generate(cls) -> "Secrets":
        """New ones, from the system's randomness."""
        return cls(
            channel_secret=secrets.token_hex(16),
            channel_access_token=secrets.token_urlsafe(64),
            master_keys="m1:" + _key(),
            identity_key=_key(),
            postgres_password=secrets.token_urlsafe(16),
            redis_password=secrets.token_urlsafe(16),
            nats_passwords={},
        )

    def nats_password(self, user: str) -> str:
        """The password of one NATS user; made when first asked for, so a new service needs no migration."""
        return self.nats_passwords.setdefault(user, secrets.token_urlsafe(16))


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Home:
    """Names of the files in a home, and reading and writing them whole."""

    path: Path

    @property
    def run_file(self) -> Path:
        """Addresses and secrets, there while the run is ready."""
        return self.path / "run.json"

    @property
    def control(self) -> Path:
        """The socket through which a run is scaled."""
        return self.path / "control"

    @property
    def logs(self) -> Path:
        """One bounded log file per process."""
        return self.path / "logs"

    def data(self, name: str) -> Path:
        """One server's data."""
        return self.path / name

    @property
    def nats_cluster(self) -> Path:
        """The data of several NATS servers, a folder each; that of a single one is in `nats`."""
        return self.path / "nats-cluster"

    @property
    def nats_nodes(self) -> int | None:
        """How many NATS servers keep this home's log; None while there is none."""
        several = len(list(self.nats_cluster.glob("[0-9]*")))
        return several or (1 if self.data("nats").exists() else None)

    def held(self, name: str) -> Path:
        """While this file exists a dead process stays dead: `namjai hold` makes it, `namjai release` removes it."""
        return self.path / "held" / name

    def make(self) -> None:
        """Create the folder, for its owner only."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        self.held("").mkdir(exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home. The kernel lets go when we die, however we die. Raises AlreadyRunning."""
        with (self.path / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(f"Namjai is already running in {self.path}") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def owner(self) -> int:
        """The process id of the run that holds this home. Raises NotRunning."""
        lock = self.path / "lock"
        if not lock.exists():
            raise NotRunning(f"nothing runs in {self.path}")
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0)
        raise NotRunning(f"nothing runs in {self.path}")

    def wait_until_free(self, deadline_s: float = STOP_DEADLINE_S) -> bool:
        """Wait for the end of the run that holds this home; False when it did not end in time."""
        deadline = time.monotonic() + deadline_s
        while time.monotonic() < deadline:
            try:
                self.owner()
            except NotRunning:
                return True
            time.sleep(POLL_S)
        return False

    def secrets(self, nats_users: tuple[str, ...]) -> Secrets:
        """This home's secrets, made at the first start."""
        file = self.path / "secrets.json"
        known = msgspec.json.decode(file.read_bytes(), type=Secrets) if file.exists() else Secrets.generate()
        for user in nats_users:
            known.nats_password(user)
        write_private(file, msgspec.json.format(msgspec.json.encode(known), indent=2))
        return known

    def run(self) -> Run:
        """The addresses of the run in this home. Raises NotRunning."""
        self.owner()
        if not self.run_file.exists():
            raise NotRunning(f"Namjai in {self.path} is starting or stopping; try again in a moment")
        return msgspec.json.decode(self.run_file.read_bytes(), type=Run)

    def write_run(self, run: Run) -> None:
        """Publish the addresses in one step, readable by the owner only."""
        write_private(self.run_file, msgspec.json.format(msgspec.json.encode(run), indent=2))

    def processes(self) -> dict[str, dict[str, int]]:
        """Name, pid and restarts of every process of the run, servers included."""
        file = self.path / "processes.json"
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def write_processes(self, processes: Mapping[str, Mapping[str, int]]) -> None:
        """Say who runs, for `namjai status` and for drills that want to kill one."""
        write_private(self.path / "processes.json", json.dumps(processes, indent=2).encode())

    def forget(self) -> None:
        """The run is over: nobody should find addresses of processes that are gone."""
        self.run_file.unlink(missing_ok=True)
        self.control.unlink(missing_ok=True)
        (self.path / "processes.json").unlink(missing_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Write by rename, mode 0600, so that a reader sees the old or the new file and never half of one."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data + b"\n")
    draft.replace(path)
