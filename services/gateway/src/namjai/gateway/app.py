"""Wires the gateway: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from namjai.gateway.adapters.identities import NatsIdentities
from namjai.gateway.adapters.secrets import ChannelSecrets
from namjai.gateway.handlers import HANDLERS
from namjai.gateway.http import WebhookDoor, nothing_here, public_app, public_server
from namjai.gateway.media import MediaDoor
from namjai.gateway.ports import Gateway
from namjai.gateway.settings import GatewaySettings
from namjai.gateway.webhook import Webhook
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.logs import get_logger
from namjai.runtime.objects import NatsObjects
from namjai.runtime.serve import Runtime, runtime, until_stopped

_log = get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    settings = GatewaySettings()
    secrets = ChannelSecrets.from_settings(settings)
    async with runtime(settings, "gateway", stop) as service:
        identities = await NatsIdentities.open(
            service.nc,
            service.requests,
            settings.identity_key_bytes(),
            cache_entries=settings.identity_cache_entries,
        )
        service.pressure.may_prune("identities", identities)
        gateway = Gateway(
            identities=identities, keyring=service.keyring, clock=_now, erasure_grace_s=settings.erasure_grace_s
        )
        door = _door(service, identities, secrets, settings)
        app = public_app(door, _media_door(service, settings), settings)
        async with public_server(app, settings) as port:
            _log.info("public_port_open", port=port)
            await until_stopped(service, service.consumer(HANDLERS, gateway).run, secrets.follow)


def _door(
    service: Runtime, identities: NatsIdentities, secrets: ChannelSecrets, settings: GatewaySettings
) -> WebhookDoor:
    rate = Rate(settings.messages_per_minute, 60.0)
    webhook = Webhook(
        journal=service.journal,
        identities=identities,
        limiter=LocalLimiter("messages", rate, service.metrics, keys_max=settings.throttle_members_max),
        metrics=service.metrics,
        tracing=service.tracing,
        clock=_now,
        events_max=settings.events_per_body_max,
    )
    return WebhookDoor(webhook, secrets, service.metrics, settings, lambda: service.requests.connected, service.tracing)


def _media_door(service: Runtime, settings: GatewaySettings) -> MediaDoor:
    rate = Rate(settings.media_requests_per_minute, 60.0)
    return MediaDoor(
        NatsObjects(service.requests, service.keyring),
        settings.media_secret,
        LocalLimiter("media", rate, service.metrics, keys_max=settings.throttle_members_max),
        service.metrics,
        clock=_now,
        in_flight_max=settings.media_in_flight_max,
        deadline_s=settings.media_deadline_s,
        nothing=nothing_here,
    )
