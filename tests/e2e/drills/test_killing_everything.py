"""500 people, four messages each, 50 a second, every process killed in turn: nothing lost, nothing twice."""

import asyncio
import json
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.devkit.signing import user_id
from namjai.events import Fact, Stored
from namjai.events.conversation import TurnSkipped
from namjai.events.delivery import DeliveryFailed, DeliverySent
from namjai.events.message import MessageReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed

PEOPLE = int(os.environ.get("NAMJAI_DRILL_PEOPLE", "500"))
MESSAGES = 4
RATE_PER_S = 50.0
VICTIMS = ("risk", "chat", "notify", "gateway", "analytics", "nats")
SETTLE_S = 90
TEXTS = ("สวัสดีค่ะ", "อยากเลิกเหล้า ทำยังไงดี", "I slept badly again", "我今天沒有喝酒")


@pytest.mark.timeout(300)
async def test_nothing_is_lost_doubled_or_unscreened_while_everything_is_killed(tmp_path: Path) -> None:
    async with namjai_up(tmp_path / "home") as namjai:
        async with asyncio.TaskGroup() as work:
            load = work.create_task(_write(namjai))
            work.create_task(_kill_in_turn(namjai))
        events = await until(lambda: _settled(namjai), SETTLE_S, 1.0)
        chats = await asyncio.gather(*(namjai.chat(user_id(n)) for n in range(PEOPLE)))
        findings = [call["findings"] for call in await namjai.calls() if call["findings"]]
    report = {"webhooks refused at first": sum(status != 200 for status in load.result())} | _report(events, chats)
    print("\n" + json.dumps(report, indent=2))
    assert findings == []
    assert report["bubbles on the phones"] == report["bubbles sent"]
    assert report["messages"] == PEOPLE * MESSAGES
    assert report["without a turn"] == 0
    assert report["with more than one turn"] == 0
    assert report["people answered out of order"] == 0
    assert report["turns without delivery"] == 0
    assert report["turns delivered twice"] == 0
    assert report["messages never judged"] == 0
    assert report["turns that claim a verdict they do not have"] == 0


async def _write(namjai: Running) -> list[int]:
    """Open loop: every message at its time. What is not taken, the platform sends again. Returns first statuses."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> int:
        await asyncio.sleep(max(0.0, began + number / RATE_PER_S - loop.time()))
        text = TEXTS[number // PEOPLE % len(TEXTS)]
        return int((await namjai.send(user_id(number % PEOPLE), text))["status"])

    return list(await asyncio.gather(*(one(n) for n in range(PEOPLE * MESSAGES))))


async def _kill_in_turn(namjai: Running) -> None:
    pause = PEOPLE * MESSAGES / RATE_PER_S / (len(VICTIMS) + 1)
    for victim in VICTIMS:
        await asyncio.sleep(pause)
        if victim == "nats":
            processes = json.loads((namjai.home / "processes.json").read_text())
            os.kill(int(processes["nats"]["pid"]), 9)
        else:
            namjai.kill(victim)


async def _settled(namjai: Running) -> list[Stored[Fact]] | None:
    """The log, once every message has its turn and every turn its delivery."""
    try:
        events = await namjai.events()
    except OSError:
        return None
    messages = {each.id for each in facts(events, MessageReceived)}
    turns = facts(events, ReplyIssued)
    answered = {answer for turn in turns for answer in turn.data.answers}
    answered |= {answer for skipped in facts(events, TurnSkipped) for answer in skipped.data.answers}
    done = {sent.data.reply for sent in facts(events, DeliverySent)}
    done |= {failed.data.reply for failed in facts(events, DeliveryFailed)}
    judged = {verdict.data.message for verdict in facts(events, RiskAssessed)}
    complete = messages == answered and {turn.id for turn in turns} == done and messages <= judged
    return events if complete and len(messages) == PEOPLE * MESSAGES else None


def _report(events: Sequence[Stored[Fact]], chats: Sequence[Sequence[object]]) -> dict[str, int]:
    messages: dict[str, list[str]] = defaultdict(list)
    answers: dict[str, list[str]] = defaultdict(list)
    verdicts = {verdict.id: verdict.data.message for verdict in facts(events, RiskAssessed)}
    turns = facts(events, ReplyIssued)
    deliveries = facts(events, DeliverySent)
    sent = Counter(delivery.data.reply for delivery in deliveries)
    for message in facts(events, MessageReceived):
        messages[message.subject].append(message.id)
    for turn in turns:
        answers[turn.subject].extend(turn.data.answers)
    times = Counter(answer for each in answers.values() for answer in each)
    everything = [message for each in messages.values() for message in each]
    return {
        "messages": len(everything),
        "turns": len(turns),
        "without a turn": sum(times[message] == 0 for message in everything),
        "with more than one turn": sum(times[message] > 1 for message in everything),
        "people answered out of order": sum(answers[member] != said_by for member, said_by in messages.items()),
        "messages never judged": len(set(everything) - set(verdicts.values())),
        "turns without delivery": sum(sent[turn.id] == 0 for turn in turns),
        "turns delivered twice": sum(count > 1 for count in sent.values()),
        "deliveries given up": len(facts(events, DeliveryFailed)),
        "turns marked unscreened (crisis lines sent along)": sum(not turn.data.screened for turn in turns),
        "turns that claim a verdict they do not have": sum(
            turn.data.screened and not set(turn.data.answers) <= {verdicts.get(a) for a in turn.data.assessments}
            for turn in turns
        ),
        "bubbles sent": sum(delivery.data.messages for delivery in deliveries),
        "bubbles on the phones": sum(len(chat) for chat in chats),
    }
