"""What `namjai up` runs: which processes, with which settings, in which order. The only wiring of the devkit."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from namjai.devkit.child import Child, ChildFailed
from namjai.devkit.embedded.door import Door
from namjai.devkit.embedded.nats import NatsServer, NatsUser, admin, nats_cluster
from namjai.devkit.embedded.ports import LOOPBACK, free_port
from namjai.devkit.embedded.postgres import PostgresServer
from namjai.devkit.embedded.valkey import ValkeyServer
from namjai.devkit.home import ADMIN, ROUTE, Home, Run, Secrets, ServiceAddress
from namjai.devkit.line.people import STAFF
from namjai.devkit.probe import http_ok
from namjai.devkit.supervisor import Stage
from namjai.runtime.provision import ACCOUNTS, SERVICES

MODEL_VARIABLES = ("NAMJAI_MODEL", "NAMJAI_MODELS")
MODEL_REQUESTS_PER_MINUTE = 100_000
"""The played model costs nothing."""
DRAIN_S = 2.5
STOP_DEADLINE_S = 4.0
START_DEADLINE_S = 45.0
REPAIR_DEADLINE_S = 3_600.0
REPLICAS_MAX = 16
NATS_NODES = (1, 3, 5)
"""An even number of servers survives no more losses than one less."""
COPIES_MAX = 3
RUNNING_STAGE = "services"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the person at the keyboard may choose."""

    port: int | None = None
    replicas: Mapping[str, int] = field(default_factory=dict)
    nats_nodes: int | None = None
    """None: as many as the home has the log of."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One process of one service; its private port stays the same over restarts, so watchers need not look again."""

    of: str
    replica: int
    name: str
    child: Child
    private_port: int

    @property
    def address(self) -> ServiceAddress:
        """Where to watch it. Between its death and its next start the pid is the old one."""
        base = f"http://{LOOPBACK}:{self.private_port}"
        return ServiceAddress(pid=self.child.last_pid, health_url=f"{base}/readyz", metrics_url=f"{base}/metrics")


