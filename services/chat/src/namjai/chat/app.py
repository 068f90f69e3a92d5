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
from namjai.chat.adapters.models.mind import Elsewhere, OneMind
from namjai.chat.adapters.snapshots import KvSnapshots
from namjai.chat.adapters.watch import Watch
from namjai.chat.conversation import Conversations
from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.rehearse import rehearse
from namjai.chat.handlers import HANDLERS, Front
from namjai.chat.ports import Chat, Desk, Model
from namjai.chat.records import MemberRecords
from namjai.chat.settings import ChatSettings
from namjai.chat.skills.skill import Skills, ordered
from namjai.chat.skills.table import ALL
from namjai.events import Fact
from namjai.events.conversation import TurnSkipped
from namjai.events.reply import ReplyIssued
from namjai.events.uses import ModelUse
from namjai.runtime.lease import Leases, RedisLeaseStore
from namjai.runtime.redis_link import RedisLink
from namjai.runtime.serve import Runtime, runtime, until_stopped


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    settings = ChatSettings()
    skills = Skills(ordered(ALL, settings.skill_names(skill.name for skill in ALL)))
    skills.preload()
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
            skills=skills,
            desk=_desk(service, model, settings.model_deadline_ms / 1_000 + 1),
        )
        conversations = Conversations(chat, settings.rules(), states_max=settings.states_max)
        front = Front(conversations, service.journal)
        try:
            await until_stopped(service, service.consumer(HANDLERS, front).run, watch.run)
        finally:
            await redis.close()


def _desk(service: Runtime, model: Model | None, wait_s: float) -> Callable[[str, list[ModelUse], bool], Desk]:
    elsewhere = Elsewhere(wait_s) if model is not None else None

    def desk(member: str, uses: list[ModelUse], mine: bool) -> Desk:
        mind = OneMind(model, uses.append) if model is not None and mine else elsewhere
        return Desk(records=MemberRecords(service.journal, member), mind=mind)

    return desk


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
