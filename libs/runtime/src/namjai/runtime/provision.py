"""Creates and migrates what the services find in NATS: streams, buckets, and who may do what there."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Final

from nats.aio.client import Client

from namjai.runtime.bus import connect
from namjai.runtime.dead import ADVISORY, DEAD_STREAM
from namjai.runtime.growing import grown, kept
from namjai.runtime.log import STREAM
from namjai.runtime.logs import configure_logs, get_logger
from namjai.runtime.objects import STREAM as MEDIA_STREAM
from namjai.runtime.objects import TTL_S_MAX
from namjai.runtime.provisioned import note
from namjai.runtime.settings import ServiceSettings
from namjai.runtime.timers import TIMER_STREAM
from namjai.runtime.version import VERSION

SERVICES: Final = ("gateway", "risk", "chat", "notify", "analytics")
DUPLICATE_WINDOW_S: Final = 1_800
"""Longer than a reply token can live (20 min), so that what LINE sends again never becomes a second event."""
DEAD_AGE_MAX_S: Final = 90 * 24 * 3600
CODES_AGE_MAX_S: Final = 180 * 24 * 3600
"""A registration code lives 90 days at most; a used one is remembered as long again."""
CONFIG_HISTORY: Final = 32
MEDIA_BYTES_MAX: Final = 20 * 1024**3
MEDIA_AGE_MAX_S: Final = TTL_S_MAX + 3_600
"""Each object has a time of its own; this is for one whose time was forgotten."""
API_DEADLINE_S: Final = 10
ENTRY_POINTS: Final = "namjai.provision"
_NOT_FOUND: Final = 10059

_log = get_logger(__name__)


@dataclass(frozen=True)
class Permissions:
    """What one NATS user may say and hear."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def _stream(name: str, subjects: list[str], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "subjects": subjects,
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "duplicate_window": DUPLICATE_WINDOW_S * 10**9,
        **more,
    }


def _bucket(name: str, history: int = 1, max_age_s: int = 0) -> dict[str, Any]:
    return _stream(
        f"KV_{name}",
        [f"$KV.{name}.>"],
        max_msgs_per_subject=history,
        max_age=max_age_s * 10**9,
        discard="new",
        allow_rollup_hdrs=True,
        allow_direct=True,
        allow_msg_ttl=True,
        duplicate_window=120 * 10**9,
    )


STREAMS: Final = (
    _stream(STREAM, ["evt.>"], allow_direct=True, allow_atomic=True),
    _stream(TIMER_STREAM, ["sched.>", "timer.>"], allow_msg_schedules=True, allow_msg_ttl=True, allow_direct=True),
    _stream(
        DEAD_STREAM,
        ["dead.>", "again.>", f"{ADVISORY}.>"],
        allow_direct=True,
        max_age=DEAD_AGE_MAX_S * 10**9,
    ),
    _stream("AUDIT", ["audit.>"], allow_direct=True),
    _bucket("keys"),
    _bucket("identities"),
    _bucket("config", CONFIG_HISTORY),
    _bucket("snapshots"),
    _bucket("codes", max_age_s=CODES_AGE_MAX_S),
    _stream(
        MEDIA_STREAM,
        ["$O.media.C.>", "$O.media.M.>"],
        discard="new",
        allow_rollup_hdrs=True,
        allow_direct=True,
        allow_msg_ttl=True,
        max_bytes=MEDIA_BYTES_MAX,
        max_age=MEDIA_AGE_MAX_S * 10**9,
    ),
)

_ANYBODY_SAYS: Final = ("$JS.ACK.>", "$JS.API.INFO", "dead.*.>", "$SRV.>")
_EVERYBODY_READS: Final = (
    f"$JS.API.STREAM.INFO.{STREAM}",
    f"$JS.API.DIRECT.GET.{STREAM}",
    f"$JS.API.DIRECT.GET.{STREAM}.>",
    "$JS.API.STREAM.INFO.KV_keys",
    "$JS.API.STREAM.INFO.KV_config",
    "$JS.API.STREAM.INFO.KV_snapshots",
    "$JS.API.DIRECT.GET.KV_keys.>",
    "$JS.API.DIRECT.GET.KV_config.>",
    "$JS.API.DIRECT.GET.KV_snapshots.>",
    "$JS.API.STREAM.MSG.GET.KV_config",
    "$JS.API.STREAM.MSG.GET.KV_keys",  # the leader is asked for what a replica does not know
    "$JS.API.DIRECT.GET.KV_config",  # an earlier revision
    "$JS.API.CONSUMER.CREATE.KV_config",  # nats-py asks so for a watch, which has no name
    "$JS.API.CONSUMER.CREATE.KV_config.>",
    "$JS.API.CONSUMER.INFO.KV_config.>",
    "$JS.API.CONSUMER.DELETE.KV_config.>",
    "$JS.FC.>",
)


BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "risk": ("risk-monitor", "risk-opinion"),
    "chat": ("chat-reminders",),
    "notify": ("notify-urgent", "notify-alerts", "notify-staff", "notify-menus", "notify-mail"),
}
"""Positions in the log that a service may have beside the one of its own name."""


def durables(name: str) -> list[tuple[str, str]]:
    """Stream and name of each durable consumer that a service may have."""
    found = [(TIMER_STREAM, f"{name}-timers")]
    for consumer in (name, *BESIDE.get(name, ())):
        found += [(STREAM, consumer), (DEAD_STREAM, f"{consumer}-again"), (DEAD_STREAM, f"{consumer}-lost")]
    return found


def _service(
    name: str,
    says: tuple[str, ...],
    *,
    asks: tuple[str, ...] = (),
    hears: tuple[str, ...] = (),
) -> Permissions:
    own = tuple(
        f"$JS.API.CONSUMER.{verb}.{stream}.{durable}"
        for stream, durable in durables(name)
        for verb in ("CREATE", "MSG.NEXT", "INFO")
    )
    own += (f"$JS.API.CONSUMER.CREATE.{STREAM}.{name}.>",)
    return Permissions(
        publish=(
            *says,
            *asks,
            *own,
            *_ANYBODY_SAYS,
            *_EVERYBODY_READS,
            f"$JS.API.DIRECT.GET.{DEAD_STREAM}",
            f"dead.{name}.>",
            f"sched.{name}.>",
            f"$JS.API.STREAM.PURGE.{TIMER_STREAM}",
            f"_INBOX.{name}.>",
            "_INBOX.*.>",
        ),
        subscribe=(f"_INBOX.{name}.>", f"api.{name}.>", "$SRV.>", "$KV.keys.>", "$KV.config.>", *hears),
    )


_NEW_KEYS: Final = ("$KV.keys.>",)
_READS_MEDIA: Final = (f"$JS.API.DIRECT.GET.{MEDIA_STREAM}", f"$JS.API.DIRECT.GET.{MEDIA_STREAM}.>")
_NO_RECORD: Final = (MEDIA_STREAM, DEAD_STREAM, TIMER_STREAM, "KV_snapshots")
"""What may be cut by its age."""
ACCOUNTS: Final[Mapping[str, Permissions]] = {
    "gateway": _service(
        "gateway",
        ("evt.message.>", "evt.member.>", "audit.>", "$KV.identities.>", *_NEW_KEYS),
        asks=(
            "api.>",
            "$JS.API.STREAM.INFO.KV_identities",
            "$JS.API.DIRECT.GET.KV_identities.>",
            "$JS.API.STREAM.MSG.DELETE.KV_keys",
            "$JS.API.STREAM.MSG.DELETE.KV_identities",
            *_READS_MEDIA,
        ),
        hears=("$KV.identities.>",),
    ),
    "risk": _service("risk", ("evt.risk.>", "evt.alert.raised.*")),
    "chat": _service(
        "chat",
        (
            "evt.reply.>",
            "evt.conversation.>",
            "evt.member.>",
            "evt.instrument.>",
            "evt.checkin.>",
            "evt.plan.>",
            "evt.leaflet.>",
            "evt.memory.>",
            "evt.media.>",
            "evt.mail.requested.*",
            "evt.message.removed.*",
            "evt.alert.raised.*",
            f"$JS.API.STREAM.MSG.DELETE.{STREAM}",
            "$KV.snapshots.chat.>",
            "$KV.codes.>",
            "$JS.API.STREAM.INFO.KV_codes",
            "$JS.API.DIRECT.GET.KV_codes.>",
            "api.notify.loading",
            "api.risk.screen",
            "$O.media.>",
            f"$JS.API.STREAM.PURGE.{MEDIA_STREAM}",
            *_READS_MEDIA,
            *_NEW_KEYS,
        ),
    ),
    "notify": _service(
        "notify",
        ("evt.delivery.>", "evt.alert.>", "evt.duty.>", "evt.mail.sent.*", "evt.mail.failed.*"),
    ),
    "analytics": _service("analytics", ("evt.achievement.>", "evt.report.>")),
    # The job that copies talks to a store outside: it reads everything, sealed and wrapped as it is, and writes nothing
    # but its own notes.
    "backup": Permissions(
        publish=(
            "$JS.API.STREAM.NAMES",
            "$JS.API.STREAM.SNAPSHOT.*",
            "$JS.SNAPSHOT.ACK.>",
            "$KV.config.operations.>",
        ),
        subscribe=("_INBOX.operations.>",),
    ),
    # The jobs that keep house. Rotation writes keys anew. Retention cuts what is no record, and asks the gateway to
    # forget people; it can cut neither the log of events nor the audit.
    "operations": Permissions(
        publish=(
            "$KV.config.operations.>",
            *(f"$JS.API.STREAM.INFO.{stream}" for stream in (STREAM, "KV_keys", *_NO_RECORD)),
            *(f"$JS.API.DIRECT.GET.{stream}" for stream in (STREAM, "KV_keys", "KV_codes", *_NO_RECORD)),
            "$JS.API.DIRECT.GET.KV_keys.>",
            "$JS.API.STREAM.MSG.GET.KV_keys",
            *_NEW_KEYS,
            *(f"$JS.API.STREAM.PURGE.{stream}" for stream in _NO_RECORD),
            f"$JS.API.CONSUMER.INFO.{TIMER_STREAM}.*",
            "evt.member.erasure_requested.*",
        ),
        subscribe=("_INBOX.operations.>",),
    ),
}
"""One NATS user per service, and two for the jobs. `provision`, `restore` and people's tools use an administrator."""


