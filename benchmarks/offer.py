"""People writing, in a process of its own: `python -m benchmarks.offer NATS_URL MASTER_KEYS RATE SECONDS`.

It appends sealed `message.received` events as the gateway would, each when its time has come (open loop), and prints
`ready` before the first, and after the last how many were taken, how late it was itself, and how long an append took.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import uvloop

from namjai.devkit.load import percentile
from namjai.events import Envelope, Fact
from namjai.events.envelope import begin
from namjai.events.message import MessageReceived
from namjai.events.sealed import Sealed
from namjai.runtime.bus import Requests, connect
from namjai.runtime.errors import LogUnavailable
from namjai.runtime.journal import Journal
from namjai.runtime.keyring import BUCKET, Keyring, MasterKeys, NatsKeyStore
from namjai.runtime.log import NatsLog
from namjai.runtime.logs import configure_logs
from namjai.runtime.loop import settle
from namjai.runtime.settings import parse_master_keys

PEOPLE = 4_999
CRISIS_EVERY = 100
LEAD_S = 0.5
SETTLED_AT_ONCE = 64
MEMBER = "bench{:08d}"

EVERYDAY = (
    "สวัสดีค่ะ วันนี้อากาศดีจังเลย",
    "เมื่อวานไปกินก๋วยเตี๋ยวกับเพื่อนมา อร่อยมากครับ",
    "พรุ่งนี้ต้องตื่นแต่เช้าไปทำงาน ขอตัวไปนอนก่อนนะคะ",
    "เลิกเหล้ามาได้สองอาทิตย์แล้วครับ รู้สึกตัวเบาขึ้นเยอะ",
    "ขอเลื่อนนัดหมอเป็นวันศุกร์ได้ไหมคะ พอดีติดงานที่โรงเรียนลูก",
    "วันนี้เครียดเรื่องงานนิดหน่อย แต่ได้ออกไปวิ่งแล้วดีขึ้น",
    "ยาที่ได้มาต้องกินก่อนหรือหลังอาหารครับ",
    "good morning! slept much better last night",
    "can I bring my sister to the group on Thursday?",
    "had a rough day at work, went for a long walk and cooked dinner after",
    "what time does the clinic open on saturday",
    "thanks for asking, the first week without beer was easier than I feared",
    "早安，今天天氣很好，我去公園走了一個小時",
    "請問下週三的門診可以改時間嗎？",
    "昨天跟朋友去吃火鍋，沒有喝酒，覺得很開心",
    "最近工作比較忙，不過睡得還可以",
    "謝謝你的提醒，藥我都有按時吃",
)
HEAVY = (
    "ช่วงนี้รู้สึกท้อแท้มาก ไม่อยากทำอะไรเลย",
    "I really want a drink tonight, it is hard",
    "最近常常覺得活著好累",
)
"""One in twenty: what the screener notes, and looks up the person's past for."""
CRISES = (
    "คืนนี้จะฆ่าตัวตาย เตรียมเชือกไว้แล้ว ลาก่อน",
    "เพิ่งกินยานอนหลับไปทั้งขวด",
    "I am going to kill myself tonight, I have the pills here",
    "I just took the whole bottle of pills",
    "我決定今晚去跳樓，對不起大家",
    "我剛剛吞了一整瓶安眠藥",
)


def is_crisis(number: int) -> bool:
    """One in a hundred."""
    return number % CRISIS_EVERY == CRISIS_EVERY // 2


def text(number: int) -> str:
    """What the n-th message says."""
    if is_crisis(number):
        return CRISES[number // CRISIS_EVERY % len(CRISES)]
    said = HEAVY[number // 20 % len(HEAVY)] if number % 20 == 7 else EVERYDAY[number % len(EVERYDAY)]
    return f"{said} {number}"


def message(number: int, run: str) -> Envelope[MessageReceived]:
    """The n-th message, as the gateway makes them."""
    words, now, member = text(number), datetime.now(UTC), MEMBER.format(number % PEOPLE)
    raw = {"type": "text", "id": str(number), "text": words}
    fact = MessageReceived(
        webhook_event_id=f"{run}-{number}",
        source_kind="user",
        mode="active",
        sent_at=now,
        received_at=now,
        sender=Sealed(member),
        reply_token=Sealed(f"token{number:032d}"),
        kind="text",
        message_id=str(number),
        length_utf16=len(words.encode("utf-16-le")) // 2,
        text=Sealed(words),
        raw=Sealed(json.dumps(raw, ensure_ascii=False)),
    )
    # The number stands in the source, so that whoever reads the log knows which messages were crises.
    return begin(fact, source=f"bench/{number}", cause=fact.webhook_event_id, member=member, time=now)


async def offer(url: str, master_keys: str, rate: float, seconds: float) -> dict[str, float]:
    """Prepare everybody's key and message, then send each at its time."""
    nc = await connect(url, name="bench")
    try:
        js = nc.jetstream()
        keys = MasterKeys(parse_master_keys(master_keys))
        keyring = Keyring(NatsKeyStore(js, await js.key_value(BUCKET)), keys)
        journal = Journal(NatsLog(await Requests.open(nc)), keyring)
        await _know_everybody(keyring)
        run = str(time.time_ns())
        sealed = [await journal.seal(message(number, run)) for number in range(round(rate * seconds))]
        settle()
        print("ready", flush=True)
        return await _send(journal, sealed, rate)
    finally:
        await nc.close()


async def _know_everybody(keyring: Keyring) -> None:
    """People have a key from the moment they follow us; making it is no part of a message."""
    for first in range(0, PEOPLE, SETTLED_AT_ONCE):
        members = (MEMBER.format(n) for n in range(first, min(first + SETTLED_AT_ONCE, PEOPLE)))
        await asyncio.gather(*(keyring.cipher_or_new(member) for member in members))


async def _send(journal: Journal, sealed: Sequence[Envelope[Fact]], rate: float) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    began, clock = loop.time() + LEAD_S, datetime.now(UTC) + timedelta(seconds=LEAD_S)
    late_ms: list[float] = []
    took_ms: list[float] = []
    came_of_it: Counter[str] = Counter()

    async def one(due: float, event: Envelope[Fact]) -> None:
        started = loop.time()
        late_ms.append((started - began - due) * 1000)
        # The time of the event is when it was due: what waits in this process is charged, too.
        try:
            await journal.log.append([msgspec.structs.replace(event, time=clock + timedelta(seconds=due))])
        except LogUnavailable:
            came_of_it["refused"] += 1
        else:
            came_of_it["taken"] += 1
            took_ms.append((loop.time() - started) * 1000)

    async with asyncio.TaskGroup() as group:
        for number, event in enumerate(sealed):
            if (wait := began + number / rate - loop.time()) > 0:
                await asyncio.sleep(wait)
            group.create_task(one(number / rate, event))
    return {
        "offered": len(sealed),
        "taken": came_of_it["taken"],
        "refused": came_of_it["refused"],
        "late_p99_ms": percentile(late_ms, 99),
        "append_p50_ms": percentile(took_ms, 50),
        "append_p99_ms": percentile(took_ms, 99),
    }


if __name__ == "__main__":
    configure_logs("offer", "0", level="error")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(offer(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))))
