"""An alert from the first word to the last: claimed on LINE, a human speaks, it is resolved, the bot is back."""

import json
from typing import Any

from namjai.devkit.line.people import NURSE_PLOY
from namjai.devkit.running import Running, facts, until
from namjai.events import Fact, Stored
from namjai.events.alert import AlertClaimed, AlertRaised, AlertResolved, AlertViewed
from namjai.events.conversation import CrisisEnded, TurnSkipped
from namjai.events.message import MessageReceived
from namjai.events.reply import ReplyIssued

CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"


async def test_staff_claims_on_line_talks_to_the_person_and_hands_back(namjai: Running, user: str) -> None:
    cards = len(await namjai.chat(NURSE_PLOY.user_id))
    sent = await namjai.send(user, CRISIS)
    card = await until(lambda: _nth(namjai, NURSE_PLOY.user_id, cards + 1))
    assert CRISIS not in json.dumps(card, ensure_ascii=False)
    claim = next(data for data in _buttons(card["message"]) if "staff=claim" in data)

    assert (await namjai.event(_pressed(NURSE_PLOY.user_id, claim)))["status"] == 200
    story = await _story(namjai, sent["webhookEventId"])
    (alert,) = facts(story, AlertRaised)
    claimed = await until(lambda: _said(namjai, sent, AlertClaimed))
    assert (claimed.by, claimed.via) == ("ploy", "line")
    confirmed = await until(lambda: _nth(namjai, NURSE_PLOY.user_id, cards + 2))
    assert "Claimed" in confirmed["message"]["text"]

    reference = alert.id[:8]
    code, shown = await namjai.namjai("alerts", "show", reference, "--by", "ploy", "--json")
    assert code == 0, shown
    assert CRISIS in shown
    assert await _said(namjai, sent, AlertViewed)

    bubbles = len(await namjai.chat(user))
    code, said = await namjai.namjai("alerts", "say", reference, "สวัสดีค่ะ พยาบาลพลอยนะคะ", "--by", "ploy")
    assert code == 0, said
    human = await until(lambda: _with(namjai, user, bubbles, "พยาบาลพลอย"))
    assert human["message"]["sender"]["name"]

    heard = await namjai.send(user, "ขอบคุณค่ะ ฟังอยู่")
    skipped = await until(lambda: _skipped(namjai, heard["webhookEventId"]))
    assert skipped.reason == "taken_over"

    code, done = await namjai.namjai("alerts", "resolve", reference, "contacted", "--by", "ploy")
    assert code == 0, done
    assert (await until(lambda: _said(namjai, sent, AlertResolved))).disposition == "contacted"
    assert (await until(lambda: _said(namjai, sent, CrisisEnded))).by == "clinician"
    back = await namjai.send(user, "วันนี้กินข้าวผัดอร่อยมาก")
    answered = await until(lambda: _answered(namjai, back["webhookEventId"]))
    assert answered.kind not in ("crisis", "protocol")
    code, listed = await namjai.namjai("alerts", "list", "--json")
    assert reference.upper() not in listed


def _pressed(user: str, data: str) -> dict[str, Any]:
    return {
        "type": "postback",
        "source": {"type": "user", "userId": user},
        "mode": "active",
        "postback": {"data": data},
    }


def _buttons(message: dict[str, Any]) -> list[str]:
    """The postback data in a Flex message."""
    found = []
    stack: list[Any] = [message]
    while stack:
        match stack.pop():
            case {"type": "postback", "data": str(data)}:
                found.append(data)
            case dict() as each:
                stack.extend(each.values())
            case list() as each:
                stack.extend(each)
    return found


async def _nth(namjai: Running, user: str, n: int) -> dict[str, Any] | None:
    seen = await namjai.chat(user)
    return seen[n - 1] if len(seen) >= n else None


async def _with(namjai: Running, user: str, after: int, words: str) -> dict[str, Any] | None:
    seen = (await namjai.chat(user))[after:]
    return next((each for each in seen if words in each["message"].get("text", "")), None)


async def _story(namjai: Running, webhook_event: str) -> list[Stored[Fact]]:
    """Everything about the person who caused this webhook event."""
    events = await namjai.events()
    message = next(e for e in facts(events, MessageReceived) if e.data.webhook_event_id == webhook_event)
    return [stored for stored in events if stored.event.subject == message.subject]


async def _said(namjai: Running, sent: dict[str, Any], kind: type[Fact]) -> Any:
    found = facts(await _story(namjai, sent["webhookEventId"]), kind)
    return found[-1].data if found else None


async def _skipped(namjai: Running, webhook_event: str) -> TurnSkipped | None:
    story = await _story(namjai, webhook_event)
    message = next(e for e in facts(story, MessageReceived) if e.data.webhook_event_id == webhook_event)
    return next((e.data for e in facts(story, TurnSkipped) if message.id in e.data.answers), None)


async def _answered(namjai: Running, webhook_event: str) -> ReplyIssued | None:
    story = await _story(namjai, webhook_event)
    message = next(e for e in facts(story, MessageReceived) if e.data.webhook_event_id == webhook_event)
    return next((e.data for e in facts(story, ReplyIssued) if message.id in e.data.answers), None)
