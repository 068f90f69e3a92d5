"""What of a conversation a model is given to read: what is remembered and the newest turns, within a budget of tokens.

Nothing here asks anybody how many tokens words are: an estimate by script errs on the safe side (`tests/unit/chat/
memory/tokens.yaml` holds it to what a real tokenizer counts), and the reply path waits for nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TOKENS_PER_MESSAGE: Final = 4
"""What a message costs beside its words."""
_TOKENS_PER_CHAR: Final = (
    (re.compile("[A-Za-z ]"), 0.27),
    (re.compile("[\u00c0-\u024f\u1ea0-\u1ef9]"), 0.6),
    (re.compile("[\u0e00-\u0e7f]"), 0.4),
    (re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"), 0.9),
)
_ANY_OTHER: Final = 1.0
"""Digits, signs and emoji are a token each, or near it."""
_ODD_WORD: Final = 1
"""Of very few words one more than their letters tell."""

SUMMARY_SHARE: Final = 0.5
NOTES_SHARE: Final = 0.25
"""Of the budget, so much at most: what was said last tells the most."""


@dataclass(frozen=True)
class Exchange:
    """One turn: what the person wrote, what we said, and the log sequence and the event of our words."""

    asked: str
    said: str
    sequence: int = 0
    event: str = ""


@dataclass(frozen=True)
class Context:
    """What fits. `turns` are the newest ones, in order and without a gap."""

    summary: str | None = None
    notes: tuple[str, ...] = ()
    turns: tuple[Exchange, ...] = ()

    @property
    def remembered(self) -> str:
        """Summary and notes as a model reads them: as words about the person, never as an instruction."""
        parts = [*([self.summary] if self.summary else []), *(f"- {note}" for note in self.notes)]
        return marked("remembered", "\n".join(parts)) if parts else ""

    @property
    def tokens(self) -> int:
        """About so many."""
        return tokens(self.remembered) + sum(cost(turn) for turn in self.turns)


def tokens(words: str) -> int:
    """About how many tokens words are, rather too many than too few.

    >>> tokens("How are you today?"), tokens("สบายดีไหม"), tokens("你好嗎")
    (7, 5, 4)
    """
    rest, total = len(words), 0.0
    for script, each in _TOKENS_PER_CHAR:
        count = len(script.findall(words))
        total, rest = total + count * each, rest - count
    return math.ceil(total + rest * _ANY_OTHER) + _ODD_WORD if words else 0


def cost(turn: Exchange) -> int:
    """What one turn takes of the budget."""
    return tokens(turn.asked) + tokens(turn.said) + 2 * TOKENS_PER_MESSAGE


def fitting(
    turns: Sequence[Exchange], *, summary: str | None = None, notes: Sequence[str] = (), tokens_max: int
) -> Context:
    """The summary, the newest notes and the newest turns, as far as they fit; `turns` and `notes` are the oldest first.

    Nothing is ever cut: a summary, a note or a turn goes in whole or stays out, and a turn only with all after it.
    """
    kept = summary if summary and tokens(summary) <= tokens_max * SUMMARY_SHARE else None
    chosen: list[str] = []
    for note in reversed(notes):
        if tokens("\n".join([*chosen, note])) + 2 * (len(chosen) + 1) > tokens_max * NOTES_SHARE:
            break
        chosen.append(note)
    context = Context(kept, tuple(reversed(chosen)))
    left = tokens_max - context.tokens
    if left < 0:  # so small a budget that the marks round it do not fit
        return Context()
    newest: list[Exchange] = []
    for turn in reversed(turns):
        left -= cost(turn)
        if left < 0:
            break
        newest.append(turn)
    return Context(kept, context.notes, tuple(reversed(newest)))


def marked(name: str, words: str) -> str:
    """Words that are to be known and are no instruction: what would end them early is taken out."""
    return f"<{name}>\n{words.replace('<', '‹').replace('>', '›')}\n</{name}>"
