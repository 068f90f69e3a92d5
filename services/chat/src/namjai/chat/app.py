"""Wires the chat service: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import nats.errors

from namjai.chat.adapters.models.choose import open_model
from namjai.chat.adapters.snapshots import KvSnapshots
from namjai.chat.adapters.watch import Watch
from namjai.chat.conversation import Conversations
from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.rehearse import rehearse
from namjai.chat.handlers import HANDLERS, Front
from namjai.chat.ports import Chat
from namjai.chat.settings import ChatSettings
from namjai.chat.skills.support import preload
from namjai.events import Fact
from namjai.events.conversation import TurnSkipped
from namjai.events.reply import ReplyIssued
from namjai.runtime.lease import Leases, RedisLeaseStore
from namjai.runtime.redis_link import RedisLink
from namjai.runtime.serve import Runtime, runtime, until_stopped


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    settings = ChatSettings()
    preload()
    rehearse(datetime.now(UTC))
    async with runtime(settings, "chat", stop) as service, open_model(settings, service.metrics) as model:
        watch = Watch(service.journal.log, every_s=settings.watch_poll_ms / 1_000)
        redis = RedisLink.from_settings(settings, service.metrics)
        chat = Chat(
            journal=service.journal,
            snapshots=KvSnapshots(await service.js.key_value("snapshots")),
            clinic=Clinic(
                language=settings.default_language,
                country=settings.country,
                zone=ZoneInfo(settings.timezone),
                contact_policy=settings.contact_policy,
            ),
            clock=lambda: datetime.now(UTC),
            lease=_lease(Leases(RedisLeaseStore(redis), service.metrics)),
            loading=_loading(service, settings.loading_seconds),
            turns=_counter(service),
            watch=watch.known,
            model=model,
            model_wait_s=settings.model_deadline_ms / 1_000 + 1,
        )
        conversations = Conversations(chat, settings.rules(), states_max=settings.states_max)
        front = Front(conversations, service.journal)
        try:
            await until_stopped(service, service.consumer(HANDLERS, front).run, watch.run)
        finally:
            await redis.close()


def _lease(leases: Leases) -> Callable[[str], AbstractAsyncContextManager[bool]]:
    @asynccontextmanager
    async def lease(member: str) -> AsyncIterator[bool]:
        async with leases.hold(f"chat:{member}") as held:
            yield held is not None

    return lease


def _loading(service: Runtime, seconds: int) -> Callable[[str], Awaitable[None]]:
    async def show(to: str) -> None:
        payload = json.dumps({"to": to, "seconds": seconds}).encode()
        try:
            await service.nc.publish("api.notify.loading", payload)
        except nats.errors.Error:
            return

    return show


def _counter(service: Runtime) -> Callable[[Fact], None]:
    turns = service.metrics.counter("turns", "Turns taken, by kind and screening.", ("kind", "screened"))

    def count(fact: Fact) -> None:
        if isinstance(fact, ReplyIssued):
            turns.labels(fact.kind, str(fact.screened)).inc()
        elif isinstance(fact, TurnSkipped):
            turns.labels("skipped", "True").inc()

    return count
