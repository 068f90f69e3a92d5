"""Staff at work from the phone: the buttons under an alert, whoever presses them and however often."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from namjai.devkit.line.people import DR_CHEN, NURSE_PLOY
from namjai.events import Envelope, Sealed, begin
from namjai.events.alert import AlertAcknowledged, AlertClaimed, AlertEscalated
from namjai.events.message import PostbackReceived
from tests.integration.notify.conftest import PERSON, AtWork, Line, Office
from tests.integration.notify.kit import raised, staffroom


async def test_the_buttons_under_an_alert_claim_and_acknowledge_it(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work) as room:
        alert = await raised(office, member)
        await office.said(member, AlertEscalated)
        claim, acknowledge = _buttons(line, NURSE_PLOY.user_id)
        await _press(office, claim, NURSE_PLOY.user_id, 1)
        [claimed] = await office.said(member, AlertClaimed)
        await _press(office, acknowledge, NURSE_PLOY.user_id, 2)
        [acknowledged] = await office.said(member, AlertAcknowledged)
        await line.until(lambda: len(line.seen(NURSE_PLOY.user_id)) == 3)
        [listed] = (await room.ask("list"))["alerts"]
    assert (claimed.by, claimed.via) == (acknowledged.by, acknowledged.via) == ("ploy", "line")
    assert (listed["owner"], listed["status"]) == ("ploy", "acknowledged")
    for answer, word in zip(line.seen(NURSE_PLOY.user_id)[1:], ("Claimed", "Acknowledged"), strict=True):
        assert word in answer
        assert listed["reference"] in answer
        assert "ploy" in answer
    assert alert.id == listed["id"]
    assert not line.findings()


async def test_a_button_is_nothing_for_a_stranger_and_too_late_for_the_second(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work) as room:
        await raised(office, member)
        await office.said(member, AlertEscalated)
        claim, acknowledge = _buttons(line, NURSE_PLOY.user_id)
        await _press(office, claim, PERSON, 1)
        await line.until(lambda: line.seen(PERSON))
        await _press(office, claim, DR_CHEN.user_id, 2)
        await line.until(lambda: line.seen(DR_CHEN.user_id))
        await _press(office, claim, NURSE_PLOY.user_id, 3)
        await line.until(lambda: len(line.seen(NURSE_PLOY.user_id)) == 2)
        await _press(office, acknowledge, NURSE_PLOY.user_id, 4)
        await line.until(lambda: len(line.seen(NURSE_PLOY.user_id)) == 3)
        kinds = await room.kinds(member, "raised", "triggered", "notified", "escalated")
    assert "staff only" in line.seen(PERSON)[0]
    assert "Claimed" in line.seen(DR_CHEN.user_id)[0]
    assert "chen has it already" in line.seen(NURSE_PLOY.user_id)[1]
    assert "chen has it" in line.seen(NURSE_PLOY.user_id)[2]
    assert kinds == ["claimed"]


async def test_a_button_of_an_alert_that_is_gone_and_a_button_of_the_bot_harm_nobody(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    async with staffroom(office, at_work) as room:
        await _press(office, "menu=diary", NURSE_PLOY.user_id, 1)
        await _press(office, "staff=claim&alert=00000000-0000-4000-8000-000000000000", NURSE_PLOY.user_id, 2)
        await _press(office, "staff=resolve&alert=00000000", NURSE_PLOY.user_id, 3)
        await line.until(lambda: line.seen(NURSE_PLOY.user_id))
        assert (await room.ask("list", state="all"))["total"] == 0
    [answer] = line.seen(NURSE_PLOY.user_id)
    assert "no such alert" in answer


async def test_an_event_that_comes_again_claims_once(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    """The process died after the claim and before it said that the event was handled."""
    async with staffroom(office, at_work) as room:
        await raised(office, member)
        await office.said(member, AlertEscalated)
        claim, _ = _buttons(line, NURSE_PLOY.user_id)
        pressed = await _press(office, claim, NURSE_PLOY.user_id, 1)
        await office.said(member, AlertClaimed)
        await line.until(lambda: len(line.seen(NURSE_PLOY.user_id)) == 2)
        await office.nc.jetstream().delete_consumer("EVENTS", "notify-staff")  # it begins at the first event again
    async with staffroom(office, at_work) as room:
        await line.until(lambda: len(line.calls("reply")) == 2)
        kinds = await room.kinds(member, "raised", "triggered", "notified", "escalated")
    assert kinds == ["claimed"]
    assert len(line.seen(NURSE_PLOY.user_id)) == 2
    assert pressed.data.reply_token is not None


def _buttons(line: Line, user: str) -> list[str]:
    """What the two buttons under the newest card send, as the phone would send it."""
    found = line.simulator.platform.chats.find(user)
    assert found is not None
    card: dict[str, Any] = found.entries[-1].message
    assert card["contents"]["body"]["contents"][0]["wrap"]  # or a narrow phone cuts the reference off
    actions = [each["action"] for each in card["contents"]["footer"]["contents"]]
    sent = [action["data"] for action in actions if action["type"] == "postback"]
    assert [parse_qs(data)["staff"] for data in sent] == [["claim"], ["ack"]]
    return sent


async def _press(office: Office, data: str, user: str, n: int) -> Envelope[PostbackReceived]:
    """A button is pressed: the event that the gateway puts into the log."""
    now = datetime.now(UTC)
    token = f"button-{user[-4:]}-{n}"
    office.line.token(token, user)
    fact = PostbackReceived(
        webhook_event_id=token,
        source_kind="user",
        mode="active",
        sent_at=now,
        received_at=now,
        sender=Sealed(user),
        reply_token=Sealed(token),
        postback=Sealed(data),
    )
    event = begin(fact, source="gateway", cause=token, member=f"s{user[-8:]}", time=now)
    await office.journal.append([event])
    return event
