"""Everything burns down but the backups: a run is killed, its data is destroyed, and it goes on from a backup."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg

from namjai.devkit.child import is_alive
from namjai.devkit.home import Home
from namjai.devkit.line.people import DR_CHEN, NURSE_PLOY
from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.devkit.terminal import namjai as command
from namjai.events.alert import AlertNotified
from namjai.events.delivery import DeliverySent
from namjai.events.member import MemberErased
from namjai.events.message import MessageReceived
from namjai.events.reply import ReplyIssued
from namjai.runtime.config import NatsConfigStore
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import Raw
from namjai.runtime.settings import parse_master_keys

SECOND_MIN = 1 / 60
SECOND_STEP_S = 15
"""After the alert: the backup is made before, and the disaster lies in between."""
STORES = ("nats", "postgres", "valkey")
WORDS = ("สวัสดีค่ะ", "I slept badly again", "我今天沒有喝酒")
CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"
STAFF = (NURSE_PLOY, DR_CHEN)
ROSTER = {
    "staff": [{"name": person.key, "line_user": person.user_id} for person in STAFF],
    "policies": {
        "drill": {
            "levels": [
                {"targets": [f"person:{NURSE_PLOY.key}"], "delay_min": 0},
                {"targets": [f"person:{DR_CHEN.key}"], "delay_min": SECOND_STEP_S * SECOND_MIN},
            ],
            "round_min": 60,
            "fallback": [],
        }
    },
    "route": {"medium": "drill", "high": "drill", "crisis": "drill"},
}
CALM = {"NAMJAI_ERASURE_GRACE_S": "0.5", "NAMJAI_COALESCE_MS": "20"}


async def test_a_run_goes_on_from_its_backup_when_all_its_data_is_gone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    people = ["U" + secrets.token_hex(16) for _ in range(4)]
    talker, erased, in_crisis, silent = people
    async with namjai_up(home, **CALM) as namjai:
        await _chain_of_two(namjai)
        await asyncio.gather(*(_talk(namjai, person) for person in (talker, erased, silent)))
        await _erase(namjai, erased)
        await namjai.send(in_crisis, CRISIS)
        await until(lambda: _told(namjai, 1))
        await until(lambda: _quiet(namjai))
        timeline = await _timelines(namjai)
        took = {"backup": await _timed("backup", home)}
        before, archived = await _log(namjai), await _archived(namjai)
        await _kill_everything(home)
    for store in STORES:
        shutil.rmtree(home / store)
    took["restore"] = await _timed("restore", home)
    began = time.monotonic()
    async with namjai_up(home, **CALM) as namjai:
        took["start"] = time.monotonic() - began
        print(f"\n{len(before)} events: " + ", ".join(f"{what} {s:.1f} s" for what, s in took.items()))
        after = await _log(namjai)
        assert after[: len(before)] == before
        assert await _archived(namjai) >= archived
        assert await _timelines(namjai) == timeline
        assert Counter(words is None for words in timeline.values()) == {False: 3, True: 1}
        told = await until(lambda: _told(namjai, 2), SECOND_STEP_S + 15)
        assert [each.data.step for each in told] == [1, 2], "the second step was due, and nobody is told twice"
        await namjai.send(talker, "I am back")
        await until(lambda: namjai.chat(talker))
        await until(lambda: _quiet(namjai))
        events = await namjai.events()
        turns = Counter(each.id for each in facts(events, ReplyIssued))
        sent = Counter(each.data.reply for each in facts(events, DeliverySent))
        assert sent == turns, "every turn was delivered once"
        new = facts([each for each in events if each.sequence > before[-1].sequence], DeliverySent)
        bubbles = {person: len(await namjai.chat(person)) for person in people}
        assert bubbles == {talker: sum(each.data.messages for each in new), erased: 0, in_crisis: 0, silent: 0}
        code, said = await namjai.namjai("verify")
        assert code == 0, said


async def _chain_of_two(namjai: Running) -> None:
    async with namjai.log() as (nc, _):
        store = NatsConfigStore(await nc.jetstream().key_value("config"))
        await store.put("alerts", json.dumps(ROSTER).encode())


async def _talk(namjai: Running, person: str) -> None:
    for words in WORDS:
        seen = len(await namjai.chat(person))
        await namjai.send(person, words)
        await until(lambda: _more(namjai, person, seen))  # noqa: B023  # it is awaited before the next round


async def _more(namjai: Running, person: str, seen: int) -> bool:
    return len(await namjai.chat(person)) > seen


async def _erase(namjai: Running, person: str) -> None:
    said = {"type": "postback", "source": {"type": "user", "userId": person}, "postback": {"data": "cmd=erase_confirm"}}
    await namjai.event({**said, "replyToken": secrets.token_hex(16)})
    await until(lambda: _erased(namjai))


async def _erased(namjai: Running) -> bool:
    return bool(facts(await namjai.events(), MemberErased))


async def _told(namjai: Running, steps: int) -> Any:
    told = facts(await namjai.events(), AlertNotified)
    return told if len(told) >= steps else None


async def _quiet(namjai: Running) -> bool:
    """Whether every turn is delivered, and the archive has all of it."""
    events = await namjai.events()
    turns = {each.id for each in facts(events, ReplyIssued)}
    done = {each.data.reply for each in facts(events, DeliverySent)}
    return turns <= done and await _archived(namjai) >= len(events)


async def _archived(namjai: Running) -> int:
    pg = await asyncpg.connect(namjai.run["postgres_dsn"], ssl=False)
    try:
        return int(await pg.fetchval("SELECT count(*) FROM analytics.archive"))
    finally:
        await pg.close()


async def _log(namjai: Running) -> list[Raw]:
    async with namjai.log() as (_, log):
        return [raw async for raw in log.read()]


async def _timelines(namjai: Running) -> dict[str, tuple[str | None, ...] | None]:
    """What each member has said, opened with their keys; None when nothing of it can be read."""
    told: dict[str, list[str | None]] = {}
    async with namjai.log() as (nc, log):
        master = MasterKeys(parse_master_keys(Home(namjai.home).secrets(()).master_keys))
        keyring = Keyring(NatsKeyStore(nc.jetstream(), await nc.jetstream().key_value(BUCKET)), master)
        journal = Journal(log, keyring)
        members = {each.subject for each in facts(await namjai.events(), MessageReceived)}
        for member in sorted(members):
            story = await journal.history(member)
            told[member] = [each.data.text.get(None) for each in facts(story, MessageReceived) if each.data.text]
    return {member: tuple(words) if any(words) else None for member, words in told.items()}


async def _timed(what: str, home: Path) -> float:
    began = time.monotonic()
    done = await command(what, "--home", str(home))
    assert done.code == 0, done.all
    print(f"\n{done.all}")
    return time.monotonic() - began


async def _kill_everything(home: Path) -> None:
    """No process outlives its supervisor, and that one has no time to stop anything in order."""
    pids = [int(process["pid"]) for process in Home(home).processes().values()]
    os.kill(Home(home).owner(), signal.SIGKILL)
    await until(lambda: _gone(pids))
    Home(home).forget()  # addresses of who is dead


async def _gone(pids: list[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)
