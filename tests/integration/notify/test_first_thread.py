"""The thinnest thread: a reply goes out, an alert goes out, and both are on record."""

from namjai.events.alert import AlertNotified
from namjai.events.delivery import DeliverySent
from tests.integration.notify.conftest import PERSON, AtWork, Endpoint, Office

NURSE = "U" + "2" * 32


async def test_a_reply_goes_out_on_its_token(office: Office, endpoint: Endpoint, at_work: AtWork, member: str) -> None:
    async with at_work():
        issued = await office.reply(member, "สวัสดี 🍎")
        [sent] = await office.facts(member, "delivery", 1)
    [call] = endpoint.sent()
    assert call.path == "/v2/bot/message/reply"
    assert call.body == {"replyToken": f"token-{member}-0", "messages": [{"type": "text", "text": "สวัสดี 🍎"}]}
    assert isinstance(sent, DeliverySent)
    assert (sent.reply, sent.via, sent.messages, sent.calls, sent.presumed) == (issued.id, "reply", 1, 1, False)
    assert PERSON not in str(endpoint.calls)


async def test_an_alert_reaches_staff(office: Office, endpoint: Endpoint, at_work: AtWork, member: str) -> None:
    async with at_work(staff=[{"name": "nurse-1", "line_user": NURSE}]):
        raised = await office.alert(member)
        [told] = await office.facts(member, "alert", 1)
    [call] = endpoint.sent("push")
    assert call.body["to"] == NURSE
    assert isinstance(told, AlertNotified)
    assert (told.alert, told.staff, told.channel, told.level) == (raised.id, "nurse-1", "line", "crisis")
