"""Wires the chat service: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import nats.errors

from namjai.chat import reminders
from namjai.chat.adapters.answers.opened import common_answers
from namjai.chat.adapters.codes import BUCKET as CODES
from namjai.chat.adapters.codes import Codes
from namjai.chat.adapters.content import LineContents, open_contents
from namjai.chat.adapters.links import MediaLinks, media_links
from namjai.chat.adapters.mailboxes import dns_addresses
from namjai.chat.adapters.models.choose import open_models
from namjai.chat.adapters.models.mind import TurnMind
from namjai.chat.adapters.models.models import Bounds, Models
from namjai.chat.adapters.models.screen import Screen
from namjai.chat.adapters.models.seen import SeenBefore
from namjai.chat.adapters.snapshots import KvSnapshots
from namjai.chat.adapters.taigi import open_taigi
from namjai.chat.adapters.watch import Watch
from namjai.chat.api import AWAY, endpoints
from namjai.chat.clinic import SECTION, ClinicSection, SkillsInForce
from namjai.chat.conversation import Conversations
from namjai.chat.desk import Desks, MindFor
from namjai.chat.domain import summary
from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.rehearse import rehearse
from namjai.chat.handlers import HANDLERS, Front
from namjai.chat.media.pictures import Pictures
from namjai.chat.media.sounds import Sounds
from namjai.chat.ports import Reader
from namjai.chat.reminders import Reminders
from namjai.chat.senses import Senses, prepared
from namjai.chat.settings import ChatSettings
from namjai.chat.skills.skill import Skills
from namjai.chat.skills.table import table
from namjai.chat.summaries import Summaries
from namjai.chat.surroundings import Chat
from namjai.events import Fact
from namjai.events.conversation import TurnSkipped
from namjai.events.media import MediaKind
from namjai.events.reply import ReplyIssued
from namjai.runtime.cache import Cache, RedisLevel
from namjai.runtime.config import ConfigStore, NatsConfigStore, live_section
from namjai.runtime.consumer import Consumer
from namjai.runtime.lease import Leases, RedisLeaseStore
from namjai.runtime.limiter import LocalLimiter, Rate, SharedLimiter
from namjai.runtime.micro import Ask, Endpoints
from namjai.runtime.objects import NatsObjects
from namjai.runtime.redis_link import RedisLink
from namjai.runtime.serve import Runtime, runtime, until_stopped
from namjai.runtime.timers import TimerConsumer
from namjai.runtime.version import VERSION


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    settings = ChatSettings()
    known = table(
        forms=settings.instruments_dir,
        services=settings.services_file,
        plants=settings.plants_file,
        picture_life=timedelta(seconds=settings.picture_open_s),
    )
    everything = Skills(known)
    everything.preload()
    skills = SkillsInForce(settings.skill_names(everything.names), known)
    rehearse(_now())
    sounds = Sounds(at_once=settings.media_at_once, minutes_max=settings.sound_minutes_max)
    async with (
        runtime(settings, "chat", stop) as service,
        open_models(settings, service.metrics, service.tracing) as models,
        open_contents(settings, service.metrics) as contents,
        live_section(SECTION, ClinicSection, await _config(service), service.metrics) as section,
        open_taigi(settings, sounds, media := _media(settings, service), service.metrics) as taigi,
    ):
        section.on_change(skills.apply)
        skills.apply(section.value)
        minds = _minds(settings, service, models)
        redis = RedisLink.from_settings(settings, service.metrics)
        if redis.configured:
            service.health.report("redis", redis.ping)
        readings = _readings(settings, service, redis)
        senses = _senses(settings, contents, sounds, everything.readers, _looking(settings, minds, readings))
        watch = Watch(service.journal.log, every_s=settings.watch_poll_ms / 1_000)
        codes = await _codes(settings, service, redis)
        lease = _lease(Leases(RedisLeaseStore(redis), service.metrics))
        summaries = _summaries(settings, service, minds, lease)
        answers = common_answers(settings, service.metrics, redis, minds, everything.writers, _now)
        chat = Chat(
            journal=service.journal,
            snapshots=KvSnapshots(await service.js.key_value("snapshots")),
            clinic=Clinic(
                language=settings.default_language,
                country=settings.country,
                zone=ZoneInfo(settings.timezone),
                contact_policy=settings.contact_policy,
            ),
            clock=_now,
            lease=lease,
            loading=_loading(service, settings.loading_seconds),
            turns=_counter(service),
            watch=watch.known,
            skills=skills.now,
            desk=Desks(
                journal=service.journal,
                mind=minds,
                model_wait_s=max(settings.model_deadline_ms, settings.model_work_deadline_ms) / 1_000 + 1,
                media=media,
                sounds=sounds,
                registrar=codes,
                taigi=taigi,
                context_tokens_max=settings.context_tokens_max,
                answers=answers,
                addresses=dns_addresses(settings.mail_dns),
            ).lay,
            senses=senses.perceive if senses is not None else None,
            after_turn=summaries.after_turn if summaries is not None else None,
        )
        rules = settings.rules(perceives=frozenset(everything.readers) if senses is not None else frozenset())
        conversations = Conversations(chat, rules, states_max=settings.states_max)
        service.pressure.may_prune("talks", conversations)
        service.pressure.may_prune("pictures", readings)
        if answers is not None:
            service.pressure.may_prune("answers", answers)
        front = Front(conversations, service.journal)
        try:
            await until_stopped(
                service,
                service.consumer(HANDLERS, front).run,
                watch.run,
                _endpoints(service, codes).run,
                *_reminders(service, settings, skills),
                *([summaries.run] if summaries is not None else []),
                *([answers.run] if answers is not None else []),
            )
        finally:
            await readings.close()
            if answers is not None:
                await answers.close()
            await redis.close()


def _summaries(
    settings: ChatSettings,
    service: Runtime,
    minds: MindFor | None,
    lease: Callable[[str], AbstractAsyncContextManager[bool]],
) -> Summaries | None:
    """None where no model could sum anything up."""
    if minds is None:
        return None
    summary.prompt()  # a broken file stops the start
    return Summaries(
        service.journal,
        minds,
        lease=lease,
        clock=_now,
        limiter=LocalLimiter("memory", Rate(settings.memory_summaries_per_minute, 60.0), service.metrics),
        metrics=service.metrics,
        language=settings.default_language,
    )


def _reminders(
    service: Runtime, settings: ChatSettings, skills: SkillsInForce
) -> list[Callable[[asyncio.Event], Awaitable[None]]]:
    """What keeps each person's timer as their facts say, and what answers a timer that comes."""
    at_work = Reminders(
        journal=service.journal,
        timers=service.timers,
        clock=_now,
        rhythm=settings.rhythm(),
        is_on=lambda: reminders.SKILL in skills.now().names,
    )
    keeping = Consumer(
        service.nc,
        service.journal,
        service.dead,
        service.metrics,
        service.tracing,
        name=reminders.SOURCE,
        handlers=reminders.HANDLERS,
        service=at_work,
        limits=service.limits(),
        in_order=True,
    )
    return [keeping.run, TimerConsumer(service.nc, "chat", at_work.on_due, service.metrics, service.tracing).run]


