"""Screens one message: which rules speak, how each hit is read, and what level is left or gained."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cached_property

import msgspec

from namjai.risk.domain.model import Finding, Level, Span
from namjai.risk.domain.normalise import View
from namjai.risk.domain.policy import Compiled, Policy, Raise, Rule
from namjai.risk.domain.scopes import Reading

WINDOW_MAX_UTF16_UNITS = 5_000
"""LINE's own limit for a text. Longer input comes in windows, so that nothing is left unscreened."""
_WINDOW_CHARS = WINDOW_MAX_UTF16_UNITS // 2
_OVERLAP_CHARS = 300
_NEIGHBOURHOOD_CHARS = 40
RETURNING = "returning"
_READINGS_MAX = 24
"""Lowered hits of one rule in one message. Nobody denies a thing so often: the next hit is taken at its word."""
_PLAIN = Reading()


class _Hit(msgspec.Struct, frozen=True):
    """A place where a rule matched, with its reading and the level that the reading leaves."""

    rule: Rule
    start: int
    end: int
    reading: Reading
    level: Level
    changes: tuple[str, ...]
    item: int | None


class _Place:
    """Where a rule matched. It is read only when its reading matters: most signals stand near nothing they raise."""

    def __init__(self, rule: Rule, start: int, end: int, read: Callable[[Rule, int, int], _Hit]) -> None:
        self.rule = rule
        self.start = start
        self.end = end
        self._read = read

    @cached_property
    def hit(self) -> _Hit:
        """The match as read in its surroundings."""
        return self._read(self.rule, self.start, self.end)


def screen(text: str, policy: Policy) -> tuple[Finding, ...]:
    """All findings in a text, the gravest first. Pure, total, linear in the length of the text."""
    findings = [finding for start, part in _windows(text) for finding in _screen_window(part, start, policy)]
    unique = {(finding.rule, finding.spans): finding for finding in findings}
    return tuple(sorted(unique.values(), key=lambda f: (-f.level.rank, f.spans[0].start, f.rule)))


def _windows(text: str) -> Iterator[tuple[int, str]]:
    if len(text) <= _WINDOW_CHARS or len(text) + sum(c > "\uffff" for c in text) <= WINDOW_MAX_UTF16_UNITS:
        yield 0, text
        return
    for start in range(0, len(text), _WINDOW_CHARS - _OVERLAP_CHARS):
        yield start, text[start : start + _WINDOW_CHARS]


def _screen_window(text: str, offset: int, policy: Policy) -> Iterator[Finding]:
    view = policy.normalise(text)
    reader = _Reader(view.text, policy)
    hits: list[_Place] = []
    signals: list[_Place] = []
    for compiled in _worth_reading(policy.candidates(view.text), policy):
        if compiled.rule.level == Level.NONE:
            signals.extend(_places(compiled, reader))
        else:
            hits.extend(_hits(compiled, reader))
    everything = hits + signals
    said: dict[str, list[_Place]] = {}
    for place in everything:
        said.setdefault(place.rule.kind, []).append(place)
    raises = {kind: [each for each in policy.raises.get(kind, ()) if _possible(each, said.keys())] for kind in said}
    for place in everything:
        final, by = _raised(place, said, raises[place.rule.kind])
        if final is not None and (final.level > Level.NONE or place.rule.level > Level.NONE):
            yield _finding(final, by, view, offset, policy.version)


def _worth_reading(candidates: Sequence[Compiled], policy: Policy) -> Iterator[Compiled]:
    """Without the signals that nothing here could be raised by: `today` alone says nothing."""
    kinds = {each.rule.kind for each in candidates}
    joined = [each for kind in kinds for each in policy.raises.get(kind, ()) if _possible(each, kinds)]
    useful = {kind for each in joined for kind in (*each.kinds, *each.signal, *each.also, *each.unless)}
    return (each for each in candidates if each.rule.level > Level.NONE or each.rule.kind in useful)


def _possible(rule: Raise, said: Set[str]) -> bool:
    """Whether a message with these kinds has what a raise needs; where things stand is looked at later."""
    return not said.isdisjoint(rule.signal) and not (rule.also and said.isdisjoint(rule.also))


class _Reader:
    """Reads hits of one text. What several patterns find in one place is read once."""

    def __init__(self, text: str, policy: Policy) -> None:
        self.text = text
        self._policy = policy
        self._known: dict[tuple[str, int, int], Reading] = {}

    def read(self, rule: Rule, start: int, end: int) -> _Hit:
        """A hit, with what its surroundings leave of its level."""
        place = rule.language, start, end
        if (reading := self._known.get(place)) is None:
            scopes = self._policy.scopes.get(rule.language)
            reading = self._known[place] = scopes.read(self.text, start, end) if scopes else _PLAIN
        return _judged(rule, reading, start, end, self._policy)

    def plainly(self, rule: Rule, start: int, end: int) -> _Hit:
        """A hit taken at its word."""
        return _judged(rule, _PLAIN, start, end, self._policy)


def _hits(compiled: Compiled, reader: _Reader) -> Iterator[_Place]:
    """Where a finding's rule matches, until one hit stands unlowered: later ones could not be graver."""
    for place in _places(compiled, reader):
        yield place
        if place.hit.level == compiled.rule.level:
            return


