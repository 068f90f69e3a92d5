"""Reads the rule files into one policy: compiled patterns, scopes and effects, named by a hash of their content."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import yaml

from namjai.risk.domain.automata import Alphabet, AnyOf, Automaton, Sieve
from namjai.risk.domain.model import Category, Level, Subject
from namjai.risk.domain.normalise import Normaliser, fold_pattern
from namjai.risk.domain.scopes import Scopes, cues_of

LABEL = "rules-1"
_REFERENCE = re.compile(r"\{([a-z][a-z_]*)\}")
_JOINT = re.compile(r"(?<=[)?*+])(?=\(|[ก-๛\u3400-\u9fff])|(?<=[ก-๛\u3400-\u9fff])(?=\()")
"""Where the parts of a pattern meet, in scripts without word gaps: people type blanks there all the same."""
_LATIN_WORD = re.compile(r"[a-z]{2,}")
_SCRIPTS = (
    (re.compile("[ก-๛]"), "th"),
    (re.compile("[a-z]"), "en"),
    (re.compile("[\u3400-\u9fff]"), "zh"),
    (re.compile(":"), "any"),
)
"""The script that a language's rules are written in; without it none of them can match."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule as written in a file. `kind` is its clinical sort (wish, plan, lapse…), by which readings act on it.

    A rule whose level is `none` is a signal: it finds nothing by itself and only takes part in raises.
    """

    id: str
    language: str
    category: Category
    kind: str
    status: str
    author: str
    level: Level = Level.NONE
    item: int | None = None
    subject: Subject | None = None
    """Set where the words themselves say whom they are about; otherwise it is read from the sentence."""
    confidence: float = 0.8
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    """Patterns that take a hit away where they touch it: idioms, set phrases, harmless look-alikes."""
    unless_near: tuple[str, ...] = ()
    """Patterns that take a hit away from anywhere close by: the ordinary setting of the same words."""
    hits: tuple[str, ...]
    near_misses: tuple[str, ...]


class Raise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two or three things said together that mean more than each: one of `kinds` near a `signal`, in any order."""

    why: str
    kinds: tuple[str, ...]
    signal: tuple[str, ...]
    also: tuple[str, ...] = ()
    """If set, something of these kinds must stand near as well: three things that only together mean danger."""
    unless: tuple[str, ...] = ()
    """If anything of these kinds stands near, the raise does not apply: the ordinary setting of the same words."""
    level: Level
    item: int | None = None
    apart: bool = True
    """Whether the two must be different words; a date inside a plan counts for the plan."""
    tense: tuple[str, ...] = ()
    """If set, only a finding read in one of these tenses is raised."""
    reach: int = 120
    """The most view characters between the two."""


