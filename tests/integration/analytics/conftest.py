"""Analytics on a real log and a real database: one server of each, and a fresh stream and database for each test."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from nats.aio.client import Client

from namjai.analytics.adapters.migrations import migrate, migrations
from namjai.analytics.adapters.store import PostgresStore
from namjai.analytics.project import Projector
from namjai.analytics.settings import AnalyticsSettings
from namjai.devkit.testing import NatsServer, PostgresServer, nats_server, postgres_server
from namjai.events import Envelope, Fact, Sealed, begin, codec, follow, subjects
from namjai.events.alert import AlertMerged, AlertNotified, AlertRaised
from namjai.events.delivery import DeliverySent
from namjai.events.member import LanguageChosen, MemberConsented, MemberFollowed, MemberUnfollowed
from namjai.events.message import MessageReceived, MessageRemoved, MessageUnsent
from namjai.events.reply import ReplyIssued
from namjai.events.risk import RiskAssessed
from namjai.runtime.bus import Requests, connect
from namjai.runtime.log import NatsLog
from namjai.runtime.metrics import Metrics
from namjai.runtime.provision import provision

Event = Envelope[Fact]
_numbers = itertools.count(1)


def box() -> Sealed[Any]:
    """A personal field as it is in the log; nothing here ever opens one."""
    return Sealed.boxed("s1.Y2lwaGVydGV4dA==")


class Clinic:
    """Writes what a clinic's day leaves in the log. The same seed tells the same story."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._now = datetime(2026, 1, 30, 16, 0, tzinfo=UTC)
        self._n = 0

    def _tick(self) -> datetime:
        self._now += timedelta(milliseconds=self._random.randrange(1, 60_000))
        return self._now

    def message(self, member: str, *, throttled: bool = False) -> Event:
        """Somebody writes."""
        self._n += 1
        at = self._tick()
        kind = self._random.choice(["text", "text", "text", "image", "sticker"])
        fact = MessageReceived(
            kind=kind,
            message_id=str(self._n),
            webhook_event_id=str(self._n),
            source_kind="user",
            mode="active",
            sent_at=at,
            received_at=at,
            throttled=throttled,
            length_utf16=self._random.randrange(400),
            sender=box(),
            reply_token=box(),
            text=box(),
            raw=box(),
        )
        return begin(fact, source="gateway", cause=f"{member}|{self._n}", member=member, time=at)

    def followed(self, member: str) -> Event:
        """Somebody adds us."""
        self._n += 1
        at = self._tick()
        fact = MemberFollowed(webhook_event_id=str(self._n), mode="active", sent_at=at, received_at=at, sender=box())
        return begin(fact, source="gateway", cause=f"{member}|{self._n}", member=member, time=at)

    def after(self, cause: Event, *facts: Fact, source: str = "chat") -> list[Event]:
        """What follows from it, a moment later."""
        return [follow(cause, fact, source=source, n=n, time=self._tick()) for n, fact in enumerate(facts)]

    def turn(self, member: str) -> list[Event]:
        """A message, its verdict, its answer, its delivery, and now and then an alert and more."""
        asked = self.message(member, throttled=self._random.random() < 0.1)
        level: Any = self._random.choice(["none", "none", "none", "low", "medium", "high", "crisis"])
        [verdict] = self.after(
            asked, RiskAssessed(message=asked.id, outcome="screened", level=level, policy="p1"), source="risk"
        )
        reply = ReplyIssued(
            answers=(asked.id,),
            through=0,
            assessments=(verdict.id,),
            screened=self._random.random() < 0.9,
            level=level,
            kind="crisis" if level == "crisis" else "support",
            responder="offline",
            received_at=asked.time,
            messages=box(),
            to=box(),
        )
        [issued] = self.after(verdict, reply)
        took = self._random.randrange(20, 4_000)
        [sent] = self.after(issued, DeliverySent(reply=issued.id, via="reply", messages=1, calls=1, latency_ms=took))
        story = [asked, verdict, issued, sent]
        if level in ("high", "crisis"):
            story += self._alarm(asked, level)
        if self._random.random() < 0.2:
            story += self.after(sent, self._random.choice(OWN_WILL))
        return story

    def _alarm(self, asked: Event, level: Any) -> list[Event]:
        raised = AlertRaised(level=level, category="suicide", merge_key="k", message=asked.id)
        first, again = self.after(asked, raised, raised, source="alarm")
        told = AlertNotified(alert=first.id, step=1, staff="s1", channel="line", level=level)
        return [first, again, *self.after(first, told, AlertMerged(alert=again.id, into=first.id), source="notify")]

    def unsent(self, message: Event, sequence: int) -> list[Event]:
        """The person takes a message back, and it is taken out."""
        assert isinstance(message.data, MessageReceived)
        name = message.data.message_id
        [unsent] = self.after(
            message,
            MessageUnsent(message_id=name, webhook_event_id=f"u{name}", received_at=self._now),
            source="gateway",
        )
        return [unsent, *self.after(unsent, MessageRemoved(message_id=name, event=message.id, sequence=sequence))]

    def story(self, members: int, turns: int) -> list[Event]:
        """Everybody follows, then all of them write in turns."""
        names = [f"m{n:04d}" for n in range(members)]
        events = [self.followed(name) for name in names]
        for _ in range(turns):
            events += self.turn(self._random.choice(names))
        return events


