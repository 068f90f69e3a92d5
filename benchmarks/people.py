"""Chat's worker on a real NATS in a process of its own: `python -m benchmarks.people NATS_URL turns|crowd NUMBER`.

`turns`: one turn after the other, what each takes from the delivery of its verdict to the reply in the log, model time
left out (a model that answers at once, or none). `crowd`: that many people say one thing each; how much memory the
process takes then, with all that the service imports. It works on the log itself, so that nothing else is measured: no
risk, no LINE.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import uvloop

from benchmarks.offer import EVERYDAY
from namjai.chat.adapters.snapshots import KvSnapshots
from namjai.chat.conversation import Conversations
from namjai.chat.domain.composed import Clinic
from namjai.chat.domain.decide import Rules
from namjai.chat.ports import Desk, Mind, ModelAnswer, ModelRequest, ModelUnavailable
from namjai.chat.records import MemberRecords
from namjai.chat.skills.skill import Skills
from namjai.chat.skills.table import table
from namjai.chat.surroundings import Chat
from namjai.devkit.load import percentile
from namjai.events import Envelope, Fact, Sealed, begin, follow
from namjai.events.member import MemberConsented
from namjai.events.message import MessageReceived
from namjai.events.risk import RiskAssessed
from namjai.events.uses import ModelUse
from namjai.runtime.bus import Requests, connect
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.logs import configure_logs
from namjai.runtime.loop import settle

T = TypeVar("T", bound=msgspec.Struct)
AT_ONCE: Final = 32
"""People of the crowd who are answered at a time."""
EARLIER_TURNS: Final = 8
"""As many as there usually are that no summary tells of."""
WARM_UP_TURNS: Final = 100
STATES_MAX: Final = 20_000
"""What the service ships with."""
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class Instant(Mind):
    """A model that takes no time."""

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        return ModelAnswer(text="ขอบคุณที่เล่าให้ฟังนะ วันนี้คุณรู้สึกอย่างไรบ้าง", model="instant")

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """Not here."""
        raise ModelUnavailable("unable")

    async def listen(self, *_: Any, **__: Any) -> ModelAnswer:
        """Not here."""
        raise ModelUnavailable("unable")

    async def speak(self, *_: Any, **__: Any) -> Any:
        """Not here."""
        raise ModelUnavailable("unable")

    async def count(self, words: str) -> int:
        """Not here."""
        raise ModelUnavailable("unable")


class Worker:
    """Conversations as the service has them, and a pen to write into the log what others would."""

    def __init__(self, journal: Journal, snapshots: KvSnapshots, mind: Mind | None) -> None:
        self._journal = journal
        self._said = 0
        skills = Skills(table())
        skills.preload()

        def desk(member: str, uses: list[ModelUse], mine: bool) -> Desk:
            return Desk(records=MemberRecords(journal, member), mind=mind)

        chat = Chat(
            journal=journal,
            snapshots=snapshots,
            clinic=Clinic(language="th", country="TH"),
            clock=lambda: datetime.now(UTC),
            lease=_unguarded,
            loading=_no_dots,
            turns=lambda _: None,
            skills=lambda: skills,
            desk=desk,
        )
        rules = Rules(coalesce=timedelta(0), screening_wait=timedelta(seconds=5))
        self._conversations = Conversations(chat, rules, states_max=STATES_MAX)

    async def agree(self, member: str) -> None:
        """The person agrees to what lets a model read earlier turns."""
        for purpose in ("model", "chat"):
            fact = MemberConsented(purpose=purpose, granted=True, text_version="1")
            await self._journal.append([begin(fact, source="bench", cause=purpose, member=member, time=_now())])

    async def turn(self, member: str) -> float:
        """One message and its turn; what the turn took, milliseconds."""
        self._said += 1
        message = _message(member, self._said)
        verdict = RiskAssessed(message=message.id, outcome="screened", level="none", category="other", policy="bench")
        judged: list[Envelope[Fact]] = [message, follow(message, verdict, source="risk", n=0, time=_now())]
        sequence = await self._journal.append(judged)
        began = time.perf_counter()
        await self._conversations.wake(member, sequence)
        return (time.perf_counter() - began) * 1_000


async def turns(worker: Worker, number: int, *, agreed: bool) -> dict[str, float]:
    """One after the other, of people who each have as many turns behind them as a model reads at most."""
    took: list[float] = []
    for person in range(max(1, number // EARLIER_TURNS)):
        member = f"{'a' if agreed else 'b'}{person:07d}"
        if agreed:
            await worker.agree(member)
        took += [await worker.turn(member) for _ in range(EARLIER_TURNS)]
    measured = took[WARM_UP_TURNS:]
    return {"turns": len(measured), "p50_ms": percentile(measured, 50), "p99_ms": percentile(measured, 99)}


async def crowd(worker: Worker, number: int) -> dict[str, float]:
    """That many people say one thing each."""
    importlib.import_module("namjai.chat.app")  # what the service has in memory, whatever is used of it here
    before_mb, began = rss_mb(), time.perf_counter()
    people = iter(range(number))

    async def some() -> None:
        for person in people:
            await worker.turn(f"c{person:07d}")

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    per_s = number / (time.perf_counter() - began)
    return {"before_mb": before_mb, "after_mb": rss_mb(), "turns_per_s": round(per_s)}


async def main(url: str, what: str, number: int) -> dict[str, Any]:
    """Connect, work, and say what was seen."""
    nc = await connect(url, name="chat")
    try:
        js = nc.jetstream()
        keyring = Keyring(NatsKeyStore(js, await js.key_value(BUCKET)), MasterKeys({"bench": b"b" * 32}))
        journal = Journal(NatsLog(await Requests.open(nc)), keyring)
        snapshots = KvSnapshots(await js.key_value("snapshots"))
        offline = Worker(journal, snapshots, None)
        settle()
        if what == "crowd":
            return await crowd(offline, number)
        instant = Worker(journal, snapshots, Instant())
        return {
            "offline": await turns(offline, number, agreed=False),
            "model": await turns(instant, number, agreed=True),
        }
    finally:
        await nc.close()


def rss_mb() -> float:
    """What this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * _PAGE_BYTES / 1e6, 1)


def _message(member: str, number: int) -> Envelope[Fact]:
    words, now = EVERYDAY[number % len(EVERYDAY)], _now()
    fact = MessageReceived(
        webhook_event_id=f"{member}-{number}",
        source_kind="user",
        mode="active",
        sent_at=now,
        received_at=now,
        sender=Sealed("U" + "0" * 32),
        reply_token=Sealed(f"token{number:032d}"),
        kind="text",
        message_id=f"{member}-{number}",
        length_utf16=len(words),
        text=Sealed(words),
        raw=Sealed(json.dumps({"type": "text", "text": words}, ensure_ascii=False)),
    )
    return begin(fact, source="bench", cause=fact.webhook_event_id, member=member, time=now)


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def _unguarded(_: str) -> AsyncIterator[bool]:
    yield True


async def _no_dots(_: str) -> None:
    return None


def run(arguments: Sequence[str]) -> None:
    """For the command line."""
    url, what, number = arguments
    configure_logs("bench", "0", level="error")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(main(url, what, int(number)))))


if __name__ == "__main__":
    run(sys.argv[1:])
