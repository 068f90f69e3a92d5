"""Reply and alert in, LINE, mail and webhook out, and what became of it as facts."""

from __future__ import annotations

from namjai.events.alert import AlertRaised
from namjai.events.reply import ReplyIssued
from namjai.notify.alerts import on_alert_raised
from namjai.notify.ports import Notify
from namjai.notify.replies import on_reply_issued
from namjai.runtime.consumer import Handlers

REPLIES: Handlers[Notify] = {ReplyIssued: on_reply_issued}
ALERTS: Handlers[Notify] = {AlertRaised: on_alert_raised}
HANDLERS: Handlers[Notify] = {**REPLIES, **ALERTS}
"""Two consumers take them, so that an alert never waits behind a reply (app.py)."""
