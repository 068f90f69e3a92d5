"""Wires the risk service: the only place that knows which adapters stand behind its ports."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from namjai.risk.adapters.history import LogHistory
from namjai.risk.handlers import HANDLERS
from namjai.risk.ports import Risk
from namjai.risk.rules import load
from namjai.risk.settings import RiskSettings
from namjai.runtime.serve import runtime, until_stopped


async def main(stop: asyncio.Event) -> None:
    """Run until `stop`."""
    settings = RiskSettings()
    async with runtime(settings, "risk", stop) as service:
        history = LogHistory(service.journal.log, settings.watch())
        shipped = load()
        risk = Risk(policy=lambda: shipped, history=history, clock=lambda: datetime.now(UTC))
        await until_stopped(service, service.consumer(HANDLERS, risk).run)
