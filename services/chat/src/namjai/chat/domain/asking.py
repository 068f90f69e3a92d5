"""Whether somebody asks something: a question in the middle of a form or an exercise wants an answer of its own."""

from __future__ import annotations

import re
from typing import Final

_QUESTION: Final = re.compile(
    r"[?？]\s*$"
    r"|(?:ไหม|มั้ย|หรือเปล่า|รึเปล่า|อย่างไร|ยังไง|ทำไม|คืออะไร|ทำอะไร)(?:คะ|ครับ|ค่ะ|คับ|นะ|ดี)?\s*$"
    r"|[嗎呢]\s*$"
)


def is_question(words: str) -> bool:
    """Whether the words end as a question does in Thai, Chinese or any language with a question mark.

    >>> is_question("ทำแบบนี้ไปทำไม"), is_question("我可以休息嗎"), is_question("a long walk")
    (True, True, False)
    """
    return _QUESTION.search(words.strip()) is not None
