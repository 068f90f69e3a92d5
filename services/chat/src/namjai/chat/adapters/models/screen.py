"""Risk reads what a model wrote before a person does: `api.risk.screen`."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from namjai.chat.ports import ModelRequest, ModelUnavailable
from namjai.events.risk import Category, Level
from namjai.runtime.logs import get_logger
from namjai.runtime.micro import Ask, Refused, Unavailable

SUBJECT: Final = "api.risk.screen"
DEADLINE_S: Final = 0.3
_RANKS: Final[dict[Level, int]] = {"none": 0, "low": 1, "medium": 2, "high": 3, "crisis": 4}
_HARM: Final[frozenset[Category]] = frozenset({"suicide", "self_harm", "violence"})
Against = Literal["suicide", "self_harm", "violence"]

_log = get_logger(__name__)


class Verdict(msgspec.Struct, frozen=True):
    """What risk found in a text."""

    level: Level
    category: Category
    version: str


_VERDICT: Final = msgspec.json.Decoder(Verdict)


class Screen:
    """Whether an answer may be said, by what risk finds in it. Safety goes before features: no verdict, no answer."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def __call__(self, words: str, request: ModelRequest) -> bool:
        """Risk reads words as if a person had said them, so what counts depends on what the words are.

        Talk: nothing from medium on. A translation: nothing graver than what it translates. A document speaks of
        withdrawal, overdose and despair to warn of them: nothing that reads like a plan or a call to do harm.
        """
        found = await self._verdict(words)
        if _RANKS[found.level] < _RANKS["medium"]:
            return True
        if request.guard == "translation":
            return _RANKS[found.level] <= _RANKS[(await self._verdict(request.source or request.text)).level]
        return request.guard == "document" and (found.level != "crisis" or found.category not in _HARM)

    async def _verdict(self, words: str) -> Verdict:
        query = msgspec.json.encode({"text": words})
        try:
            return _VERDICT.decode(await self._ask.ask(SUBJECT, query, deadline_s=DEADLINE_S))
        except (Refused, Unavailable, msgspec.MsgspecError) as failed:
            _log.warning("answer_unscreened", error=type(failed).__name__)
            raise ModelUnavailable("unscreened") from None
