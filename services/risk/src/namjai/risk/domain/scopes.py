"""Reads what surrounds a hit: is it denied, when was it, who is it about, is it said in earnest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from namjai.risk.domain.automata import Alphabet, Automaton
from namjai.risk.domain.model import Frame, Polarity, Subject, Tense

_BEFORE_MAX_CHARS = 90
_AFTER_MAX_CHARS = 60
_NEAR_MAX_CHARS = 24
_SENTENCE_END = re.compile(r"[.!?;\n。…]+(?:\s|$|(?=[^\d\s]))|\n")
_TENSES: tuple[Tense, ...] = ("now", "days", "recent", "past", "ever")
_DATED: tuple[Tense, ...] = ("days", "recent", "past")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How one hit was understood."""

    polarity: Polarity = "asserted"
    tense: Tense = "unstated"
    subject: Subject = "self"
    frame: Frame = "plain"


class Scopes(msgspec.Struct, frozen=True, kw_only=True):
    """One language's cues, compiled. All of them are looked up for each hit anew, never once for the message.

    `negation`, `affirmed`, `other`, `self_` end at the hit: a denial reaches it only through words that carry a denial
    on (`transparent`), so that "I can't sleep and I want to die" denies nothing.
    """

    negation: Automaton
    affirmed: Automaton
    denied_after: Automaton
    other: Automaton
    self_: Automaton
    clause: Automaton
    present_form: Automaton
    past_form: Automaton
    any_tense: Automaton
    any_frame: Automaton
    any_frame_after: Automaton
    tenses: Mapping[Tense, Automaton]
    frames: Mapping[Frame, Automaton]
    frames_after: Mapping[Frame, Automaton]

    @classmethod
    def compiled(cls, cues: Mapping[str, Any], expand: Callable[[str], str], alphabet: Alphabet) -> Scopes:
        """Cues as written in a language's `scopes.yaml`, ready for use."""

        def one(patterns: list[str], ends_at_hit: bool = False) -> Automaton:
            joined = "|".join(expand(pattern) for pattern in patterns) or r"[^\s\S]"
            return Automaton(f"(?:{joined})" + (rf"(?:\s*{transparent})*\s*$" if ends_at_hit else ""), alphabet)

        transparent = "(?:" + "|".join(expand(word) for word in cues["transparent"]) + ")"
        return cls(
            negation=one(cues["negation"], ends_at_hit=True),
            affirmed=one(cues["affirmed"], ends_at_hit=True),
            denied_after=Automaton(r"^\s*(?:" + "|".join(expand(p) for p in cues["denied_after"]) + ")", alphabet),
            other=one(cues["other"], ends_at_hit=True),
            self_=one(cues["self"], ends_at_hit=True),
            clause=one(cues["clause"]),
            present_form=one(cues["present_form"]),
            past_form=one(cues["past_form"]),
            any_tense=one([cue for tense in _TENSES for cue in cues["tenses"][tense]]),
            any_frame=one([cue for said in cues["frames"].values() for cue in said]),
            any_frame_after=one([cue for said in cues["frames_after"].values() for cue in said]),
            tenses={tense: one(cues["tenses"][tense]) for tense in _TENSES},
            frames={
                frame: one(cues["frames"].get(frame, [])) for frame in ("quoted", "fiction", "news", "study", "joke")
            },
            frames_after={frame: one(p) for frame, p in cues["frames_after"].items()},
        )

    def read(self, text: str, start: int, end: int) -> Reading:
        """The reading of the hit `[start, end)` in a view."""
        first, last = _sentence(text, start, end)
        timed = self.any_tense.search(text, first, last) is not None
        return Reading(
            polarity=self._polarity(text, first, start, end, last),
            tense=self._tense(text, first, start, end, last) if timed else "unstated",
            subject=self._subject(text, first, start),
            frame=self._frame(text, first, end, last),
        )

    def _polarity(self, text: str, first: int, start: int, end: int, last: int) -> Polarity:
        denied = self.negation.search(text, first, start) and not self.affirmed.search(text, first, start)
        return "negated" if denied or self.denied_after.search(text, end, last) else "asserted"

    def _subject(self, text: str, first: int, start: int) -> Subject:
        other = self.other.search(text, first, start)
        return "other" if other is not None and self.self_.search(text, other[0], start) is None else "self"

    def _tense(self, text: str, first: int, start: int, end: int, last: int) -> Tense:
        """The nearest time word of the same clause decides; a verb plainly in the present cannot be past."""
        clause_start = max((stop for _, stop in self.clause.finditer(text, first, start)), default=first)
        clause_end = next((begin for begin, _ in self.clause.finditer(text, end, last)), last)
        tail = end, min(clause_end, end + _NEAR_MAX_CHARS)
        marks = [(at, tense) for tense in _TENSES for _, at in self.tenses[tense].finditer(text, clause_start, start)]
        marks += [(clause_start, tense) for tense in _TENSES if self.tenses[tense].search(text, start, end)]
        if marks:
            tense = max(marks)[1]
            if tense == "ever":  # "I once tried … two years ago" says when after all
                later = [(at, told) for told in _DATED for at, _ in self.tenses[told].finditer(text, *tail)]
                tense = "past" if any(mark == "past" for _, mark in marks) else min(later, default=(0, tense))[1]
        else:
            later = [(at, tense) for tense in _TENSES for at, _ in self.tenses[tense].finditer(text, *tail)]
            earlier = [
                (at, tense) for tense in _TENSES for _, at in self.tenses[tense].finditer(text, first, clause_start)
            ]
            if later:
                tense = min(later)[1]
            elif earlier and self.past_form.search(text, start, end):
                tense = max(earlier)[1]
            else:
                return "unstated"
        if (
            tense in ("past", "recent", "ever")
            and self.present_form.search(text, start, end)
            and not text[clause_start:start].rstrip().endswith("used to")
        ):
            return "now"
        return tense

    def _frame(self, text: str, first: int, end: int, last: int) -> Frame:
        if self.any_frame.search(text, first, end):
            return next((frame for frame, cue in self.frames.items() if cue.search(text, first, end)), "plain")
        near = end, min(last, end + _NEAR_MAX_CHARS)
        if self.any_frame_after.search(text, *near):
            return next((frame for frame, cue in self.frames_after.items() if cue.search(text, *near)), "plain")
        return "plain"


def cues_of(said: Any) -> Iterator[str]:
    """All the patterns in a language's `scopes.yaml`."""
    if isinstance(said, str):
        yield said
    elif said is not None:
        for each in said.values() if isinstance(said, Mapping) else said:
            yield from cues_of(each)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence of a hit begins and ends, each a fixed length away at most."""
    left = max(0, start - _BEFORE_MAX_CHARS)
    last = max((m.end() for m in _SENTENCE_END.finditer(text[left:start])), default=0)
    after = text[end : end + _AFTER_MAX_CHARS]
    following = _SENTENCE_END.search(after)
    return left + last, end + (following.start() if following else len(after))
