"""Folds a message into the one view that rules match, and remembers where every folded character came from."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import opencc
import regex

from namjai.risk.domain.automata import Automaton
from namjai.risk.domain.model import Span

# Plain letters fold one by one and go in bulk (the group), and so does Thai with its marks in their right places;
# everything else goes by cluster: one visible character, a base with its marks and what invisible clings to it.
_CLUSTER = regex.compile(
    r"((?:[\x00-\x7f\u3400-\u9fff]|[ก-ะาำเ-ๆ๐-๙][ัิ-ฺ็]?[่-๋์]?)+)(?![\p{M}\p{Cf}])"
    r"|[^\p{M}\p{Cf}][\p{M}\p{Cf}\uFE0F\U0001F3FB-\U0001F3FF]*|[\p{M}\p{Cf}]+"
)
_INVISIBLE = regex.compile(r"[\p{Cf}\uFE0E\uFE0F\u034F\u115F\u1160\u3164\U0001F3FB-\U0001F3FF]")
_THAI_TONES = "่้๊๋์"
_QUOTES = dict.fromkeys("‘’ʼ‛′`´＇", "'") | dict.fromkeys("“”„‟″＂«»", '"')
_LEET = str.maketrans("013457@$", "oieastas")

_THAI_SPLIT_VOWEL = re.compile(r"ํ([่-๋]?)า|เเ")
_BLANKS = re.compile(r"[^\S\n]{2,}|[^\S\n ]|\n\s+")
_RUN = re.compile(r"([^\W\d]|[^\w\s])\1{2,}|([ะ-ูๅๆ็-๎])\2+", re.DOTALL)
_LATIN_WORD = re.compile(r"[a-z]{3,}")
_LATIN_TRIPLE = re.compile(r"([a-z])\1\1")
_LEET_WORD = re.compile(r"(?<![\w])[a-z]+(?:[013457@$][a-z]+)+")
_STRETCHED_LETTERS_MAX = 24
_STRETCHES_MAX = 5
_VARIANTS_KEPT_MAX = 1024
_SEPARATOR = r"[ ._\-*·•/|~,]"
_SPACED_LATIN = re.compile(rf"(?<![a-z'])[a-z](?:{_SEPARATOR}{{1,2}}[a-z](?![a-z'])){{2,}}")
_THAI_UNIT = r"[ก-ะาำเ-ๆ][ัิ-ฺ็-๎]*[ะาำ]?"
_SPACED_THAI = re.compile(rf"{_THAI_UNIT}(?:{_SEPARATOR}{_THAI_UNIT}(?![ก-๛])){{2,}}|(?<=[ก-๎]){_SEPARATOR}(?=[ะาำัิ-ฺ็-๎])")
_SPACED_THAI_LEAD = re.compile(
    rf"(?<![ก-๛]){_THAI_UNIT}(?:{_SEPARATOR}{_THAI_UNIT}(?![ก-๛])){{1,}}{_SEPARATOR}{_THAI_UNIT}"
)
_HAN = r"[\u3400-\u9fff]"
_SPACED_HAN = re.compile(
    rf"(?<={_HAN})[._\-*·•/|~^+]{{1,2}}(?={_HAN})"  # 自.殺
    rf"|(?<!{_HAN}){_HAN}(?:[ ]{_HAN}(?!{_HAN}))+"  # 想 死
    rf"|(?<={_HAN})[ ]{_HAN}(?!{_HAN})(?![ ]{_HAN}{_HAN})"  # 我想自 殺
)
_THAI_TONE = "[่-๋]?"
_THAI_ALIKE = {
    c: f"[{alike}]" for alike in ("คขฆ", "ทธถ", "สศษซ", "นณ", "พภผ", "ลร", "ชฉ", "ิี", "ึื", "ุู", "ไใ") for c in alike
}
_SEPARATORS = re.compile(rf"{_SEPARATOR}|[\^+]")


class View:
    """A folded text. Character `i` of `text` came from `[starts[i], ends[i])` of the original."""

    __slots__ = ("ends", "starts", "text")

    def __init__(self, text: str, starts: list[int], ends: list[int]) -> None:
        self.text = text
        self.starts = starts
        self.ends = ends

    def span(self, start: int, end: int) -> Span:
        """Where `[start, end)` of the view lies in the original; `end` must be greater than `start`."""
        return Span(self.starts[start], self.ends[end - 1])

    def replace(self, edits: Iterable[tuple[int, int, str]]) -> View:
        """A new view with each `[start, end)` replaced; edits come in order and do not overlap."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, new in edits:
            text += (self.text[done:start], new)
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            starts += [self.starts[start]] * len(new)
            ends += [self.ends[end - 1]] * len(new)
            done = end
        if not done:
            return self
        text.append(self.text[done:])
        return View("".join(text), starts + self.starts[done:], ends + self.ends[done:])

    def sub(self, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]) -> View:
        """A new view with every match of the pattern changed."""
        return self.replace(
            (m.start(), m.end(), new)
            for m in pattern.finditer(self.text)
            if m.end() > m.start() and (new := change(m)) != m[0]
        )


