"""Reads a rating from 0 to 10 out of a short answer, however it is written: 7, ๗, 七, เจ็ด, seven, "about 7/10"."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from namjai.chat.content.words import fold, plain

RATING_MAX: Final = 10
_READ_CHARS_MAX: Final = 60
"""Nobody gives a number in more; a longer text is talk, in which a number may mean anything."""

_NAMED: Final[tuple[tuple[str, ...], ...]] = (
    ("zero", "none", "ศูนย์", "零"),
    ("one", "หนึ่ง", "一"),
    ("two", "สอง", "二", "兩"),
    ("three", "สาม", "三"),
    ("four", "สี่", "四"),
    ("five", "ห้า", "五"),
    ("six", "หก", "六"),
    ("seven", "เจ็ด", "七"),
    ("eight", "แปด", "八"),
    ("nine", "เก้า", "九"),
    ("ten", "สิบ", "十"),
)
_BEFORE: Final = (
    r"(?:now|it's|it is|its|i'm|i am|i'd say|i would say|i say|maybe|about|around|"
    r"probably|perhaps|like|still|only|just|a|an|at|"
    r"ตอนนี้|ประมาณ|สัก|ซัก|น่าจะ|คงจะ|คง|ราวๆ|ราว|ให้|แค่|ยัง|ก็|เหลือ|อยู่ที่|ได้|"
    r"現在|大概|差不多|應該|可能|大約|約|還有|還是|還|只有|剩|給|是|我|有)"
)
_AFTER: Final = (
    r"(?:/ ?10|out of (?:10|ten)|of 10|จาก ?(?:10|สิบ)|(?:เต็ม|เต็ม ?)(?:10|สิบ)|"
    r"points?|now|i think|i guess|maybe|right now|"
    r"คะแนน|กว่าๆ|กว่า|ค่ะ|คะ|ครับ|คับ|นะ|แหละ|มั้ง|เอง|แล้ว|ตอนนี้|เลย|ละ|"
    r"分|左右|吧|了|多|啊|喔|哦)"
)
_NUMBER: Final = r"(?P<number>\d{1,3})(?:[.,]\d)?"


def _pattern() -> re.Pattern[str]:
    names = "|".join(f"(?P<n{n}>{'|'.join(words)})" for n, words in enumerate(_NAMED))
    return re.compile(
        plain(rf"^[\s(]*(?:{_BEFORE}[\s,:~]*)*(?:{_NUMBER}|{names})[\s,]*(?:{_AFTER}[\s,]*)*[.!~。！)]*$")
    )


_RATING: Final = _pattern()


def rating(said: str) -> int | None:
    """The number that these words are; None where they are anything else, or a number past 10.

    >>> rating("about 7/10"), rating("๓ ค่ะ"), rating("大概七分吧"), rating("3 days")
    (7, 3, 7, None)
    """
    if len(said) > _READ_CHARS_MAX:
        return None
    digits = "".join(str(digit) if (digit := unicodedata.digit(char, -1)) >= 0 else char for char in said)
    if (found := _RATING.match(fold(digits))) is None:
        return None
    if (number := found["number"]) is not None:
        return int(number) if int(number) <= RATING_MAX else None
    return next(n for n in range(RATING_MAX + 1) if found[f"n{n}"])


def is_number(said: str) -> bool:
    """Whether somebody wrote a number and nothing else, though it may be none from 0 to 10."""
    return bool(said.strip()) and all(char.isdigit() or char in " -+.,/" for char in said.strip())
