"""Answers that are the same for everybody: written once, kept in this process and in a real Valkey, renewed in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from namjai.chat.adapters.answers.asked import ASKED_MIN, AskedMost
from namjai.chat.adapters.answers.common import CommonAnswers, Terms, TurnAnswers
from namjai.chat.adapters.answers.vault import Kept, Vault
from namjai.chat.ports import Common, Desk, Mind, ModelUnavailable, Writer, Written
from namjai.chat.skills.education.generate import Key, NotAboutHealth, leaflet_for
from namjai.devkit.testing import valkey_server
from namjai.events.uses import ModelUse
from namjai.runtime.cache import Cache, RedisLevel
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink
from tests.unit.chat.education.minds import ScriptedMind, body
from tests.unit.chat.visits import Facts

PEPPER = b"p" * 32
GOUT = Common("tales", "gout", "en", version="1")


@dataclass
class Author:
    """Writes, slowly if told so, and counts."""

    wrote: list[Common] = field(default_factory=list)
    version: str = "1"
    fails: bool = False
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.go_on.set()

    @property
    def writer(self) -> Writer:
        """As a skill gives it."""
        return Writer(purpose="tale", version=lambda: self.version, write=self.write)

    async def write(self, asked: Common, mind: Mind) -> Written:
        """A tale."""
        self.wrote.append(asked)
        await self.go_on.wait()
        if self.fails:
            raise ModelUnavailable("server")
        return Written(f"about {asked.topic}, no. {len(self.wrote)}".encode(), "author-1")


@dataclass
class Clock:
    """Time as the test wants it."""

    now: datetime = datetime(2026, 3, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Place:
    """One process: its cache and its answers."""

    answers: CommonAnswers
    cache: Cache
    asked: AskedMost

    async def ask(self, asked: Common, author: Author, uses: list[ModelUse] | None = None) -> bytes:
        """As a turn would."""
        return await TurnAnswers(self.answers, ScriptedMind(), [] if uses is None else uses).get(asked, author.writer)


@pytest.fixture(scope="module")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with valkey_server(tmp_path_factory.mktemp("answers")) as server:
        yield server.url


@pytest.fixture
async def url(valkey: str) -> str:
    link = RedisLink(valkey, Metrics("chat", "0"))
    await link.run("FLUSHALL")
    await link.close()
    return valkey


@asynccontextmanager
async def place(
    url: str | None, author: Author, clock: Clock | None = None, *, models: str = "m-1", pepper: bytes = PEPPER
) -> AsyncIterator[Place]:
    """A process that shares this Valkey."""
    metrics, now = Metrics("chat", "0"), clock or Clock()
    redis = RedisLink(url, metrics, deadline_ms=2_000)
    vault = Vault(pepper, models=models)
    asked = AskedMost(redis, vault, clock=now)
    async with Cache("answers", metrics, shared=RedisLevel(redis), ttl_s=3_600, local_ttl_s=3_600) as cache:
        answers = CommonAnswers(
            cache,
            vault,
            asked,
            lambda note: ScriptedMind(),
            {"tales": author.writer},
            terms=Terms(fresh_s=60, warm_max=10),
            limiter=LocalLimiter("answers", Rate(1_000, 1.0), metrics),
            metrics=metrics,
            clock=now,
        )
        yield Place(answers, cache, asked)
    await redis.close()


@asynccontextmanager
async def at_work(here: Place) -> AsyncIterator[None]:
    """What goes on in the background, while it is looked at."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as work:
        work.create_task(here.answers.run(stop))
        try:
            yield
        finally:
            stop.set()


async def until(author: Author, count: int) -> None:
    """The author has written so often."""
    async with asyncio.timeout(5):
        while len(author.wrote) < count:
            await asyncio.sleep(0.005)


async def test_the_second_who_asks_gets_the_same_and_each_use_is_on_record(url: str) -> None:
    author, uses = Author(), list[ModelUse]()
    async with place(url, author) as here:
        first = await here.ask(GOUT, author)
        assert await here.ask(GOUT, author, uses) == first == b"about gout, no. 1"
    assert [(use.purpose, use.model, use.cache, use.tokens_in) for use in uses] == [("tale", "author-1", "hit", 0)]


async def test_another_process_finds_it_in_valkey(url: str) -> None:
    author = Author()
    async with place(url, author) as one, place(url, author) as other:
        await one.ask(GOUT, author)
        await other.ask(GOUT, author)
    assert len(author.wrote) == 1


async def test_many_who_ask_at_once_have_it_written_once(url: str) -> None:
    author = Author()
    author.go_on.clear()
    async with place(url, author) as here:
        asking = [asyncio.ensure_future(here.ask(GOUT, author)) for _ in range(20)]
        await until(author, 1)
        author.go_on.set()
        assert set(await asyncio.gather(*asking)) == {b"about gout, no. 1"}
    assert len(author.wrote) == 1


@pytest.mark.parametrize(
    "other",
    [
        Common("tales", "gout", "th", version="1"),
        Common("tales", "gout", "en", "simple", "1"),
        Common("tales", "asthma", "en", version="1"),
        Common("tales", "gout", "en", version="2"),
    ],
    ids=["language", "level", "topic", "version"],
)
async def test_another_question_or_version_is_another_answer(url: str, other: Common) -> None:
    author = Author()
    async with place(url, author) as here:
        assert await here.ask(GOUT, author) != await here.ask(other, author)