@lru_cache(maxsize=1)
def simplified() -> dict[int, int]:
    """Traditional → Simplified, one character for one, from OpenCC's dictionary.

    Both the text and the rules are folded this way: the direction is many-to-one, so that it is a function, and
    a rule written in either script meets a text written in either.
    """
    characters = [chr(c) for c in itertools.chain(range(0x3400, 0xA000), range(0xF900, 0xFB00))]
    folded = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {ord(a): ord(b) for a, b in zip(characters, folded, strict=True) if a != b and len(b) == 1}
    return table | {ord(a): ord(b) for a, b in ("著着", "妳你", "您你", "祂他", "牠它", "麽么")}


def fold_pattern(pattern: str) -> str:
    """A rule's pattern in the script of the view: only letters beyond ASCII change, so the syntax stays."""
    return unicodedata.normalize("NFC", pattern).translate(simplified())


@lru_cache(maxsize=8192)
def _fold(cluster: str) -> str:
    """One cluster as it stands in the view; may be empty (invisible) or several characters."""
    cluster = _INVISIBLE.sub("", cluster)
    if cluster[:1] in ("ำ", ""):  # NFKC would take SARA AM apart
        return cluster[:1]
    if (quote := _QUOTES.get(cluster)) is not None:
        return quote
    folded = unicodedata.normalize("NFKC", cluster).lower().translate(simplified())
    if "฀" <= folded[:1] <= "๿":
        marks = sorted(dict.fromkeys(folded[1:]), key=lambda mark: mark in _THAI_TONES)
        return folded[0] + "".join(marks)
    if "a" <= (bare := unicodedata.normalize("NFD", folded))[0] <= "z":  # é → e, and stacked decoration away
        folded = "".join(c for c in bare if not unicodedata.combining(c))
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else " " if c == "\x00" else c for c in folded)


def _separators(spaced: re.Pattern[str], text: str) -> Iterator[tuple[int, int, str]]:
    """The separators inside spaced-out words, each to be dropped."""
    for run in spaced.finditer(text):
        for separator in _SEPARATORS.finditer(text, run.start(), run.end()):
            yield separator.start(), separator.end(), ""


