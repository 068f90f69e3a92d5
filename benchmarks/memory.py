"""What memory and caches save and what they cost: `python -m benchmarks.run memory`.

Hits of the response cache on questions as people ask them, prompt tokens with a summary against all that was said, a
turn's own time, and what chat holds in memory once many people have talked.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate, product
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from benchmarks.offer import EVERYDAY, HEAVY
from namjai.chat.adapters.answers.asked import AskedMost
from namjai.chat.adapters.answers.common import CommonAnswers, Terms, TurnAnswers
from namjai.chat.adapters.answers.vault import Vault
from namjai.chat.content import LANGUAGES, Language
from namjai.chat.content.words import fold
from namjai.chat.domain import summary
from namjai.chat.domain.context import Exchange, cost, fitting, tokens
from namjai.chat.domain.guard import system_prompt
from namjai.chat.domain.language import spoken_language
from namjai.chat.domain.recall import NOTES_MAX, Known, Note
from namjai.chat.ports import Attachment, Desk, ModelAnswer, ModelRequest, ModelUnavailable, Recorded
from namjai.chat.skills.education.generate import Key, leaflet_for
from namjai.chat.skills.support.library import replies
from namjai.devkit.testing import nats_server
from namjai.events.uses import ModelUse
from namjai.runtime.bus import connect
from namjai.runtime.cache import Cache
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics
from namjai.runtime.provision import provision
from namjai.runtime.redis_link import RedisLink

T = TypeVar("T", bound=msgspec.Struct)
QUESTIONS: Final = 5_000
ZIPF: Final = 1.1
TURNS: Final = 40
PEOPLE: Final = 10_000
TIMED_TURNS: Final = 2_400
SEED: Final = 20_260_304
BUDGET_TOKENS: Final = 1_200
"""What the service ships with."""

_LISTS: Final[dict[Language, tuple[str, str]]] = {
    "en": (
        "knee hip shoulder elbow wrist ankle neck jaw ear eye nose throat gum tooth stomach bowel kidney gallbladder "
        "thyroid foot",
        "pain cyst cancer infection stones swelling ulcer polyp rash bleeding stiffness fracture inflammation numbness "
        "cramps allergy tumour warts dryness itching",
    ),
    "th": (
        "เข่า สะโพก ไหล่ ข้อศอก ข้อมือ ข้อเท้า คอ กราม หู ตา จมูก ลำคอ เหงือก ฟัน ลำไส้ กระดูก ไต ถุงน้ำดี ไทรอยด์ เท้า",
        "ปวด เป็นถุงน้ำ เป็นมะเร็ง ติดเชื้อ มีนิ่ว บวม เป็นแผล มีติ่งเนื้อ เป็นผื่น มีเลือดออก ฝืด หัก อักเสบ ชา เป็นตะคริว แพ้ "
        "เป็นเนื้องอก เป็นหูด แห้ง คัน",
    ),
    "zh-TW": (
        "膝蓋 髖部 肩膀 手肘 手腕 腳踝 頸部 下巴 耳朵 眼睛 鼻子 喉嚨 牙齦 牙齒 胃部 腸道 腎臟 膽囊 甲狀腺 足部",
        "疼痛 囊腫 癌症 感染 結石 腫脹 潰瘍 息肉 紅疹 出血 僵硬 骨折 發炎 麻木 抽筋 過敏 腫瘤 疣 乾燥 搔癢",
    ),
}
"""Twenty places and twenty troubles: four hundred things that somebody may ask about, none of them in the library."""
PHRASINGS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        *("{}", "What is {}?", "tell me about {}", "I want to know about {}", "information about {}, please"),
        *("{} - and what should people do?", "{} in the news"),
    ),
    "th": (
        *("{}", "{}คืออะไร", "อยากรู้เรื่อง{}", "ขอข้อมูล{}หน่อย", "ช่วยอธิบาย{}หน่อยค่ะ"),
        *("ถ้า{}ต้องทำอย่างไรดี", "ข่าวช่วงนี้เรื่อง{}"),
    ),
    "zh-TW": (
        *("{}", "什麼是{}？", "請告訴我{}", "我想知道{}", "請給我{}的資料"),
        *("得了{}要注意哪些事呢", "新聞說的{}"),
    ),
}
"""How people put it. The last of each language is a way that nobody has foreseen, as often as any other."""


class Author:
    """A model that writes a leaflet at once, and counts."""

    def __init__(self) -> None:
        self.wrote = 0

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """It cannot search."""
        raise ModelUnavailable("unable")

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """As the port says."""
        self.wrote += 1
        words = "Some words about it that are as long as a sentence of a leaflet usually is. " * 3
        body = {
            "title": f"Leaflet {self.wrote}",
            "overview": words,
            "topics": [{"heading": "Heading", "text": words}] * 3,
            "questions": [{"question": "What is it?", "answer": words}] * 3,
            "actions": ["Ask somebody who knows."] * 3,
        }
        return msgspec.convert(body, shape), ModelAnswer(text="", model="bench")

    async def listen(self, sound: Attachment, *, languages: Sequence[str]) -> ModelAnswer:
        """Not here."""
        raise ModelUnavailable("unable")

    async def speak(self, words: str, *, language: str) -> Attachment:
        """Not here."""
        raise ModelUnavailable("unable")

    async def count(self, words: str) -> int:
        """About."""
        return tokens(words)


class NoRecords:
    """Nobody's records: a leaflet knows nothing of who asks."""

    async def last(self, kind: type[Any]) -> Recorded[Any] | None:
        """As the port says."""
        return None

    async def all(self, kind: type[Any]) -> Sequence[Recorded[Any]]:
        """As the port says."""
        return ()

    async def times(self, *_: Any, **__: Any) -> Any:
        """As the port says."""
        return ()

    async def turns(self, memory: Any) -> Sequence[Exchange]:
        """As the port says."""
        return ()


