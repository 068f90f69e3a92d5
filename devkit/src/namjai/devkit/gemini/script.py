"""What the fake says: lines given to it beforehand, else a few kind sentences that follow from the question."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

_SENTENCES = {
    "th": (
        "ขอบคุณที่เล่าให้ฟังนะ ฟังดูหนักอยู่เหมือนกัน ตอนนี้อะไรที่กวนใจที่สุด?",
        "ฉันได้ยินนะ แค่พูดออกมาได้ก็ใช้ความกล้าแล้ว วันนี้อยากเริ่มจากเรื่องไหนก่อน?",
        "ช่วงนี้คงเหนื่อยมาก มีช่วงไหนของวันที่รู้สึกเบาลงบ้างไหม?",
    ),
    "zh": (
        "謝謝你願意說出來，聽起來真的不容易。現在最困擾你的是什麼？",
        "我聽見了。能說出來已經需要勇氣，今天想先從哪件事談起？",
        "這陣子一定很累。一天當中，有沒有哪個時候比較輕鬆？",
    ),
    "en": (
        "Thank you for telling me. That sounds hard. What weighs on you most right now?",
        "I hear you. Saying it takes courage. Where would you like to begin today?",
        "These days must be tiring. Is there a time of day that feels a little lighter?",
    ),
}
_THAI, _HAN = re.compile(r"[\u0e00-\u0e7f]"), re.compile(r"[\u3400-\u9fff]")


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An answer given beforehand: to questions that contain `match`, as text, or as a whole response."""

    match: str = ""
    text: str = ""
    response: dict[str, Any] | None = None
    times: int | None = None
    used: int = 0


class Script:
    """The lines in force; the first that fits is spoken."""

    LINES_MAX = 1_000

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def replace(self, lines: Sequence[Line]) -> None:
        self.lines = list(lines)[: self.LINES_MAX]

    def find(self, question: str) -> Line | None:
        for line in self.lines:
            if (line.times is None or line.used < line.times) and line.match in question:
                line.used += 1
                return line
        return None


def sentence(question: str) -> str:
    """The same question has the same answer, in its own script."""
    language = "th" if _THAI.search(question) else "zh" if _HAN.search(question) else "en"
    choices = _SENTENCES[language]
    return choices[blake2b(question.encode("utf-8", "surrogatepass"), digest_size=2).digest()[0] % len(choices)]
