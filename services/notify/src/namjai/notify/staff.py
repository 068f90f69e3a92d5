"""Staff at work on LINE: a button under an alert is a command, and its answer comes on the button's own reply token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from namjai.events import Envelope, Fact
from namjai.events.message import PostbackReceived
from namjai.notify.domain.command import Acknowledge, Claim, NotPossible
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.wording import pressed, reference
from namjai.notify.room import Room
from namjai.runtime.logs import get_logger

DONE: Final = {"claim": "รับเคสแล้ว · Claimed", "ack": "รับทราบแล้ว · Acknowledged"}
STRANGER: Final = "ปุ่มนี้สำหรับเจ้าหน้าที่เท่านั้น · This button is for staff only"
GONE: Final = "ไม่พบการแจ้งเตือนนี้ · There is no such alert any more"

_log = get_logger(__name__)


async def on_button(event: Envelope[PostbackReceived], room: Room) -> Sequence[Fact]:
    """Claim or acknowledge, if it is one of our buttons and one of our staff."""
    wanted = pressed(event.data.postback.get(""))
    if wanted is None:
        return []
    user = event.data.sender.get("") if event.data.sender else ""
    person = room.roster.staff_by_line(user)
    said = STRANGER if person is None else await _carried_out(*wanted, person, event.id, room)
    if person is None:
        _log.warning("staff_button_of_a_stranger")
    token = event.data.reply_token.get(None) if event.data.reply_token else None
    if token:  # used already when this event comes a second time, and LINE says so: nothing is lost
        await room.line.reply(token, [{"type": "text", "text": said}], urgent=True)
    return []


async def _carried_out(button: str, alert: str, person: Staff, request: str, room: Room) -> str:
    await room.board.refresh(room.clock())
    found = room.board.find(alert)
    if len(found) != 1:
        return GONE
    wish = Claim if button == "claim" else Acknowledge
    command = wish(alert=alert, by=person.name, via="line")
    try:
        await room.casework.command(found[0].member, command, found[0].id, request=request)
    except NotPossible as no:
        return f"{reference(alert)}: {no}"
    return f"{DONE[button]} · {reference(alert)} · {person.name}"