def questions(number: int = QUESTIONS) -> list[tuple[Language, str]]:
    """What people ask: four hundred topics by Zipf's law, in three languages and seven phrasings, all alike often."""
    dice = random.Random(SEED)
    places = list(product(range(20), range(20)))
    dice.shuffle(places)
    weights = list(accumulate(1 / rank**ZIPF for rank in range(1, len(places) + 1)))
    asked: list[tuple[Language, str]] = []
    for part, trouble in dice.choices(places, cum_weights=weights, k=number):
        language = dice.choice(LANGUAGES)
        space = " " if language == "en" else ""
        parts, troubles = _LISTS[language]
        topic = f"{parts.split()[part]}{space}{troubles.split()[trouble]}"
        asked.append((language, dice.choice(PHRASINGS[language]).format(topic)))
    return asked


async def answers() -> dict[str, Any]:
    """Every question through the function that a turn of education asks; Redis away, one process, from cold."""
    metrics, author, uses = Metrics("bench", "0"), Author(), list[ModelUse]()
    redis, vault = RedisLink(None, metrics), Vault(b"b" * 32, models="bench")
    asked = questions()
    async with Cache("answers", metrics, ttl_s=604_800, local_ttl_s=604_800) as cache:
        common = CommonAnswers(
            cache,
            vault,
            AskedMost(redis, vault, clock=_now),
            lambda _: author,
            {},
            terms=Terms(fresh_s=432_000, warm_max=0),
            limiter=LocalLimiter("answers", Rate(4, 60.0), metrics),
            metrics=metrics,
            clock=_now,
        )
        desk = Desk(records=NoRecords(), mind=author, answers=TurnAnswers(common, author, uses))
        for language, said in asked:
            await leaflet_for(Key.of(said, language), desk)
        kept = len(cache)
    distinct = len({(language, fold(said)) for language, said in asked})
    return {
        "education, cache hits": round(1 - author.wrote / len(asked), 3),
        "education, hits without one form for all phrasings": round(1 - distinct / len(asked), 3),
        "education, hits on record of the turns": round(Counter(use.cache for use in uses)["hit"] / len(asked), 3),
        "education, answers kept": kept,
    }


