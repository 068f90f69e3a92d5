"""Who is watched more closely and until when, and when a silence is one that somebody should ask about.

Both follow from the verdicts as they stand and from nothing else, so whatever comes late, twice or out of order ends in
the same place. The facts said here announce it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from namjai.events import Envelope, Fact, Stored
from namjai.events.alert import AlertContacted, AlertMerged, AlertRaised, AlertResolved, AlertSaid
from namjai.events.media import MediaTranscribed
from namjai.events.member import MemberErased
from namjai.events.risk import MonitoringEnded, MonitoringStarted, SilenceNoticed
from namjai.risk.domain.context import FROM_THE_PERSON, Watch
from namjai.risk.domain.model import Level
from namjai.risk.domain.standing import Verdict, verdicts


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A watch that should be on: its level, the verdict behind that, and its end."""

    level: Level
    cause: Verdict
    until: datetime


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """The watch that the log says is on."""

    began: Envelope[MonitoringStarted]
    latest: MonitoringStarted


def watched(stored: Sequence[Stored[Fact]], now: datetime, watch: Watch) -> Watched | None:
    """The watch that should be on now: as high as the gravest verdict that still counts, as long as any does."""
    if _erased(stored):
        return None
    running = [v for v in verdicts(stored) if v.at + watch.after(v.level) > now]
    if not running:
        return None
    gravest = max(running, key=lambda v: (v.level.rank, v.at))
    return Watched(level=gravest.level, cause=gravest, until=max(v.at + watch.after(v.level) for v in running))


def announced(stored: Sequence[Stored[Fact]]) -> Announced | None:
    """The watch that is on by the log's own account: begun, perhaps moved since, and not ended."""
    on: Announced | None = None
    for each in sorted(stored, key=lambda each: each.sequence):
        event = each.event
        if isinstance(event.data, MonitoringStarted):
            on = Announced(began=on.began if on else _started(event, event.data), latest=event.data)
        elif isinstance(event.data, MonitoringEnded):
            on = None
    return on


def _started(event: Envelope[Fact], fact: MonitoringStarted) -> Envelope[MonitoringStarted]:
    return Envelope(**{name: getattr(event, name) for name in event.__struct_fields__ if name != "data"}, data=fact)


def moved(wanted: Watched, on: Announced | None) -> MonitoringStarted | None:
    """What to announce while a watch should be on; None when the log says so already."""
    if on is not None and (on.latest.level, on.latest.until) == (wanted.level.value, wanted.until):
        return None
    return MonitoringStarted(
        level=wanted.level.value, category=wanted.cause.category, cause=wanted.cause.id, until=wanted.until
    )


def unheard(stored: Sequence[Stored[Fact]], verdict: str) -> Verdict | None:
    """The high verdict after which nothing was heard of the person and no human word reached them; else None."""
    about = next((v for v in verdicts(stored) if v.id == verdict), None)
    if about is None or about.level < Level.HIGH or _erased(stored):
        return None
    if any(isinstance(e.event.data, SilenceNoticed) and e.event.data.since >= about.at for e in stored):
        return None
    return None if _heard_since(stored, about) or _human_word(stored, about) else about


def silence(about: Verdict, member: str) -> tuple[SilenceNoticed, AlertRaised]:
    """What is said of it: the fact, and an inbox item for a person to ask."""
    return (
        SilenceNoticed(since=about.at, level=about.level.value, category=about.category),
        AlertRaised(
            level=Level.MEDIUM.value,
            category=about.category,
            merge_key=f"{member}:silence",
            message=about.message,
            reason="unanswered",
        ),
    )


def _erased(stored: Sequence[Stored[Fact]]) -> bool:
    return any(isinstance(each.event.data, MemberErased) for each in stored)


def _heard_since(stored: Sequence[Stored[Fact]], about: Verdict) -> bool:
    """Whether the person said anything after the words that were judged, be it before the verdict on them."""
    said = {each.event.id: each.event.time for each in stored if isinstance(each.event.data, FROM_THE_PERSON)}
    heard = {e.event.id: e.event.data for e in stored if isinstance(e.event.data, MediaTranscribed)}
    # What was heard in a voice is known later than it was said; it is no new sign of the person, the voice was one.
    voice = heard.get(about.message)
    judged_words = said.pop(voice.message if voice else about.message, voice.received_at if voice else about.at)
    return any(at > judged_words for at in said.values())


def _human_word(stored: Sequence[Stored[Fact]], about: Verdict) -> bool:
    """Whether staff said something to the person since, or closed the alert about these words."""
    alerts = set(_alerts_of(stored, about.message))
    return any(
        (isinstance(each.event.data, AlertSaid | AlertContacted) and each.event.time >= about.at)
        or (isinstance(each.event.data, AlertResolved) and each.event.data.alert in alerts)
        for each in stored
    )


def _alerts_of(stored: Sequence[Stored[Fact]], message: str) -> Iterator[str]:
    own = {e.event.id for e in stored if isinstance(e.event.data, AlertRaised) and e.event.data.message == message}
    yield from own
    for each in stored:
        if isinstance(each.event.data, AlertMerged) and each.event.data.alert in own:
            yield each.event.data.into
