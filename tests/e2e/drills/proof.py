"""What the drills offer and prove: many people write at a steady rate; the log and the phones say what came of it."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from namjai.devkit.load import percentile
from namjai.devkit.running import Running, facts, until
from namjai.devkit.signing import user_id
from namjai.events import Envelope, Fact, Stored
from namjai.events.conversation import TurnSkipped
from namjai.events.delivery import DeliveryFailed, DeliverySent
from namjai.events.message import MessageReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from namjai.runtime.errors import LogUnavailable

RATE_PER_S = 50.0
SETTLE_S = 90
MESSAGES_MAX = 10_000
TEXTS = ("สวัสดีค่ะ", "อยากเลิกเหล้า ทำยังไงดี", "I slept badly again", "我今天沒有喝酒")

Report = dict[str, float]


@dataclass
class Crowd:
    """People who write in turn, each message at its time whether or not the ones before were taken (an open loop)."""

    people: int
    rate_per_s: float = RATE_PER_S
    statuses: list[int] = field(default_factory=list)
    """How each webhook was answered at first; what was not taken, the platform sends again."""

    async def write(self, namjai: Running, messages: int) -> None:
        """So many messages."""
        await self._write(namjai, messages, asyncio.Event())

    async def write_until(self, namjai: Running, enough: asyncio.Event) -> None:
        """Until somebody has seen enough."""
        await self._write(namjai, MESSAGES_MAX, enough)

    async def _write(self, namjai: Running, messages: int, enough: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as sending:
            for number in range(messages):
                await asyncio.sleep(max(0.0, began + number / self.rate_per_s - loop.time()))
                if enough.is_set():
                    return
                sending.create_task(self._send(namjai, number))

    async def _send(self, namjai: Running, number: int) -> None:
        text = TEXTS[number // self.people % len(TEXTS)]
        self.statuses.append(int((await namjai.send(user_id(number % self.people), text))["status"]))

    async def prove(self, namjai: Running, settle_s: float = SETTLE_S) -> Report:
        """Wait until everything is answered, print what was found, and assert what must hold whatever happened."""
        events = await until(lambda: self._settled(namjai), settle_s, 1.0)
        chats = await asyncio.gather(*(namjai.chat(user_id(n)) for n in range(self.people)))
        findings = [call["findings"] for call in await namjai.calls() if call["findings"]]
        refused = sum(status != 200 for status in self.statuses)
        report = {"webhooks refused at first": refused} | _report(events, chats) | _times(events)
        print("\n" + json.dumps(report, indent=2))
        assert findings == []
        assert report["bubbles on the phones"] == report["bubbles sent"]
        assert report["messages"] == len(self.statuses)
        assert report["without a turn"] == 0
        assert report["with more than one turn"] == 0
        assert report["people answered out of order"] == 0
        assert report["turns without delivery"] == 0
        assert report["turns delivered twice"] == 0
        assert report["messages never judged"] == 0
        assert report["turns that claim a verdict they do not have"] == 0
        return report

    async def _settled(self, namjai: Running) -> list[Stored[Fact]] | None:
        """The log, once every message has its turn and every turn its delivery."""
        try:
            events = await namjai.events()
        except (OSError, LogUnavailable):
            return None
        messages = {each.id for each in facts(events, MessageReceived)}
        turns = facts(events, ReplyIssued)
        answered = {answer for turn in turns for answer in turn.data.answers}
        answered |= {answer for skipped in facts(events, TurnSkipped) for answer in skipped.data.answers}
        done = {sent.data.reply for sent in facts(events, DeliverySent)}
        done |= {failed.data.reply for failed in facts(events, DeliveryFailed)}
        judged = {verdict.data.message for verdict in facts(events, RiskAssessed)}
        complete = messages == answered and {turn.id for turn in turns} == done and messages <= judged
        return events if complete and len(messages) == len(self.statuses) else None


def _report(events: Sequence[Stored[Fact]], chats: Sequence[Sequence[object]]) -> Report:
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


def _times(events: Sequence[Stored[Fact]]) -> Report:
    """How long replies took, from the webhook to LINE's answer, and the longest times in which nothing went on."""
    deliveries = facts(events, DeliverySent)
    took = [delivery.data.latency_ms / 1_000 for delivery in deliveries]
    return {
        "reply p50 s": percentile(took, 50),
        "reply p99 s": percentile(took, 99),
        "reply max s": percentile(took, 100),
        "longest without a webhook taken s": _gap_s(facts(events, MessageReceived)),
        "longest without a reply s": _gap_s(deliveries),
    }


def _gap_s(events: Sequence[Envelope[Any]]) -> float:
    times: list[datetime] = sorted(each.time for each in events)
    return round(max(((after - before).total_seconds() for before, after in pairwise(times)), default=0.0), 2)