def _places(compiled: Compiled, reader: _Reader) -> Iterator[_Place]:
    rule, read, last = compiled.rule, 0, -1
    for start, end in compiled.pattern.finditer(reader.text):
        if start == end or _excused(compiled, reader.text, start, end):
            continue
        if start >= last:  # patterns of one rule may find the same words; those count once
            read, last = read + 1, end
        yield _Place(rule, start, end, reader.read if read <= _READINGS_MAX else reader.plainly)


def _excused(compiled: Compiled, text: str, start: int, end: int) -> bool:
    near = max(0, start - _NEIGHBOURHOOD_CHARS), min(len(text), end + _NEIGHBOURHOOD_CHARS)
    if compiled.unless_near is not None and compiled.unless_near.search(text, *near):
        return True
    if compiled.unless is None:
        return False
    return any(first < end and last > start for first, last in compiled.unless.finditer(text, *near))


def _judged(rule: Rule, reading: Reading, start: int, end: int, policy: Policy) -> _Hit:
    if rule.subject is not None:
        reading = msgspec.structs.replace(reading, subject=rule.subject)
    level, item, changes = rule.level, rule.item, []
    for why in (reading.polarity, reading.tense, reading.subject, reading.frame):
        if why == "other" and rule.subject == "other":
            continue
        cap = policy.effects.cap(why, rule.kind)
        if cap < level:
            level = cap
            changes.append(f"lowered:{why}")
    if rule.kind == "attempt" and reading.polarity == "asserted" and reading.tense in ("now", "days") and not changes:
        level = Level.CRISIS
        changes.append(f"raised:{reading.tense}")
    return _Hit(rule, start, end, reading, level, tuple(changes), item)


def _raised(
    place: _Place, said: Mapping[str, Sequence[_Place]], raises: Sequence[Raise]
) -> tuple[_Hit | None, tuple[_Place, ...]]:
    """What was said at a place after the gravest raise that applies, and what raised it; None if nobody had to read."""
    own = place.hit if place.rule.level > Level.NONE else None
    if own is not None and not _in_earnest(own.reading):
        return own, ()
    for rule in raises:
        if own is not None and rule.level <= own.level:
            break
        partners = _partners(place, said, rule)
        if not partners or not _in_earnest(place.hit.reading):
            continue
        if rule.tense and place.hit.reading.tense not in rule.tense:
            continue
        changes = (*place.hit.changes, f"raised:{rule.why}")
        return msgspec.structs.replace(
            place.hit, level=rule.level, item=rule.item or place.hit.item, changes=changes
        ), partners
    return own, ()


def _partners(place: _Place, said: Mapping[str, Sequence[_Place]], rule: Raise) -> tuple[_Place, ...]:
    """What stands near enough to raise what was said at a place: nothing, one thing, or the two that are asked for."""
    if any(_near(place, other, rule.reach) for other in _of(said, rule.unless)):
        return ()
    first = (other for other in _of(said, rule.signal) if _joins(place, other, rule))
    if not rule.also:
        return tuple(itertools.islice(first, 1))  # the rest need not be read
    second = [other for other in _of(said, rule.also) if _joins(place, other, rule)] if (joined := list(first)) else []
    return next(((one, two) for two in second for one in joined if _apart(one, two)), ())


def _of(said: Mapping[str, Sequence[_Place]], kinds: Sequence[str]) -> Iterator[_Place]:
    return itertools.chain.from_iterable(said.get(kind, ()) for kind in kinds)


def _joins(place: _Place, other: _Place, rule: Raise) -> bool:
    """Whether something else, apart from this and meant in earnest now, stands near enough to raise it."""
    if (rule.apart and not _apart(place, other)) or not _near(place, other, rule.reach):
        return False
    if not _in_earnest(other.hit.reading):
        return False
    if rule.why == RETURNING:
        return _is_over(place.hit) and (other.rule.kind == RETURNING or not _is_over(other.hit))
    return not _is_over(place.hit) and not _is_over(other.hit)


def _apart(one: _Place, other: _Place) -> bool:
    return other.start >= one.end or one.start >= other.end


def _near(one: _Place, other: _Place, reach: int) -> bool:
    return other.start - one.end <= reach and one.start - other.end <= reach


def _in_earnest(reading: Reading) -> bool:
    """A laugh does not take back a plan: two dangerous things said together count even with one."""
    return reading.polarity == "asserted" and reading.frame in ("plain", "joke")


def _is_over(hit: _Hit) -> bool:
    """What is over is raised only by what says that it is back, and raises nothing."""
    return hit.reading.tense in ("past", "ever")


def _finding(hit: _Hit, by: Sequence[_Place], view: View, offset: int, version: str) -> Finding:
    places = [(hit.start, hit.end), *((place.start, place.end) for place in by)]
    spans = sorted({view.span(start, end) for start, end in places})
    return Finding(
        level=hit.level,
        category=hit.rule.category,
        subject=hit.reading.subject,
        rule=hit.rule.id,
        policy=version,
        spans=tuple(Span(s.start + offset, s.end + offset) for s in spans),
        cssrs_item=hit.item,
        polarity=hit.reading.polarity,
        tense=hit.reading.tense,
        frame=hit.reading.frame,
        changes=hit.changes,
        confidence=round(max(0.1, hit.rule.confidence - 0.15 * sum(c.startswith("lowered") for c in hit.changes)), 2),
    )
