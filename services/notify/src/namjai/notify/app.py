"""Wires the notify service: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import aiohttp
from nats.js.errors import NotFoundError
from pydantic import BaseModel

from namjai.notify.adapters.line import LineApi, LineLimits, line_client
from namjai.notify.adapters.mail import Mail
from namjai.notify.adapters.phone import StaffLine
from namjai.notify.adapters.quota import Pushes
from namjai.notify.adapters.story import LogStory
from namjai.notify.adapters.tokens import FileToken, FixedToken, IssuedToken, TokenSource
from namjai.notify.adapters.webhook import Webhook
from namjai.notify.api import LoadingAnimations
from namjai.notify.desk import Desk
from namjai.notify.domain.mail_server import MailServer
from namjai.notify.domain.wording import Notice
from namjai.notify.handlers import HANDLERS
from namjai.notify.ports import AlertEvent, Channel, ChannelName, Meters, Notify, Staff
from namjai.notify.settings import NotifySettings
from namjai.runtime.config import NatsConfigStore, live_section
from namjai.runtime.consumer import Consumer
from namjai.runtime.metrics import AGE_BUCKETS_S, Metrics
from namjai.runtime.serve import Runtime, runtime, until_stopped

SERVICE: Final = "notify"
ALERTS: Final = "notify-alerts"


class AlertsSection(BaseModel):
    """The live config section `alerts`: when it names anybody, it takes the place of the settings' staff."""

    staff: tuple[Staff, ...] = ()


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    await serve(NotifySettings(), stop)


async def serve(settings: NotifySettings, stop: asyncio.Event) -> None:
    """Run with these settings until `stop`."""
    async with (
        runtime(settings, SERVICE, stop) as service,
        line_client(settings.line_api_url, settings.line_connections) as client,
        aiohttp.ClientSession() as session,
        staff_in_force(service, settings) as staff,
    ):
        line = LineApi(client, _tokens(settings, lambda: line), _limits(settings), service.metrics)
        pushes = Pushes(
            line.quota, service.journal, _now, service.metrics, source=SERVICE, every_s=settings.quota_every_s
        )
        notify = Notify(
            line=line,
            desk=Desk(order_wait_s=settings.order_wait_s),
            story=LogStory(service.journal, ALERTS, service.metrics),
            channels=_channels(line, session, settings),
            staff=staff,
            may_push=pushes.may_push,
            observed=pushes.observed,
            notice=_notices(settings),
            meters=_meters(service.metrics),
            clock=_now,
        )
        service.health.report("line", line.check)
        await until_stopped(
            service,
            *(_consumer(service, notify, settings, name).run for name in HANDLERS),
            pushes.run,
            LoadingAnimations(service.nc, line.loading).run,
        )


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def staff_in_force(service: Runtime, settings: NotifySettings) -> AsyncIterator[Callable[[], Sequence[Staff]]]:
    """Who is told: the live config if it names anybody, else the settings."""
    try:
        bucket = await service.js.key_value("config")
    except NotFoundError:
        yield lambda: settings.staff
        return
    async with live_section("alerts", AlertsSection, NatsConfigStore(bucket), service.metrics) as section:
        yield lambda: section.value.staff or settings.staff


def _consumer(service: Runtime, notify: Notify, settings: NotifySettings, name: str) -> Consumer[Notify]:
    """Replies find their order by themselves (`desk.py`), so that one that waits holds up no crisis; alerts of one
    person are taken one after the other, since each may be a repeat of the one before."""
    concurrency = settings.alert_concurrency if name == ALERTS else settings.consumer_concurrency
    return Consumer(
        service.nc,
        service.journal,
        service.dead,
        service.metrics,
        service.tracing,
        name=name,
        handlers=HANDLERS[name],
        service=notify,
        limits=replace(service.limits(), concurrency=concurrency),
        in_order=name == ALERTS,
    )


def _tokens(settings: NotifySettings, line: Callable[[], LineApi]) -> TokenSource:
    channel_id, secret = settings.line_channel_id, settings.line_channel_secret
    if settings.line_channel_access_token_file is not None:
        return FileToken(settings.line_channel_access_token_file)
    if channel_id is not None and secret is not None:
        return IssuedToken(lambda: line().issue_token(channel_id, secret.get_secret_value()))
    if settings.line_channel_access_token is not None:
        return FixedToken(settings.line_channel_access_token.get_secret_value())
    raise LookupError("NAMJAI_LINE_CHANNEL_ACCESS_TOKEN, its _FILE, or the channel's id and secret must be set")


def _limits(settings: NotifySettings) -> LineLimits:
    return LineLimits(
        connections=settings.line_connections,
        connect_s=settings.line_connect_s,
        deadline_s=settings.line_deadline_s,
        reply_per_s=settings.line_reply_per_s,
        push_per_s=settings.line_push_per_s,
        loading_per_s=settings.line_loading_per_s,
    )


def _channels(line: LineApi, session: aiohttp.ClientSession, settings: NotifySettings) -> dict[ChannelName, Channel]:
    channels: dict[ChannelName, Channel] = {
        "line": StaffLine(line),
        "webhook": Webhook(session, settings.channel_deadline_s),
    }
    if settings.smtp_url is not None:
        server = MailServer.parse(settings.smtp_url.get_secret_value())
        channels["email"] = Mail(server, settings.smtp_sender, settings.channel_deadline_s)
    return channels


def _notices(settings: NotifySettings) -> Callable[[AlertEvent], Notice]:
    zone = ZoneInfo(settings.timezone)
    console = settings.console_url.rstrip("/") + "/"

    def notice(event: AlertEvent) -> Notice:
        return Notice(
            alert=event.id,
            level=event.data.level,
            merge_key=event.data.merge_key,
            raised_at=event.time,
            link=urljoin(console, f"alerts/{event.id}"),
            zone=zone,
        )

    return notice


def _meters(metrics: Metrics) -> Meters:
    return Meters(
        deliveries=metrics.counter("deliveries", "Replies that ended, by way and outcome.", ("via", "outcome")),
        reply_seconds=metrics.histogram(
            "reply_seconds", "From the webhook to LINE's answer to our reply.", buckets=AGE_BUCKETS_S
        ),
        alert_seconds=metrics.histogram(
            "alert_seconds", "From an alert to the first channel's answer, each channel.", buckets=AGE_BUCKETS_S
        ),
        alerts=metrics.counter("alerts", "Alerts by channel and outcome.", ("channel", "outcome")),
        nobody=metrics.counter("alert_reached_nobody", "Times that an alert reached nobody at all."),
    )