class Stack:
    """All processes of one run, and the addresses they get."""

    def __init__(self, home: Home, options: Options) -> None:
        self._home = home
        self._secrets: Secrets = home.secrets((ADMIN, ROUTE, *ACCOUNTS))
        self.nats = self._nats_servers(options.nats_nodes)
        self.postgres = PostgresServer(
            home=home.data("postgres"), password=self._secrets.postgres_password, log=home.logs / "postgres.log"
        )
        self.valkey = ValkeyServer(
            home=home.data("valkey"), password=self._secrets.redis_password, log=home.logs / "valkey.log"
        )
        self._gateway_port = options.port or free_port()
        self._door = Door(self._gateway_port)
        self._simulator_port = free_port()
        self._smtp_port = free_port()
        self._model_port = free_port()
        self.simulator = self._simulator()
        self.model = self._fake_model() if _plays_model() else None
        self.services = [self.another(name, n) for name in SERVICES for n in range(options.replicas.get(name, 1))]

    @property
    def stages(self) -> Sequence[Stage]:
        """The order of the start; the stop is its reverse."""
        return [
            Stage(
                "servers",
                [
                    *(server.child for server in self.nats),
                    *(self.postgres.child, self.valkey.child, self.simulator),
                    *([self.model] if self.model else []),
                ],
            ),
            Stage("provision", [self._provision(), self._rich_menus()], job=True),
            Stage(RUNNING_STAGE, [service.child for service in self.services]),
        ]

    def repair(self, name: str, module: str, *arguments: str, **more: str) -> Sequence[Stage]:
        """The servers alone, and one job that works on them while no service does; `more` are settings of its own."""
        job = self._child(name, module, *arguments, settings=self._common(ADMIN) | self._analytics() | more)
        job.start_deadline_s = REPAIR_DEADLINE_S
        return [
            Stage("servers", [*(server.child for server in self.nats), self.postgres.child]),
            Stage("provision", [self._provision()], job=True),
            Stage(name, [job], job=True),
        ]

    def run(self) -> Run:
        """The run contract, as it stands now."""
        gateway = f"http://{LOOPBACK}:{self._gateway_port}"
        return Run(
            gateway_url=gateway,
            webhook_url=f"{gateway}/webhook/line",
            channel_secret=self._secrets.channel_secret,
            channel_access_token=self._secrets.channel_access_token,
            simulator_url=f"http://{LOOPBACK}:{self._simulator_port}",
            console_url=f"{gateway}/console/",
            nats_url=",".join(server.url for server in self.nats),
            nats_monitor_urls={server.name: server.monitor_url for server in self.nats},
            postgres_dsn=self.postgres.dsn,
            redis_url=self.valkey.url,
            smtp_url=f"smtp://{LOOPBACK}:{self._smtp_port}",
            services={service.name: service.address for service in sorted(self.services, key=_in_order)},
            model_url=f"http://{LOOPBACK}:{self._model_port}" if self.model else None,
        )

    def _child(self, name: str, module: str, *arguments: str, settings: Mapping[str, str]) -> Child:
        return Child(
            name=name,
            argv=[sys.executable, "-m", module, *arguments],
            log=self._home.logs / f"{name}.log",
            env={**os.environ, **{f"NAMJAI_{key.upper()}": value for key, value in settings.items()}},
            start_deadline_s=START_DEADLINE_S,
            stop_deadline_s=STOP_DEADLINE_S,
        )

    def _simulator(self) -> Child:
        settings = {
            "port": str(self._simulator_port),
            "smtp_port": str(self._smtp_port),
            "webhook_url": f"http://{LOOPBACK}:{self._gateway_port}/webhook/line",
            "channel_secret": self._secrets.channel_secret,
            "access_token": self._secrets.channel_access_token,
            "redelivery": "yes",
            "public_url": f"http://{LOOPBACK}:{self._gateway_port}",
        }
        child = self._child(
            "simulator", "namjai.devkit.line", settings={f"sim_{name}": value for name, value in settings.items()}
        )
        child.probe = partial(http_ok, self._simulator_port, "/_sim/")
        return child

    def _fake_model(self) -> Child:
        """Gemini, played on loopback; only where `fake` is among the models, which says whose words these are."""
        child = self._child("model", "namjai.devkit.gemini", "--port", str(self._model_port), settings={})
        child.probe = partial(http_ok, self._model_port, "/_fake/calls")
        return child

    def _provision(self) -> Child:
        settings = self._common(ADMIN) | self._analytics()  # analytics brings its migrations along
        settings["stream_replicas"] = str(min(len(self.nats), COPIES_MAX))
        return self._child("provision", "namjai.runtime.provision", settings=settings)

    def _rich_menus(self) -> Child:
        """The simulator forgets them when it ends, so they are put there at every start."""
        return self._child("rich-menus", "namjai.notify.menus", "setup", settings=self._notify())

    def _nats_servers(self, wanted: int | None) -> list[NatsServer]:
        """One server, or a cluster. The log of the one is not the log of the other, so a home stays with its number."""
        found = self._home.nats_nodes
        if wanted and found and wanted != found:
            raise ChildFailed(
                f"{self._home.path} holds the log of {found} NATS server(s), so {wanted} cannot run there"
            )
        nodes, users = wanted or found or 1, nats_users(self._secrets)
        if nodes == 1:
            return [NatsServer(home=self._home.data("nats"), users=users, log=self._home.logs / "nats.log")]
        homes = [self._home.nats_cluster / str(n + 1) for n in range(nodes)]
        return nats_cluster(homes, users=users, password=self._secrets.nats_password(ROUTE), logs=self._home.logs)

    def another(self, service: str, replica: int) -> Service:
        """One more process of a service, or one to take the place of the `replica`-th; not started."""
        port = free_port()
        own = {
            "gateway": self._gateway,
            "chat": self._chat,
            "notify": self._notify,
            "analytics": self._analytics,
        }
        settings = self._common(service) | own.get(service, dict[str, str])()
        settings |= {"private_port": str(port), "drain_s": str(DRAIN_S)}
        name = service if replica == 0 else f"{service}-{replica + 1}"
        child = self._child(name, f"namjai.{service}", settings=settings)
        child.probe = partial(http_ok, port, "/readyz")
        if service == "gateway":
            child.prepare = partial(self._share_door, child)
        return Service(of=service, replica=replica, name=name, child=child, private_port=port)

    async def _share_door(self, gateway: Child) -> None:
        number = self._door.open()
        gateway.inherits = (number,)
        gateway.env = {**(gateway.env or {}), "NAMJAI_PUBLIC_SOCKET": str(number)}

    def _common(self, user: str) -> dict[str, str]:
        return {
            "nats_url": ",".join(server.server_url for server in self.nats),
            "nats_user": user,
            "nats_password": self._secrets.nats_password(user),
            "redis_url": self.valkey.url,
            "log_format": "json",
            "master_keys": self._secrets.master_keys,
        }

    def _gateway(self) -> dict[str, str]:
        return {
            "public_port": str(self._gateway_port),
            "channel_secrets": self._secrets.channel_secret,
            "identity_key": self._secrets.identity_key,
            "media_secret": self._secrets.media_secret,
        }

    def _chat(self) -> dict[str, str]:
        line = f"http://{LOOPBACK}:{self._simulator_port}"
        settings = {
            "line_api_url": line,
            "line_data_url": line,
            "line_channel_access_token": self._secrets.channel_access_token,
            "public_url": f"http://{LOOPBACK}:{self._gateway_port}",
            "media_secret": self._secrets.media_secret,
        }
        if self.model:
            settings["gemini_base_url"] = f"http://{LOOPBACK}:{self._model_port}"
            settings["model_requests_per_minute"] = str(MODEL_REQUESTS_PER_MINUTE)
        return settings

    def _analytics(self) -> dict[str, str]:
        return {"postgres_dsn": self.postgres.dsn}

    def _notify(self) -> dict[str, str]:
        return {
            "line_api_url": f"http://{LOOPBACK}:{self._simulator_port}",
            "line_data_url": f"http://{LOOPBACK}:{self._simulator_port}",
            "line_channel_access_token": self._secrets.channel_access_token,
            "smtp_url": f"smtp://{LOOPBACK}:{self._smtp_port}",
            "console_url": f"http://{LOOPBACK}:{self._gateway_port}/console/",
            "staff": json.dumps(staff()),
        }


def _in_order(service: Service) -> tuple[int, int]:
    return SERVICES.index(service.of), service.replica


def _plays_model() -> bool:
    """Whether `fake` is among the models that chat is told of."""
    return any("fake" in os.environ.get(name, "").replace(" ", "").split(",") for name in MODEL_VARIABLES)


def staff() -> list[dict[str, object]]:
    """The simulator's staff phones, so that a newcomer sees an alert arrive: first line first."""
    return [
        {"name": person.key, "level": level, "line_user": person.user_id, "email": f"{person.key}@clinic.example"}
        for level, person in enumerate(STAFF, start=1)
    ]


def nats_users(secrets: Secrets) -> list[NatsUser]:
    """One NATS user a service with the permissions that production gives it, and an administrator for people."""
    services = [
        NatsUser(name=name, password=secrets.nats_password(name), publish=may.publish, subscribe=may.subscribe)
        for name, may in ACCOUNTS.items()
    ]
    return [admin(secrets.nats_password(ADMIN)), *services]