class Normaliser:
    """The fold with its data: emoji words, spellings and the words whose doubled letters are right."""

    def __init__(self, folds: Mapping[str, Any], words: frozenset[str]) -> None:
        self._emoji = {_INVISIBLE.sub("", sign): f" {word} " for sign, word in folds["emoji"].items()}
        self._spellings = {
            fold_pattern(wrong).lower(): fold_pattern(right) for wrong, right in folds["spellings"].items()
        }
        self._words = words
        self._last: tuple[str, View] | None = None
        sounds = {_edged(fold_pattern(heard)): fold_pattern(meant) for heard, meant in folds.get("sounds", {}).items()}
        loose = {_loose(word): word for word in folds.get("loose", ())}
        self._spellings |= {word: word for word in loose.values()}
        self._variants = [(Automaton(f"^(?:{pattern})$"), meant) for pattern, meant in (sounds | loose).items()]
        self._meant = lru_cache(maxsize=_VARIANTS_KEPT_MAX)(self._find_meant)
        exact = [_edged(re.escape(wrong)) for wrong in sorted(self._spellings, key=len, reverse=True)]
        self._misspelt = Automaton("|".join([*exact, *sounds, *loose]))

    def __call__(self, text: str) -> View:
        """The view of a text, in time linear in its length. The last one is kept: rules and model read it in turn."""
        if self._last is None or self._last[0] != text:
            self._last = text, self._fold(text)
        return self._last[1]

    def _fold(self, text: str) -> View:
        view = self._clusters(text)
        view = view.sub(_THAI_SPLIT_VOWEL, lambda m: "แ" if m[0] == "เเ" else (m[1] or "") + "ำ")
        view = view.sub(_BLANKS, lambda m: "\n" if "\n" in m[0] else " ")
        if _LATIN_TRIPLE.search(view.text):
            view = view.sub(_LATIN_WORD, self._unstretch)
        view = view.sub(_RUN, lambda m: m[0][0])
        for spaced in (_SPACED_LATIN, _SPACED_THAI_LEAD, _SPACED_THAI, _SPACED_HAN):
            view = view.replace(_separators(spaced, view.text))
        view = view.sub(_LEET_WORD, lambda m: m[0].translate(_LEET))
        spans = list(self._misspelt.finditer(view.text))
        return view.replace(
            (start, end, meant)
            for start, end in spans
            if (meant := self._meant(view.text[start:end])) != view.text[start:end]
        )

    def _find_meant(self, written: str) -> str:
        """The word that a misspelt one stands for; a spelling that is listed goes before one that only sounds alike."""
        listed = self._spellings.get(written)
        if listed is not None:
            return listed
        return next((meant for pattern, meant in self._variants if pattern.search(written)), written)

    def _clusters(self, text: str) -> View:
        out: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for match in _CLUSTER.finditer(text):
            start, end = match.span()
            if match[1] is not None:
                out.append(match[1].lower().translate(simplified()).replace("\x00", " "))
                starts += range(start, end)
                ends += range(start + 1, end + 1)
                continue
            folded = _fold(match[0])
            folded = self._emoji.get(folded, folded)
            out.append(folded)
            starts += [start] * len(folded)
            ends += [end] * len(folded)
        return View("".join(out), starts, ends)

    def _unstretch(self, match: re.Match[str]) -> str:
        """`killlll` → `kill`, `dieeee` → `die`: the rules' own words decide whether one letter or two were meant."""
        if not _LATIN_TRIPLE.search(match[0]):
            return match[0]
        runs = [(letter, len(list(group))) for letter, group in itertools.groupby(match[0])]
        choices = [[letter, letter * 2] if size > 1 else [letter] for letter, size in runs]
        if len(runs) <= _STRETCHED_LETTERS_MAX and sum(len(choice) > 1 for choice in choices) <= _STRETCHES_MAX:
            for parts in itertools.product(*choices):
                if (word := "".join(parts)) in self._words:
                    return word
        return "".join(letter if size > 2 else letter * size for letter, size in runs)


def _edged(pattern: str) -> str:
    """Latin letters match as whole words only; scripts without word gaps match anywhere."""
    latin = pattern.lstrip("(?:[\\")[:1].isascii()
    return rf"\b(?:{pattern})\b" if latin else f"(?:{pattern})"


def _loose(word: str) -> str:
    """A Thai word however its tone marks, its vowels' lengths and its sound-alike consonants were typed."""
    letters = "".join(letter for letter in word if letter not in _THAI_TONES)
    tolerant = re.sub("[ก-ฮ][ัิ-ฺ็]?", lambda m: "".join(_THAI_ALIKE.get(c, c) for c in m[0]) + _THAI_TONE, letters)
    return tolerant.replace(f"อ{_THAI_TONE}ย", "[อห]ย")