def prompts() -> dict[str, Any]:
    """What a model reads around the fortieth turn: all that was said, against summary, notes and budget.

    Our own estimate counts both. Summaries are as long as they may be, and making them is paid for. Figures are means
    over the turns from one summary to the next, since a prompt is longest just before one.
    """
    found: dict[str, Any] = {}
    cycle = summary.EVERY_TURNS - summary.KEPT_TURNS + 1
    around = slice(TURNS - 1 - cycle // 2, TURNS - 1 - cycle // 2 + cycle)
    for talk, language in product(("short", "full"), LANGUAGES):
        all_of_it, ours, summing = _story(language, full=talk == "full")
        there, here = sum(all_of_it[around]) / cycle, sum(ours[around]) / cycle
        name = f"at turn {TURNS}, {talk} turns, {language}"
        found[f"prompt tokens {name}"] = f"{round(there)} → {round(here)}"
        found[f"prompt tokens saved {name}"] = round(1 - here / there, 3)
        if talk == "full":
            whole = 1 - (sum(ours[:TURNS]) + summing) / sum(all_of_it[:TURNS])
            found[f"saved over all {TURNS} turns, summaries paid, {language}"] = round(whole, 3)
    return found


def _story(language: Language, *, full: bool) -> tuple[list[int], list[int], int]:
    """Tokens of each turn's prompt with all of the talk, with ours, and what the summaries cost to make.

    A short turn is one line and the shortest of answers; a full one two lines, and an answer of the three or four
    sentences that a model is asked for.
    """
    asked = [words for words in (*EVERYDAY, *HEAVY) if _speaks(words) == language]
    said = [reply.text for each in replies(language).values() for reply in each]
    known, talk = Known(), list[Exchange]()
    all_of_it, ours, summing, first = list[int](), list[int](), 0, 0
    for n in range(TURNS + summary.EVERY_TURNS):
        lines, sentences = (
            [asked[(n + k) % len(asked)] for k in (0, 3)],
            [said[(n * 7 + k) % len(said)] for k in (0, 5)],
        )
        turn = Exchange("\n".join(lines[: 1 + full]), " ".join(sentences[: 1 + full]))
        fixed = tokens(system_prompt(language)) + tokens(turn.asked)
        notes = [note.text for note in known.notes]
        fits = fitting(talk[first:], summary=known.summary, notes=notes, tokens_max=BUDGET_TOKENS)
        all_of_it.append(fixed + sum(cost(each) for each in talk))
        ours.append(fixed + fits.tokens)
        talk.append(turn)
        if len(talk) - first > summary.EVERY_TURNS:
            upto = len(talk) - summary.KEPT_TURNS
            summing += tokens(summary.system(language)) + tokens(summary.material(known, talk[first:upto]))
            known, first = _recap(language, known), upto
    return all_of_it, ours, summing


def _recap(language: Language, known: Known) -> Known:
    """A summary of a hundred and twenty words, or what is as long, and a note more, as far as notes are kept."""
    chars = {"en": 700, "th": 500, "zh-TW": 200}[language]
    note = Note(f"{len(known.notes)}", _words(language, chars // 8), "model")
    return Known(_words(language, chars), (*known.notes, note)[-NOTES_MAX:])


def _words(language: Language, chars: int) -> str:
    return (" ".join(words for words in (*EVERYDAY, *HEAVY) if _speaks(words) == language) * 20)[:chars]


def _speaks(words: str) -> str:
    return spoken_language(words, chosen=None, default="en")


async def measure() -> dict[str, Any]:
    """All of it."""
    found = await answers() | prompts()
    for what, number in (("turns", TIMED_TURNS), ("crowd", PEOPLE)):
        found |= _figures(what, await _people(what, number))
    return found


async def _people(what: str, number: int) -> dict[str, Any]:
    """Chat's worker in a process of its own, with a NATS of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with nats_server(Path(folder), sync_interval="2m") as server:
            nc = await connect(server.url, name="admin")
            try:
                await provision(nc)
            finally:
                await nc.close()
            command = (sys.executable, "-m", "benchmarks.people", server.url, what, str(number))
            process = await asyncio.create_subprocess_exec(*command, stdout=-1, env=dict(os.environ))
            output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the worker ended with {process.returncode}")
    found: dict[str, Any] = json.loads(output)
    return found


def _figures(what: str, found: dict[str, Any]) -> dict[str, Any]:
    if what == "crowd":
        return {
            "chat, memory before anybody talks, MB": found["before_mb"],
            f"chat, memory after {PEOPLE} people, MB": found["after_mb"],
            "chat, turns/s of a crowd": found["turns_per_s"],
        }
    return {
        "a turn without model time p50, ms": found["offline"]["p50_ms"],
        "a turn without model time p99, ms": found["offline"]["p99_ms"],
        "the same with earlier turns read p50, ms": found["model"]["p50_ms"],
        "the same with earlier turns read p99, ms": found["model"]["p99_ms"],
    }


def _now() -> datetime:
    return datetime.now(UTC)
