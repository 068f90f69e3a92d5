"""Tells the person's own contact, by consent or by the clinic's policy; when that cannot be, staff has to call."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final, Literal

from namjai.events import Envelope, Fact, subjects
from namjai.events.alert import AlertContactTold
from namjai.events.conversation import ContactRequested
from namjai.events.envelope import NAMESPACE
from namjai.events.member import ContactNamed, MemberConsented
from namjai.notify.domain.inbox import Alert, Inbox, rank
from namjai.notify.domain.outcome import Accepted, AlreadyAccepted
from namjai.notify.room import Room
from namjai.runtime.logs import get_logger

SUBJECT: Final = "มีคนที่ไว้ใจคุณอยากให้คุณติดต่อกลับ · Somebody who trusts you would like to hear from you · 有人希望你聯絡他"
TEXT: Final = """\
คนที่คุณรู้จักบอกชื่อคุณไว้ว่าเป็นคนที่เขาไว้ใจ และตอนนี้เขากำลังลำบากใจมาก ถ้าทำได้ กรุณาโทรหาหรือไปหาเขาตอนนี้
หากมีอันตรายเฉพาะหน้า โปรดโทรเบอร์ฉุกเฉินในประเทศของคุณ (ไทย 1669)

Somebody you know has named you as a person they trust, and they are having a very hard time right now. If you can,
please call them or go to them. If there is immediate danger, call your country's emergency number (Thailand 1669).

有位你認識的人把你列為信任的人，他現在非常難受。如果可以，請打電話給他或去陪他。
若有立即危險，請撥打當地緊急電話（台灣 119）。

Namjai · ข้อความนี้ส่งโดยอัตโนมัติ · sent automatically · 自動寄出
"""
"""Says nothing of what was said, nor where; status: draft."""

PURPOSE: Final = "contact"
Basis = Literal["consent", "policy"]

_log = get_logger(__name__)


async def on_contact_requested(event: Envelope[ContactRequested], room: Room) -> Sequence[Fact]:
    """Write to the contact whom the person named last."""
    await room.board.refresh(room.clock())
    alert = _gravest(room.board.inbox(event.subject))
    named = await _contact(event.subject, room)
    if event.data.basis == "consent" and not await _may_tell(event.subject, room):
        _log.warning("contact_not_told", reason="no consent")
        return [_untold(alert, event.data.basis, "no consent")]
    address = named.email.get(None) if named is not None and named.email is not None else None
    if room.letters is None or address is None:
        reason = "no contact named" if named is None else "no address" if address is None else "no mail server"
        _log.warning("contact_not_told", reason=reason)
        return [_untold(alert, event.data.basis, reason)]
    key = str(uuid.uuid5(NAMESPACE, f"contact|{event.id}"))
    outcome = await room.letters.send(address, SUBJECT, TEXT, key, event.time)
    if isinstance(outcome, Accepted | AlreadyAccepted):
        return [AlertContactTold(alert=alert.id if alert else None, basis=event.data.basis, channel="email")]
    _log.error("contact_not_told", reason=type(outcome).__name__)
    return [_untold(alert, event.data.basis, type(outcome).__name__)]


def _untold(alert: Alert | None, basis: Basis, reason: str) -> AlertContactTold:
    return AlertContactTold(alert=alert.id if alert else None, basis=basis, channel="none", reason=reason)


async def _may_tell(member: str, room: Room) -> bool:
    """Their last word on it, looked up here as well: who asked us may have been mistaken."""
    said = await room.journal.log.since(subjects.event(MemberConsented.TYPE, member), 0)
    chosen = [each.event.data for each in said if isinstance(each.event.data, MemberConsented)]
    return [fact.granted for fact in chosen if fact.purpose == PURPOSE][-1:] == [True]


async def _contact(member: str, room: Room) -> ContactNamed | None:
    newest = await room.journal.log.last([subjects.event(ContactNamed.TYPE, member)])
    for stored in newest:
        opened = (await room.journal.open(stored.event)).data
        if isinstance(opened, ContactNamed):
            return opened
    return None


def _gravest(inbox: Inbox) -> Alert | None:
    waiting = [alert for alert in inbox.alerts.values() if alert.is_open]
    return max(waiting, key=lambda alert: rank(alert.level), default=None)