def _media(settings: ChatSettings, service: Runtime) -> MediaLinks | None:
    return media_links(settings, NatsObjects(service.requests, service.keyring), _now)


async def _codes(settings: ChatSettings, service: Runtime, redis: RedisLink) -> Codes:
    tries = SharedLimiter("registration", Rate(settings.registration_tries_per_minute, 60.0), redis, service.metrics)
    bucket = await service.js.key_value(CODES)
    return Codes(bucket, tuple(settings.master_key_ring().values()), tries, _now)


def _endpoints(service: Runtime, codes: Codes) -> Endpoints:
    return Endpoints(
        service.nc,
        "chat",
        endpoints(codes, _now),
        service.metrics,
        version=VERSION,
        description="Registration codes.",
        unavailable=AWAY,
        tracing=service.tracing,
    )


def _senses(
    settings: ChatSettings,
    contents: LineContents | None,
    sounds: Sounds,
    readers: Mapping[MediaKind, Reader],
    mind: MindFor | None,
) -> Senses | None:
    if contents is None:
        return None
    pictures = Pictures(
        at_once=settings.media_at_once,
        side_px_max=settings.picture_side_px_max,
        pixels_max=settings.picture_pixels_max,
    )
    return Senses(contents, prepared(pictures, sounds), readers, mind)


def _readings(settings: ChatSettings, service: Runtime, redis: RedisLink) -> Cache:
    return Cache(
        "pictures",
        service.metrics,
        shared=RedisLevel(redis),
        ttl_s=settings.picture_kept_hours * 3_600,
        local_ttl_s=settings.picture_kept_hours * 3_600,
        bytes_max=settings.picture_kept_bytes_max,
        load_deadline_s=settings.model_work_deadline_ms / 1_000 + 1,
    )


def _looking(settings: ChatSettings, mind: MindFor | None, readings: Cache) -> MindFor | None:
    """Minds that look at the same picture once."""
    if mind is None:
        return None
    models = [each.models.get("vision", "") for each in settings.backends]
    pepper = next(iter(settings.master_key_ring().values()))
    return lambda note: SeenBefore(mind, readings, note, models=models, pepper=pepper)


async def _config(service: Runtime) -> ConfigStore:
    return NatsConfigStore(await service.js.key_value("config"))


def _minds(settings: ChatSettings, service: Runtime, models: Models | None) -> MindFor | None:
    if models is None:
        return None
    bounds = Bounds(
        talk_s=settings.model_deadline_ms / 1_000,
        work_s=settings.model_work_deadline_ms / 1_000,
        work_tokens_max=settings.model_work_tokens_max,
    )
    screen = Screen(Ask(service.requests, service.tracing))
    return lambda note: TurnMind(models, bounds, screen, note)


def _now() -> datetime:
    return datetime.now(UTC)


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
