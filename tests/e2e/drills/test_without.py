"""A crisis depends on NATS, risk, chat and notify, and on nothing else (G5)."""

import asyncio
import json
import secrets
import time
from pathlib import Path
from typing import Any

import pytest

from namjai.devkit.line.people import STAFF
from namjai.devkit.running import Running, namjai_up, until

pytestmark = pytest.mark.alone
CRISIS = "อยากตาย คืนนี้จะทำแน่ๆ"
WITHIN_S = 0.5


async def test_a_crisis_needs_neither_postgresql_nor_valkey_nor_a_model(tmp_path: Path) -> None:
    async with namjai_up(tmp_path / "home") as namjai:
        await _in_time(namjai)
        for server in ("postgres", "valkey"):
            code, said = await namjai.namjai("hold", server)
            assert code == 0, said
        await asyncio.sleep(1)
        await _in_time(namjai)  # the first may pay for noticing that Valkey is gone; it must not pay much
        for server in ("postgres", "valkey"):
            await namjai.namjai("release", server)


async def _in_time(namjai: Running) -> None:
    user, nurse = "U" + secrets.token_hex(16), STAFF[0].user_id
    before = len(await namjai.chat(nurse))
    for n in range(12):  # past the throttle
        await namjai.send(user, f"ข้อความที่ {n}")
    await asyncio.sleep(2)
    started = time.time()
    await namjai.send(user, CRISIS)
    card = await until(lambda: _card(namjai, user), 5, 0.005)
    alert = await until(lambda: _after(namjai, nurse, before), 5, 0.005)
    assert card["via"] == "reply"
    assert float(card["time"]) / 1000 - started < WITHIN_S
    assert float(alert["time"]) / 1000 - started < WITHIN_S


async def _card(namjai: Running, user: str) -> dict[str, Any] | None:
    return next((m for m in await namjai.chat(user) if "1323" in json.dumps(m, ensure_ascii=False)), None)


async def _after(namjai: Running, user: str, before: int) -> dict[str, Any] | None:
    seen = await namjai.chat(user)
    return seen[before] if len(seen) > before else None
