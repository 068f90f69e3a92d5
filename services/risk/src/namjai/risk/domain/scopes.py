"""Reads what surrounds a hit: is it denied, when was it, who is it about, is it said in earnest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from namjai.risk.domain.automata import Automaton, automaton
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
    def compiled(cls, cues: Mapping[str, Any], expand: Callable[[str], str]) -> Scopes:
        """Cues as written in a language's `scopes.yaml`, ready for use."""

        def one(patterns: list[str], ends_at_hit: bool = False) -> Automaton:
            joined = "|".join(expand(pattern) for pattern in patterns) or r"[^\s\S]"
            return automaton(f"(?:{joined})" + (rf"(?:\s*{transparent})*\s*$" if ends_at_hit else ""))

        transparent = "(?:" + "|".join(expand(word) for word in cues["transparent"]) + ")"
        return cls(
            negation=one(cues["negation"], ends_at_hit=True),
            affirmed=one(cues["affirmed"], ends_at_hit=True),
            denied_after=automaton(r"^\s*(?:" + "|".join(expand(p) for p in cues["denied_after"]) + ")"),
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
        before, after = _sentence(text, start, end)
        hit = text[start:end]
        timed = self.any_tense.search(before + hit + after) is not None
        return Reading(
            polarity=self._polarity(before, after),
            tense=self._tense(before, hit, after) if timed else "unstated",
            subject=self._subject(before),
            frame=self._frame(before + hit, after),
        )

    def _polarity(self, before: str, after: str) -> Polarity:
        denied = self.negation.search(before) is not None and self.affirmed.search(before) is None
        return "negated" if denied or self.denied_after.search(after) else "asserted"

    def _subject(self, before: str) -> Subject:
        other = self.other.search(before)
        return "other" if other is not None and self.self_.search(before[other.start() :]) is None else "self"

    def _tense(self, before: str, hit: str, after: str) -> Tense:
        """The nearest time word of the same clause decides; a verb plainly in the present cannot be past."""
        clause_start = max((m.end() for m in self.clause.finditer(before)), default=0)
        clause_end = min((m.start() for m in self.clause.finditer(after)), default=len(after))
        inside, tail = before[clause_start:], after[:clause_end][:_NEAR_MAX_CHARS]
        marks = [(m.end(), tense) for tense in _TENSES for m in self.tenses[tense].finditer(inside)]
        marks += [(0, tense) for tense in _TENSES for m in self.tenses[tense].finditer(hit)]
        if marks:
            tense = max(marks)[1]
            if tense == "ever":  # "I once tried … two years ago" says when after all
                later = [(m.start(), told) for told in _DATED for m in self.tenses[told].finditer(tail)]
                tense = "past" if any(mark == "past" for _, mark in marks) else min(later, default=(0, tense))[1]
        else:
            later = [(m.start(), tense) for tense in _TENSES for m in self.tenses[tense].finditer(tail)]
            earlier = [
                (m.end(), tense) for tense in _TENSES for m in self.tenses[tense].finditer(before[:clause_start])
            ]
            if later:
                tense = min(later)[1]
            elif earlier and self.past_form.search(hit):
                tense = max(earlier)[1]
            else:
                return "unstated"
        if (
            tense in ("past", "recent", "ever")
            and self.present_form.search(hit)
            and not inside.rstrip().endswith("used to")
        ):
            return "now"
        return tense

    def _frame(self, until: str, after: str) -> Frame:
        if self.any_frame.search(until):
            return next((frame for frame, cue in self.frames.items() if cue.search(until)), "plain")
        near = after[:_NEAR_MAX_CHARS]
        if self.any_frame_after.search(near):
            return next((frame for frame, cue in self.frames_after.items() if cue.search(near)), "plain")
        return "plain"


def _sentence(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a hit in its sentence, each to a fixed length at most."""
    before = text[max(0, start - _BEFORE_MAX_CHARS) : start]
    after = text[end : end + _AFTER_MAX_CHARS]
    last = max((m.end() for m in _SENTENCE_END.finditer(before)), default=0)
    following = _SENTENCE_END.search(after)
    return before[last:], after[: following.start()] if following else after