async def test_another_model_s_answer_is_not_taken_for_ours(url: str) -> None:
    author = Author()
    async with place(url, author) as one, place(url, author, models="m-2") as other:
        await one.ask(GOUT, author)
        await other.ask(GOUT, author)
    assert len(author.wrote) == 2


async def test_a_failure_is_told_to_all_who_wait_and_not_remembered(url: str) -> None:
    author = Author(fails=True)
    async with place(url, author) as here:
        with pytest.raises(ModelUnavailable):
            await here.ask(GOUT, author)
        author.fails = False
        assert await here.ask(GOUT, author) == b"about gout, no. 2"


async def test_an_old_answer_is_given_at_once_and_written_anew_behind_it(url: str) -> None:
    author, clock, uses = Author(), Clock(), list[ModelUse]()
    async with place(url, author, clock) as here, at_work(here):
        await here.ask(GOUT, author)
        clock.now += timedelta(seconds=61)
        assert await here.ask(GOUT, author, uses) == b"about gout, no. 1"
        await until(author, 2)
        await asyncio.sleep(0.05)
        assert await here.ask(GOUT, author, uses) == b"about gout, no. 2"
    assert [use.cache for use in uses] == ["stale", "hit"]


async def test_while_nobody_can_write_it_anew_the_old_answer_stands(url: str) -> None:
    author, clock = Author(), Clock()
    async with place(url, author, clock) as here, at_work(here):
        await here.ask(GOUT, author)
        clock.now += timedelta(seconds=61)
        author.fails = True
        for wrote in (2, 3):
            assert await here.ask(GOUT, author) == b"about gout, no. 1"
            await until(author, wrote)
            await asyncio.sleep(0.02)


async def test_without_valkey_it_still_is_written_once() -> None:
    author = Author()
    async with place(None, author) as here, at_work(here):
        await here.ask(GOUT, author)
        await here.ask(GOUT, author)
        await here.asked.tell()
        assert await here.asked.top(10) == []
    assert len(author.wrote) == 1


async def test_after_a_start_the_most_asked_is_there_before_anybody_asks(url: str) -> None:
    author = Author()
    async with place(url, author) as before:
        for _ in range(ASKED_MIN):
            await before.ask(GOUT, author)
        await before.ask(Common("tales", "rare", "en", version="1"), author)
        await before.asked.tell()
    author.version = "2"  # a new release: what was kept is of no use
    author.wrote.clear()
    async with place(url, author) as after, at_work(after):
        await until(author, 1)
        await asyncio.sleep(0.05)
    assert [(each.topic, each.version) for each in author.wrote] == [("gout", "2")]


async def test_who_reads_valkey_alone_learns_no_question_and_no_answer(url: str) -> None:
    author = Author()
    async with place(url, author) as here:
        await here.ask(GOUT, author)
        await here.asked.tell()
    link = RedisLink(url, Metrics("chat", "0"))
    seen = b""
    for key in await link.run("KEYS", "*"):
        dumped = await link.run("DUMP", key)
        seen += bytes(key) + bytes(dumped)
    await link.close()
    assert seen
    assert b"gout" not in seen


async def test_what_is_damaged_is_written_anew(url: str) -> None:
    author = Author()
    async with place(url, author) as here:
        await here.ask(GOUT, author)
        await here.cache.put(Vault(PEPPER, models="m-1").name(GOUT), b"rubbish")
        assert await here.ask(GOUT, author) == b"about gout, no. 2"


def test_an_answer_under_another_s_name_is_none() -> None:
    vault = Vault(PEPPER, models="m-1")
    box = vault.seal("one", Kept(1.0, "m", b"body"))
    assert vault.open("one", box) == Kept(1.0, "m", b"body")
    assert vault.open("two", box) is None
    assert Vault(b"q" * 32, models="m-1").open("one", box) is None


async def test_leaflets_are_written_once_however_people_ask(url: str) -> None:
    mind = ScriptedMind(fills=[body("Gout", "Joints hurt.")])
    async with place(url, Author()) as here:
        desk = _desk(here, mind)
        leaflets = [
            await leaflet_for(Key.of(said, "en"), desk)
            for said in ("What is gout?", "tell me about GOUT", "information about gout, please", "gout")
        ]
    assert len({leaflet.id for leaflet in leaflets}) == 1
    assert leaflets[0] == leaflets[-1]


async def test_a_leaflet_about_somebody_is_written_for_them_alone(url: str) -> None:
    mind = ScriptedMind(fills=[body(), body()])
    async with place(url, Author()) as here:
        desk = _desk(here, mind)
        for _ in range(2):
            await leaflet_for(Key.of("gout of my husband", "en"), desk)
    assert mind.fills == []


async def test_what_is_no_health_topic_is_asked_anew(url: str) -> None:
    no = {**body(), "about_health": False}
    mind = ScriptedMind(fills=[no, no])
    async with place(url, Author()) as here:
        desk = _desk(here, mind)
        for _ in range(2):
            with pytest.raises(NotAboutHealth):
                await leaflet_for(Key.of("football", "en"), desk)
    assert mind.fills == []


def _desk(here: Place, mind: ScriptedMind) -> Desk:
    return Desk(records=Facts(), mind=mind, answers=TurnAnswers(here.answers, mind, []))
