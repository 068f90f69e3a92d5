"""Wires the notify service: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Final
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import aiohttp
from prometheus_client import Histogram

from namjai.events.risk import Level
from namjai.notify import oncall
from namjai.notify.adapters.channel import token_source
from namjai.notify.adapters.duty import DutyLog, Watch
from namjai.notify.adapters.heartbeat import HttpHeartbeat
from namjai.notify.adapters.line import LineApi, LineLimits, line_client
from namjai.notify.adapters.mail import Mail
from namjai.notify.adapters.pace import Pace
from namjai.notify.adapters.phone import StaffLine
from namjai.notify.adapters.quota import Pushes
from namjai.notify.adapters.roster import LiveRoster, roster_in_force
from namjai.notify.adapters.story import LogAnswered, LogStory
from namjai.notify.adapters.webhook import Webhook
from namjai.notify.api import InboxApi
from namjai.notify.board import Board
from namjai.notify.casework import STAGES, Casework
from namjai.notify.casework import Desk as AlertDesk
from namjai.notify.desk import Desk
from namjai.notify.domain.inbox import LEVELS, Alert
from namjai.notify.domain.mail_server import MailServer
from namjai.notify.domain.wording import Notice
from namjai.notify.dossier import Dossiers
from namjai.notify.handlers import ALERTS, REPLIES
from namjai.notify.letters import LETTERS, Post
from namjai.notify.loading import LoadingAnimations
from namjai.notify.menus.give import MENUS, Wardrobe
from namjai.notify.menus.line import Hosts, LineMenus, menu_session
from namjai.notify.ports import Channel, ChannelName, Meters, Notify
from namjai.notify.room import Room
from namjai.notify.settings import NotifySettings
from namjai.notify.tell import Teller
from namjai.notify.watchdog import Watchdog, WatchMeters
from namjai.runtime.channel_tokens import TokenSource
from namjai.runtime.chores import Chores
from namjai.runtime.consumer import Consumer, Handlers, S
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import AGE_BUCKETS_S, BoundedLabel, Metrics
from namjai.runtime.micro import Endpoints
from namjai.runtime.pressure import Pruned
from namjai.runtime.serve import Runtime, runtime, until_stopped
from namjai.runtime.timers import TimerConsumer
from namjai.runtime.version import VERSION

SERVICE: Final = "notify"
KINDS_MAX: Final = 20
MENU_DELIVERIES_MAX: Final = 20
"""LINE may be down for hours and a reply still waits; a menu does not."""
RESPONSE_BUCKETS_S: Final = (30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 14_400.0, 43_200.0, 86_400.0)
Work = Callable[[asyncio.Event], Awaitable[None]]


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    await serve(NotifySettings(), stop)


async def serve(settings: NotifySettings, stop: asyncio.Event) -> None:
    """Run with these settings until `stop`."""
    async with (
        runtime(settings, SERVICE, stop) as service,
        line_client(settings.line_api_url, settings.line_connections) as client,
        aiohttp.ClientSession() as session,
        menu_session(settings.menu_deadline_s) as menus,
    ):
        tokens = token_source(settings, lambda *channel: line.issue_token(*channel))
        line = LineApi(client, tokens, _limits(settings), service.metrics, service.tracing)
        service.health.report("line", line.check)
        duty = DutyLog(service.journal.log, _now, service.metrics)
        async with roster_in_force(service.js, settings.staff, duty, _now, service.metrics) as roster:
            meters = _meters(service.metrics)
            room = _room(service, settings, line, session, roster, meters)
            await until_stopped(
                service,
                *_replies(service, settings, line, meters),
                *_alerts(service, settings, room, session),
                *_letters(service, settings),
                _menus(service, settings, menus, tokens).run,
                Watch(roster, duty, service.journal.log, _now, service.metrics).run,
                _endpoints(service, room, roster, duty).run,
                Chores(service.requests, service.metrics).run,
            )


def _now() -> datetime:
    return datetime.now(UTC)


def _replies(service: Runtime, settings: NotifySettings, line: LineApi, meters: Meters) -> list[Work]:
    """What people are answered."""
    pushes = Pushes(line.quota, service.journal, _now, service.metrics, source=SERVICE, every_s=settings.quota_every_s)
    notify = Notify(
        line=line,
        desk=Desk(order_wait_s=settings.order_wait_s),
        story=LogStory(service.journal.log),
        may_push=pushes.may_push,
        observed=pushes.observed,
        meters=meters,
        clock=_now,
    )
    return [
        *(_consumer(service, handlers, notify, settings, name).run for name, handlers in REPLIES.items()),
        LoadingAnimations(service.nc, line.loading).run,
        pushes.run,
    ]


def _alerts(service: Runtime, settings: NotifySettings, room: Room, session: aiohttp.ClientSession) -> list[Work]:
    """What staff is told, and what moves it along."""
    watchdog = Watchdog(
        room.board,
        room.casework,
        room.roster,
        HttpHeartbeat(session, settings.heartbeat_url, settings.channel_deadline_s, service.outside),
        _watch_meters(service.metrics),
        _now,
        every_s=settings.watchdog_every_s,
    )
    return [
        *(_consumer(service, handlers, room, settings, name).run for name, handlers in ALERTS.items()),
        TimerConsumer(service.nc, SERVICE, room.casework.on_due, service.metrics, service.tracing).run,
        watchdog.run,
    ]


def _menus(
    service: Runtime, settings: NotifySettings, session: aiohttp.ClientSession, tokens: TokenSource
) -> Consumer[Wardrobe]:
    """Who sees which rich menu: apart from everything else, since nobody waits for it."""
    wardrobe = Wardrobe(
        line=LineMenus(session, tokens, Hosts(settings.line_api_url, settings.line_data_url), service.outside),
        journal=service.journal,
        pace=Pace("menu", settings.line_menu_per_s, service.metrics),
        outcomes=service.metrics.counter("menus", "Rich menus given to people, by outcome.", ("menu", "outcome")),
        clock=_now,
        people_max=settings.menus_remembered,
    )
    service.pressure.may_prune("menus", Pruned(wardrobe.given))
    return _consumer(service, MENUS, wardrobe, settings, "notify-menus", max_deliveries=MENU_DELIVERIES_MAX)


def _letters(service: Runtime, settings: NotifySettings) -> list[Work]:
    """What people asked to have sent by mail."""
    rate = Rate(settings.mails_per_address_per_day, 86_400.0)
    recipients = LocalLimiter("mail_address", rate, service.metrics, keys_max=10_000)
    post = Post(
        mail=_mail(settings, service, settings.mail_deadline_s, settings.smtp_reply_to),
        journal=service.journal,
        clock=_now,
        may_write_to=lambda recipient: recipients.hit(recipient).allowed,
        letters=service.metrics.counter(
            "letters", "Letters that people asked for, by kind and outcome.", ("kind", "outcome")
        ),
    )
    return [_consumer(service, handlers, post, settings, name).run for name, handlers in LETTERS.items()]


def _room(
    service: Runtime,
    settings: NotifySettings,
    line: LineApi,
    session: aiohttp.ClientSession,
    roster: LiveRoster,
    meters: Meters,
) -> Room:
    """The alerts, who works on them, and the ways out."""
    board, mail = Board(service.journal.log), _mail(settings, service, settings.channel_deadline_s)
    channels: dict[ChannelName, Channel] = {
        "line": StaffLine(line),
        "webhook": Webhook(session, settings.channel_deadline_s, service.outside),
        **({"email": mail} if mail is not None else {}),
    }
    desk = AlertDesk(
        board=board,
        journal=service.journal,
        timers=service.timers,
        roster=roster,
        teller=Teller(channels, _notices(settings), meters, _now),
        answered=LogAnswered(service.journal.log),
        meters=meters,
        clock=_now,
    )
    return Room(
        board=board,
        casework=Casework(desk),
        roster=roster,
        line=line,
        letters=mail,
        journal=service.journal,
        clock=_now,
    )


def _endpoints(service: Runtime, room: Room, roster: LiveRoster, duty: DutyLog) -> Endpoints:
    """What staff asks and commands."""
    return Endpoints(
        service.nc,
        SERVICE,
        [*InboxApi(room, Dossiers(room)).endpoints(), *oncall.endpoints(roster, duty, _now)],
        service.metrics,
        version=VERSION,
        description="The alert inbox and who is on call.",
        tracing=service.tracing,
    )


def _consumer(
    service: Runtime, handlers: Handlers[S], room: S, settings: NotifySettings, name: str, **tighter: int
) -> Consumer[S]:
    """Replies find their order by themselves (`desk.py`), so that one that waits holds up no crisis; alerts and menus
    of one person are taken one after the other, since each may be a repeat of the one before."""
    alerts = name not in REPLIES
    concurrency = settings.alert_concurrency if alerts else settings.consumer_concurrency
    return Consumer(
        service.nc,
        service.journal,
        service.dead,
        service.metrics,
        service.tracing,
        name=name,
        handlers=handlers,
        service=room,
        limits=replace(service.limits(), concurrency=concurrency, **tighter),
        in_order=alerts,
    )


def _limits(settings: NotifySettings) -> LineLimits:
    return LineLimits(
        connections=settings.line_connections,
        connect_s=settings.line_connect_s,
        deadline_s=settings.line_deadline_s,
        reply_per_s=settings.line_reply_per_s,
        push_per_s=settings.line_push_per_s,
        loading_per_s=settings.line_loading_per_s,
    )


def _mail(settings: NotifySettings, service: Runtime, deadline_s: float, reply_to: str | None = None) -> Mail | None:
    if settings.smtp_url is None:
        return None
    server = MailServer.parse(settings.smtp_url.get_secret_value())
    return Mail(server, settings.smtp_sender, deadline_s, reply_to=reply_to, outside=service.outside)


def _notices(settings: NotifySettings) -> Callable[[Alert, Level], Notice]:
    zone = ZoneInfo(settings.timezone)
    console = settings.console_url.rstrip("/") + "/"

    def notice(alert: Alert, level: Level) -> Notice:
        return Notice(
            alert=alert.id,
            level=level,
            merge_key=alert.merge_key,
            raised_at=alert.raised_at,
            link=urljoin(console, f"alerts/{alert.id}"),
            zone=zone,
        )

    return notice


def _meters(metrics: Metrics) -> Meters:
    reply_seconds = metrics.histogram(
        "reply_seconds", "From the webhook to LINE's answer to our reply.", ("kind",), buckets=AGE_BUCKETS_S
    )
    reply_seconds.labels("crisis")  # a rate sees the first card only of a series that was there before it
    return Meters(
        deliveries=metrics.counter("deliveries", "Replies that ended, by way and outcome.", ("via", "outcome")),
        reply_seconds=reply_seconds,
        reply_kind=BoundedLabel(KINDS_MAX),
        alert_seconds=metrics.histogram(
            "alert_seconds", "From an alert to the first channel's answer, each channel.", buckets=AGE_BUCKETS_S
        ),
        alerts=metrics.counter("alerts", "Alerts by channel and outcome.", ("channel", "outcome")),
        nobody=metrics.counter("alert_reached_nobody", "Times that an alert reached nobody at all."),
        exhausted=metrics.counter("alert_chain_ended", "Chains of escalation that ended without anybody.", ("level",)),
        response_seconds=_response_seconds(metrics),
        late_seconds=metrics.histogram(
            "alert_step_late_seconds", "How long after its time a step of a chain began.", buckets=AGE_BUCKETS_S
        ),
        appended=lambda kind: metrics.appended.labels(kind).inc(),
    )


def _response_seconds(metrics: Metrics) -> Histogram:
    seconds = metrics.histogram(
        "alert_response_seconds",
        "From an alert to staff: claimed, acknowledged, resolved; from the message to the first human word.",
        ("stage", "level"),
        buckets=RESPONSE_BUCKETS_S,
    )
    for stage, level in product(STAGES.values(), LEVELS[1:]):  # a rate sees the first only of what was there before it
        seconds.labels(stage, level)
    return seconds


def _watch_meters(metrics: Metrics) -> WatchMeters:
    return WatchMeters(
        open=metrics.gauge("alerts_open", "Alerts that somebody still has to do something about.", ("level",)),
        unanswered_age=metrics.gauge("alert_unowned_age_seconds", "Age of the oldest open alert without an owner."),
        overdue=metrics.gauge("alert_steps_overdue", "Steps that were due and left no trace; must be 0."),
        unaccounted=metrics.gauge(
            "alert_tellings_unaccounted", "People to tell of whom nothing is on record after 5 minutes; must be 0."
        ),
        nobody_came=metrics.gauge("alerts_nobody_came", "Open alerts whose chain ended without anybody."),
        failed=metrics.counter("alert_escalation_failed", "Steps that the watchdog had to carry out."),
        heartbeats=metrics.counter("heartbeats", "Signs of life to the outside switch.", ("outcome",)),
    )