class Effects(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The highest level that is left to a finding of each kind under each reading (`*` = any other kind)."""

    caps: Mapping[str, Mapping[str, Level]]
    raises: tuple[Raise, ...]

    def cap(self, reading: str, kind: str) -> Level:
        """The cap of a reading for a kind; `crisis` where the reading changes nothing."""
        caps = self.caps.get(reading, {})
        return caps.get(kind, caps.get("*", Level.CRISIS))


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's patterns as automata."""

    rule: Rule
    sources: tuple[str, ...]
    pattern: AnyOf
    unless: Automaton | None
    unless_near: Automaton | None


class Policy:
    """Everything a verdict rests on: made once from the texts of the rule files, then only read."""

    def __init__(self, files: Mapping[str, str]) -> None:
        digest = hashlib.sha256("\0".join(f"{name}\0{files[name]}" for name in sorted(files)).encode())
        self.version = f"{LABEL}+{digest.hexdigest()[:12]}"
        parsed = {name: yaml.load(files[name], Loader=_Loader) for name in sorted(files)}  # noqa: S506 (a safe loader)
        self.effects = msgspec.convert(parsed.pop("policy.yaml"), Effects, strict=False)
        gravest_first = sorted(self.effects.raises, key=lambda each: -each.level.rank)
        self.raises = {
            kind: tuple(each for each in gravest_first if kind in each.kinds)
            for kind in {kind for each in self.effects.raises for kind in each.kinds}
        }
        folds = parsed.pop("normalise.yaml")
        words = {name.split("/")[0]: _expand_all(parsed.pop(name)) for name in _named(parsed, "words.yaml")}
        cues = {name.split("/")[0]: parsed.pop(name) for name in _named(parsed, "scopes.yaml")}
        rules = [rule for name in parsed for rule in _rules(parsed[name])]
        alphabets = _alphabets(rules, cues, words)
        self.scopes = {
            language: Scopes.compiled(said, partial(_expand, words=words[language]), alphabets[language])
            for language, said in cues.items()
        }
        self.rules = tuple(_compile(rule, words.get(rule.language, {}), alphabets[rule.language]) for rule in rules)
        english = " ".join(text for name, text in files.items() if name.startswith("en/"))
        self.normalise = Normaliser(folds, frozenset(_LATIN_WORD.findall(english)))
        self._last: tuple[str, Sequence[Compiled]] = "", ()
        self._sieves = [
            (script, _RuleSieve([each for each in self.rules if each.rule.language == language]))
            for script, language in _SCRIPTS
        ]

    def candidates(self, view: str) -> Sequence[Compiled]:
        """The rules that match somewhere in a view, each with those of its patterns that do.

        The last answer is kept: rules and model ask in turn.
        """
        view_before, found = self._last
        if view_before != view:
            found = [each for script, sieve in self._sieves if script.search(view) for each in sieve.matching(view)]
            self._last = view, found
        return found

    def warm_up(self) -> None:
        """Automata are built as they meet text: each rule's own examples go first, so that no person's message pays."""
        for compiled in self.rules:
            for example in (*compiled.rule.hits, *compiled.rule.near_misses):
                self.candidates(self.normalise(example).text)


class _RuleSieve:
    """The rules of one language, by what a text has of them."""

    def __init__(self, rules: Sequence[Compiled]) -> None:
        self._parts = [(rule, part) for rule in rules for part in rule.pattern.parts]
        self._sieve = Sieve([source for rule in rules for source in rule.sources], [part for _, part in self._parts])

    def matching(self, view: str) -> Iterator[Compiled]:
        """The rules that match, with the patterns that do."""
        found = (self._parts[index] for index in self._sieve.matching(view))
        for _, group in itertools.groupby(found, key=lambda pair: pair[0].rule.id):
            pairs = list(group)
            whole = pairs[0][0]
            yield msgspec.structs.replace(whole, pattern=AnyOf([part for _, part in pairs]))


def _named(files: Mapping[str, Any], end: str) -> list[str]:
    return [name for name in files if name.endswith(f"/{end}")]


def _rules(file: Mapping[str, Any]) -> list[Rule]:
    """The rules of one file; what the file says at its head holds for each of its rules."""
    head = {key: value for key, value in file.items() if key != "rules"}
    return [msgspec.convert(head | rule, Rule) for rule in file["rules"]]


def _alphabets(
    rules: Sequence[Rule], cues: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]
) -> dict[str, Alphabet]:
    """Each language's letters: what its rules and its cues name."""
    patterns: dict[str, list[str]] = {
        language: [_expand(cue, words[language]) for cue in cues_of(said)] for language, said in cues.items()
    }
    for rule in rules:
        written = (*rule.patterns, *rule.unless, *rule.unless_near)
        patterns.setdefault(rule.language, []).append(_alternatives(rule, written, words.get(rule.language, {})))
    return {language: Alphabet(named) for language, named in patterns.items()}


def _compile(rule: Rule, words: Mapping[str, str], alphabet: Alphabet) -> Compiled:
    def automaton(*patterns: str) -> Automaton:
        return Automaton(_alternatives(rule, patterns, words), alphabet)

    return Compiled(
        rule=rule,
        sources=tuple(_alternatives(rule, (pattern,), words) for pattern in rule.patterns),
        pattern=AnyOf([automaton(pattern) for pattern in rule.patterns]),
        unless=automaton(*rule.unless) if rule.unless else None,
        unless_near=automaton(*rule.unless_near) if rule.unless_near else None,
    )


def _alternatives(rule: Rule, patterns: tuple[str, ...], words: Mapping[str, str]) -> str:
    edge = r"\b" if rule.language == "en" else ""
    return edge + "(?:" + "|".join(_expand(pattern, words) for pattern in patterns) + ")" + edge


def _expand(pattern: str, words: Mapping[str, str]) -> str:
    """A pattern with its named parts filled in; a plain blank allows any white space or none."""
    filled = _JOINT.sub(r"\\s*", _REFERENCE.sub(lambda name: words[name[1]], pattern))
    return fold_pattern(filled).replace(" ", r"\s*")


def _expand_all(words: Mapping[str, str]) -> dict[str, str]:
    """Named parts may use the parts above them."""
    done: dict[str, str] = {}
    for name, pattern in words.items():
        done[name] = "(?:" + _REFERENCE.sub(lambda ref: done[ref[1]], pattern) + ")"
    return done


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