OWN_WILL: list[Fact] = [
    LanguageChosen(language="zh-TW"),
    MemberConsented(purpose="research", granted=True, text_version="1"),
    MemberConsented(purpose="research", granted=False, text_version="1"),
    MemberUnfollowed(webhook_event_id="x", received_at=datetime(2026, 1, 30, tzinfo=UTC)),
]


@dataclass
class Place:
    """A fresh log and a fresh database, and what a test does with them."""

    server: NatsServer
    nc: Client
    log: NatsLog
    settings: AnalyticsSettings
    pg: asyncpg.Connection

    async def say(self, events: Sequence[Event]) -> int:
        """Append, fast, and wait until all is stored. Returns the last sequence."""
        js = self.nc.jetstream()
        for start in range(0, len(events), 1_000):
            acks = [
                await js.publish_async(
                    subjects.event(event.type, event.subject), codec.encode(event), headers={"Nats-Msg-Id": event.id}
                )
                for event in events[start : start + 1_000]
            ]
            last = (await asyncio.gather(*acks))[-1].seq
        return int(last)

    def projector(self) -> Projector:
        """One more replica."""
        return Projector(self.log, PostgresStore(self.settings), self.settings, Metrics("analytics"))

    @asynccontextmanager
    async def running(self, projector: Projector) -> AsyncIterator[Projector]:
        """Run it while the block runs."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(projector.run(stop))
            try:
                yield projector
            finally:
                stop.set()

    async def project(self) -> None:
        """Project all there is."""
        async with self.running(self.projector()):
            await self.projected(await self.log.last_sequence())

    async def projected(self, sequence: int) -> None:
        """Wait until that event is in the read models."""
        while await self.pg.fetchval("SELECT sequence FROM analytics_read.position") < sequence:
            await asyncio.sleep(0.01)

    async def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything the read models hold."""
        names = await self.pg.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'analytics_read'")
        return {
            name: sorted(map(tuple, await self.pg.fetch(f'SELECT * FROM analytics_read."{name}"')), key=str)
            for name in sorted(row["tablename"] for row in names)
        }

    async def archive(self) -> list[tuple[Any, ...]]:
        """The second copy."""
        return [tuple(row) for row in await self.pg.fetch("SELECT * FROM analytics.archive ORDER BY sequence")]

    async def api(self, subject: str, query: dict[str, Any]) -> dict[str, Any]:
        """JetStream's own API."""
        answer: dict[str, Any] = json.loads(
            (await self.nc.request(subject, json.dumps(query).encode(), timeout=5)).data
        )
        return answer


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    async with postgres_server(tmp_path_factory.mktemp("analytics-pg")) as running:
        yield running


@pytest.fixture(scope="session")
async def nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path_factory.mktemp("analytics-nats"), sync_interval="1m") as running:
        yield running


@asynccontextmanager
async def _open(server: NatsServer, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    dsn = await postgres.create_database(f"analytics{next(_numbers)}")
    monkeypatch.setenv("NAMJAI_POSTGRES_DSN", dsn)
    monkeypatch.setenv("NAMJAI_NATS_URL", server.url)
    nc = await connect(server.url, name="tests")
    pg = await asyncpg.connect(dsn, ssl=False)
    try:
        await provision(nc)
        await migrate(pg, migrations())
        settings = AnalyticsSettings(poll_ms=10, standby_ms=20, backoff_ms_max=200, batch_events_max=500)
        place = Place(server, nc, NatsLog(await Requests.open(nc)), settings, pg)
        yield place
        pg = place.pg  # a test that restarts the database has opened another one
    finally:
        await pg.close()
        if nc.is_connected:
            await nc.request("$JS.API.STREAM.DELETE.EVENTS", b"", timeout=5)
        await nc.close()


@pytest.fixture
async def place(nats: NatsServer, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    async with _open(nats, postgres, monkeypatch) as opened:
        yield opened


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()
