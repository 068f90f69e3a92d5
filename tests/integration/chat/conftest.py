"""Chat on a real log: a NATS of its own, and as many replicas of the worker as a test wants."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from nats.aio.client import Client
from opentelemetry.trace import NoOpTracer

from namjai.chat.adapters.snapshots import KvSnapshots
from namjai.chat.conversation import Conversations
from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.decide import Rules
from namjai.chat.handlers import HANDLERS, Front
from namjai.chat.ports import Desk as Surface
from namjai.chat.ports import Mind
from namjai.chat.records import MemberRecords
from namjai.chat.skills.skill import Skills
from namjai.chat.skills.table import ALL
from namjai.chat.surroundings import Chat
from namjai.devkit.testing import nats_server, open_log
from namjai.events import Envelope, Fact, Sealed, begin, follow
from namjai.events.message import MessageReceived, PostbackReceived
from namjai.events.reply import ReplyIssued
from namjai.events.risk import Category, Level, RiskAssessed
from namjai.events.uses import ModelUse
from namjai.runtime.bus import Requests
from namjai.runtime.consumer import Consumer, Limits
from namjai.runtime.dead import DeadLetters
from namjai.runtime.journal import Journal
from namjai.runtime.metrics import Metrics
from namjai.runtime.tracing import Tracing

F = TypeVar("F", bound=Fact)
SKILLS = Skills(ALL)
RULES = Rules(coalesce=timedelta(milliseconds=150), screening_wait=timedelta(milliseconds=600))


@dataclass
class Desk:
    """The log with a person writing into it, and what was said to them."""

    nc: Client
    requests: Requests
    journal: Journal

    async def write(self, member: str, words: str, n: int = 0, *, kind: str = "text") -> Envelope[MessageReceived]:
        now = datetime.now(UTC)
        fact = MessageReceived(
            kind=kind,
            message_id=f"{member}-{n}",
            webhook_event_id=f"{member}-{n}",
            source_kind="user",
            mode="active",
            sent_at=now,
            received_at=now,
            sender=Sealed("U" + "0" * 32),
            reply_token=Sealed("token"),
            text=Sealed(words) if kind == "text" else None,
            raw=Sealed(f'{{"type":"{kind}"}}'),
        )
        event = begin(fact, source="gateway", cause=f"{member}-{n}", member=member, time=now)
        await self.journal.append([event])
        return event

    async def press(self, member: str, data: str, n: int = 0) -> Envelope[PostbackReceived]:
        """A button, as LINE sends it."""
        now = datetime.now(UTC)
        fact = PostbackReceived(
            webhook_event_id=f"{member}-{n}",
            source_kind="user",
            mode="active",
            sent_at=now,
            received_at=now,
            sender=Sealed("U" + "0" * 32),
            reply_token=Sealed(f"token-{n}"),
            postback=Sealed(data),
        )
        event = begin(fact, source="gateway", cause=f"{member}-{n}", member=member, time=now)
        await self.journal.append([event])
        return event

    async def fact(self, member: str, fact: F, *, ago: timedelta = timedelta()) -> Envelope[F]:
        """Something that another service says about the member."""
        time = datetime.now(UTC) - ago
        event = begin(fact, source="test", cause=secrets.token_hex(8), member=member, time=time)
        await self.journal.append([event])
        return event

    async def judge(
        self,
        message: Envelope[MessageReceived] | Envelope[PostbackReceived],
        level: Level = "none",
        category: Category = "suicide",
    ) -> Envelope[RiskAssessed]:
        fact = RiskAssessed(message=message.id, outcome="screened", level=level, category=category, policy="test")
        verdict = follow(message, fact, source="risk", n=0, time=datetime.now(UTC))
        await self.journal.append([verdict])
        return verdict

    async def replies(self, member: str, count: int, within_s: float = 10) -> list[Envelope[ReplyIssued]]:
        """The turns of a member, once there are `count`, and a moment later to see that there are no more."""
        async with asyncio.timeout(within_s):
            while len(await self.facts(member, ReplyIssued)) < count:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        return await self.facts(member, ReplyIssued)

    async def facts(self, member: str, kind: type[Fact]) -> list[Envelope]:  # type: ignore[type-arg]
        history = await self.journal.history(member)
        return [stored.event for stored in history if isinstance(stored.event.data, kind)]

    def desk(self, mind: Mind | None) -> Callable[[str, list[ModelUse], bool], Surface]:
        """What a skill works with: the person's part of the log, and this model."""
        return lambda member, uses, mine: Surface(records=MemberRecords(self.journal, member), mind=mind)

    @asynccontextmanager
    async def replica(self, rules: Rules = RULES, **surroundings: Any) -> AsyncIterator[Conversations]:
        """One more chat process, as far as the log can tell; `surroundings` are fields of `Chat` that differ."""
        js = self.nc.jetstream()

        @asynccontextmanager
        async def unguarded(_: str) -> AsyncIterator[bool]:
            yield True

        async def no_dots(_: str) -> None:
            return None

        lease: Callable[[str], AbstractAsyncContextManager[bool]] = unguarded
        chat = Chat(
            journal=self.journal,
            snapshots=KvSnapshots(await js.key_value("snapshots")),
            clinic=Clinic(language="th", country="TH"),
            clock=lambda: datetime.now(UTC),
            lease=lease,
            loading=no_dots,
            turns=lambda _: None,
            skills=lambda: SKILLS,
            desk=self.desk(None),
        )
        chat = replace(chat, **surroundings)
        async with self.at_work(Conversations(chat, rules, states_max=100)) as conversations:
            yield conversations

    @asynccontextmanager
    async def at_work(self, conversations: Conversations) -> AsyncIterator[Conversations]:
        """Consume with these conversations, as the service does."""
        stop = asyncio.Event()
        consumer = Consumer(
            self.nc,
            self.journal,
            DeadLetters(self.requests),
            Metrics("chat", "0"),
            Tracing(NoOpTracer()),
            name="chat",
            handlers=HANDLERS,
            service=Front(conversations, self.journal),
            limits=Limits(concurrency=200, ack_wait_s=1.0, max_deliveries=20, drain_s=3.0),
        )
        async with asyncio.TaskGroup() as work:
            work.create_task(consumer.run(stop))
            yield conversations
            stop.set()


@pytest.fixture(scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with nats_server(tmp_path_factory.mktemp("chat")) as server, open_log(server, name="chat") as opened:
        yield Desk(*opened)


@pytest.fixture
def member() -> str:
    return "m" + secrets.token_hex(8)