async def provision(nc: Client, replicas: int = 1) -> list[str]:
    """Create every stream and bucket, or let it grow to what is wanted. Returns what it did, a line each.

    Safe to repeat, and for an older release, too: nothing that is there becomes less (`namjai.runtime.growing`).
    Raises `CannotBecome` before anything is changed when a stream is of another kind.
    """
    there = {str(wanted["name"]): await _there(nc, str(wanted["name"])) for wanted in STREAMS}
    plan = []
    for wanted in STREAMS:
        name, config = str(wanted["name"]), {**wanted, "num_replicas": replicas}
        if (exists := there[name]) is None:
            plan.append(("CREATE", name, config))
        elif (larger := grown(exists, config)) != exists:
            plan.append(("UPDATE", name, larger))
        if exists is not None and (wider := kept(exists, config)):
            _log.warning("stream_stays_wider", stream=name, settings=wider)
    for verb, name, config in plan:
        answer = await _api(nc, f"$JS.API.STREAM.{verb}.{name}", config)
        if "error" in answer:
            raise RuntimeError(f"cannot {verb.lower()} {name}: {answer['error'].get('description')}")
    return [f"{verb.lower()}d {name}" for verb, name, _ in plan]


async def _there(nc: Client, name: str) -> dict[str, Any] | None:
    info = await _api(nc, f"$JS.API.STREAM.INFO.{name}", {})
    if "error" not in info:
        config: dict[str, Any] = info["config"]
        return config
    if info["error"].get("err_code") == _NOT_FOUND:
        return None
    raise RuntimeError(f"cannot look at {name}: {info['error']}")


async def _api(nc: Client, subject: str, query: dict[str, Any]) -> dict[str, Any]:
    answer = await nc.request(subject, json.dumps(query).encode(), timeout=API_DEADLINE_S)
    body: dict[str, Any] = json.loads(answer.data)
    return body


async def main() -> int:
    """Provision NATS, then what the installed services bring along (`namjai.provision` entry points: migrations)."""
    settings = ServiceSettings()
    configure_logs("provision", VERSION, level=settings.log_level, log_format=settings.log_format)
    password = settings.nats_password.get_secret_value() if settings.nats_password else None
    ca_file = str(settings.nats_ca_file) if settings.nats_ca_file else None
    nc = await connect(settings.nats_url, name="provision", user=settings.nats_user, password=password, ca_file=ca_file)
    try:
        for line in await provision(nc, settings.stream_replicas):
            _log.info("provisioned", what=line)
        if failed := await _brought_along():
            return failed
        _log.info("provisioned", what=await note(nc, STREAMS))
    finally:
        await nc.close()
    return 0


async def _brought_along() -> int:
    failed = 0
    for step in entry_points(group=ENTRY_POINTS):
        try:
            await step.load()()
        except Exception:
            _log.exception("provision_step_failed", what=step.name)
            failed = 1
        else:
            _log.info("provisioned", what=step.name)
    return failed


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
