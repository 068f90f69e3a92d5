"""Learns at which hour a person can be asked how their day was, and reads the hour that they name. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from statistics import median_low
from typing import Final

from namjai.chat.content.words import plain
from namjai.chat.domain.language import fold

LEARNED_FROM: Final = timedelta(days=30)
"""How far back it is looked."""
EARLIEST: Final = 8
LATEST: Final = 21
"""A reminder that we choose the time for never comes earlier or later (local hours)."""
EVENING: Final = range(17, 24)
USUAL: Final = 19
"""Where nothing is learned yet."""
DAYS_MIN: Final = 3
"""From so many days on something is learned."""
BUSY_SHARE: Final = 0.25
"""An hour in which somebody writes on so many of their days is one in which they are in the middle of something."""

_DIGITS: Final = re.compile(
    r"^(?:at|every day at|daily at|around|about|ตอน|เวลา|ทุกวันตอน|ราว|ประมาณ|每天|在|大約|大概)?\s*"
    r"(?P<part>早上|上午|中午|下午|傍晚|晚上|晚間)?\s*(?P<hour>\d{1,2})(?:[:.：](?P<minute>\d{2}))?\s*"
    r"(?P<half>a\.?m\.?|p\.?m\.?)?\s*(?:o'?clock|น\.?|นาฬิกา|โมง|點|点|時|时)?\s*$"
)
_NAMED: Final = {
    "noon": 12, "midday": 12, "เที่ยง": 12, "บ่ายโมง": 13, "บ่ายสอง": 14, "บ่ายสองโมง": 14, "บ่ายสาม": 15,
    "บ่ายสามโมง": 15, "สี่โมงเย็น": 16, "ห้าโมงเย็น": 17, "หกโมงเย็น": 18, "หกโมงเช้า": 6, "เจ็ดโมงเช้า": 7,
    "แปดโมงเช้า": 8, "เก้าโมงเช้า": 9, "สิบโมง": 10, "สิบเอ็ดโมง": 11, "หนึ่งทุ่ม": 19, "ทุ่มหนึ่ง": 19, "สองทุ่ม": 20,
    "สามทุ่ม": 21, "สี่ทุ่ม": 22, "ห้าทุ่ม": 23, "中午": 12,
}  # fmt: skip
_CHINESE: Final = {
    number: str(n) for n, number in enumerate(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十"), start=1)
} | {"兩": "2", "十一": "11", "十二": "12"}
_CHINESE_HOUR: Final = re.compile(r"(?P<n>十[一二]?|[一二兩三四五六七八九])(?=[點点時时])")


def quiet_hour(wrote_at: Iterable[datetime], zone: tzinfo) -> int:
    """The local hour from 8 to 21 that suits somebody who wrote at these times (of the last thirty days).

    It lies as near as can be to the middle of their evenings, the time when they have the phone in their hand, but in
    no hour in which they are often in the middle of a conversation; of two that are as near, the earlier one. Days
    count, not messages: one long night of talk is one evening. Who never writes in the evening is asked near the
    middle of their usual day; whoever wrote on less than three days at seven in the evening.
    """
    days_by_hour: dict[int, set[date]] = defaultdict(set)
    for at in wrote_at:
        local = at.astimezone(zone)
        days_by_hour[local.hour].add(local.date())
    active = set().union(*days_by_hour.values()) if days_by_hour else set()
    if len(active) < DAYS_MIN:
        return USUAL
    weighed = [(hour, len(days)) for hour, days in sorted(days_by_hour.items())]
    evening = [each for each in weighed if each[0] in EVENING]
    centre = median_low([hour for hour, weight in (evening or weighed) for _ in range(weight)])
    busy = {hour for hour, weight in weighed if weight >= BUSY_SHARE * len(active)}
    return min(range(EARLIEST, LATEST + 1), key=lambda hour: (hour in busy, abs(hour - centre), hour))


def named_hour(said: str) -> int | None:
    """The hour of a day that these words name: "20", "8 pm", "20:00", "สองทุ่ม", "晚上八點"; None for anything else."""
    words = _CHINESE_HOUR.sub(lambda found: _CHINESE[found["n"]], said.strip())
    if (known := _names().get(fold(said).strip(" .!"))) is not None:
        return known
    if (found := _pattern().match(fold(words))) is None or int(found["minute"] or 0) > 59:
        return None
    hour, half, part = int(found["hour"]), (found["half"] or "").replace(".", ""), found["part"]
    later = half == "pm" or part in _LATER
    if half or part:
        hour = hour + 12 if later and hour < 12 else 0 if half == "am" and hour == 12 else hour
    return hour if 0 <= hour <= 23 else None


_LATER: Final = frozenset(map(fold, ("下午", "傍晚", "晚上", "晚間")))


@lru_cache(maxsize=1)
def _names() -> dict[str, int]:
    return {fold(name): hour for name, hour in _NAMED.items()}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(plain(_DIGITS.pattern))
