"""A mind for tests: it answers what it was told to, and remembers what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from namjai.chat.ports import (
    Citation,
    ModelAnswer,
    ModelFailure,
    ModelRequest,
    ModelUnavailable,
    Source,
)
from tests.unit.chat.visits import Unable

T = TypeVar("T", bound=msgspec.Struct)
FOUND = "ไขมันพอกตับพบได้บ่อย 🫀 การลดน้ำหนักช่วยได้"
CITED = "ไขมันพอกตับพบได้บ่อย 🫀"
LINK = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/abc"


def body(title: str = "ไขมันพอกตับ", text: str = "ตับมีไขมันมากเกินไป") -> dict[str, object]:
    """A leaflet's words."""
    return {
        "title": title,
        "overview": text,
        "topics": [{"heading": f"{title} {n}", "text": text} for n in range(3)],
        "questions": [{"question": f"{title}?", "answer": text} for _ in range(3)],
        "actions": [text] * 3,
    }


@dataclass
class ScriptedMind(Unable):
    """`fills` are the answers to `fill`, in turn; a failure's name fails."""

    fills: list[dict[str, object] | ModelFailure] = field(default_factory=list)
    findings: ModelAnswer | ModelFailure = "unable"
    asked: list[ModelRequest] = field(default_factory=list)

    async def write(self, request: ModelRequest) -> ModelAnswer:
        """As the port says."""
        self.asked.append(request)
        if isinstance(self.findings, str):
            raise ModelUnavailable(self.findings)
        return self.findings

    async def fill(self, request: ModelRequest, shape: type[T]) -> tuple[T, ModelAnswer]:
        """As the port says."""
        self.asked.append(request)
        answer = self.fills.pop(0)
        if isinstance(answer, str):
            raise ModelUnavailable(answer)
        return msgspec.convert(answer, shape), ModelAnswer(text="", model="scripted-1")


def grounded() -> ModelAnswer:
    """What a search came back with: Thai and an emoji before the end of the citation."""
    return ModelAnswer(
        text=FOUND,
        model="scripted-1",
        sources=(Source(LINK, "who.int"), Source("javascript:alert(1)", "bad.example")),
        citations=(Citation(0, len(CITED.encode()), (0, 7)),),
        searches=("ไขมันพอกตับ",),
    )
