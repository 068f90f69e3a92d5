"""Gives each person the rich menu that fits them now: it delays nothing, and its failure harms nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final

from cachetools import TTLCache
from prometheus_client import Counter

from namjai.events import Envelope, Fact, Stored, subjects
from namjai.events.conversation import CrisisEnded, CrisisStarted
from namjai.events.reply import ReplyIssued
from namjai.notify.adapters.pace import Pace
from namjai.notify.domain.menu import TELLING, Choice, choose, stays
from namjai.notify.menus.book import alias_of
from namjai.notify.menus.line import LineMenus, LineTrouble
from namjai.runtime.consumer import Handlers
from namjai.runtime.delivery import this_delivery
from namjai.runtime.errors import Retry
from namjai.runtime.journal import Journal
from namjai.runtime.logs import get_logger

LATE_S: Final = 600.0
"""A menu for words older than this is not worth a call: the next words bring it."""
TRIES_MAX: Final = 5
AGAIN_S: Final = 2.0
ALIAS_TTL_S: Final = 60.0
ALIASES_MAX: Final = 100
REMEMBERED_S: Final = 6 * 3_600.0
"""After that the menu is given once more: another replica may have given one in another language meanwhile."""
_PERSON: Final = re.compile("U[0-9a-f]{32}")

_log = get_logger(__name__)


@dataclass
class Wardrobe:
    """What the handlers work with. What was given is remembered for a while, so that it is not given again."""

    line: LineMenus
    journal: Journal
    pace: Pace
    outcomes: Counter
    clock: Callable[[], datetime]
    people_max: int = 20_000
    given: TTLCache[str, Choice] = field(init=False)
    known: TTLCache[str, str | None] = field(init=False)
    """Menus by alias; None where LINE has no such alias, because nobody has set the menus up."""

    def __post_init__(self) -> None:
        self.given = TTLCache(self.people_max, REMEMBERED_S, timer=monotonic)
        self.known = TTLCache(ALIASES_MAX, ALIAS_TTL_S, timer=monotonic)

    async def menu(self, alias: str) -> str | None:
        """The id behind an alias. Raises `LineTrouble`."""
        if alias not in self.known:
            self.known[alias] = await self.line.alias(alias)
        return self.known[alias]


async def on_reply_issued(event: Envelope[ReplyIssued], wardrobe: Wardrobe) -> Sequence[Fact]:
    """Somebody is answered in a language, or gets a crisis card."""
    if not stays(wardrobe.given.get(event.subject), event.data):
        await _give(event, wardrobe)
    return []


async def on_crisis_started(event: Envelope[CrisisStarted], wardrobe: Wardrobe) -> Sequence[Fact]:
    """The log says so a moment after the card: who looked in between saw an ordinary turn."""
    await _give(event, wardrobe)
    return []


async def on_crisis_ended(event: Envelope[CrisisEnded], wardrobe: Wardrobe) -> Sequence[Fact]:
    """It is over: the ordinary menu again."""
    await _give(event, wardrobe)
    return []


async def _give(event: Envelope[Fact], wardrobe: Wardrobe) -> None:
    if (wardrobe.clock() - event.time).total_seconds() > LATE_S:
        return
    newest = await _newest(event.subject, wardrobe.journal)
    choice, user = choose(newest), _recipient(newest)
    if choice is None or user is None or wardrobe.given.get(event.subject) == choice:
        return
    alias = alias_of(choice.kind, choice.language)
    outcome = await _linked(user, alias, wardrobe, urgent=choice.kind == "crisis")
    wardrobe.outcomes.labels(alias, outcome).inc()
    if outcome == "given":
        wardrobe.given[event.subject] = choice


async def _newest(member: str, journal: Journal) -> list[Stored[Fact]]:
    wanted = [subjects.event(kind.TYPE, member) for kind in TELLING]
    return [Stored(stored.sequence, await journal.open(stored.event)) for stored in await journal.log.last(wanted)]


def _recipient(newest: Sequence[Stored[Fact]]) -> str | None:
    """The person's LINE id; a group has no menu, and of somebody erased nobody knows."""
    replies = [stored.event.data for stored in newest if isinstance(stored.event.data, ReplyIssued)]
    to = replies[-1].to.get("") if replies else ""
    return to if _PERSON.fullmatch(to) else None


async def _linked(user: str, alias: str, wardrobe: Wardrobe, *, urgent: bool) -> str:
    """What became of it, in one word. Raises `Retry`, a few times at most."""
    if not await wardrobe.pace.turn(urgent=urgent):
        return _later("paced")
    try:
        menu = await wardrobe.menu(alias)
        if menu is None:
            return "not_set_up"
        await wardrobe.line.link(user, menu)
    except LineTrouble as trouble:
        if trouble.status in (401, 429):
            wardrobe.pace.pause()
        if trouble.status == 404:
            wardrobe.known.pop(alias, None)  # the menu was replaced meanwhile: ask where the alias leads now
        if trouble.passes or trouble.status == 404:
            return _later(f"status_{trouble.status}")
        _log.warning("menu_refused", menu=alias, status=trouble.status)
        return "refused"
    wardrobe.pace.taken()
    return "given"


def _later(reason: str) -> str:
    attempt = this_delivery().attempt
    if attempt < TRIES_MAX:
        raise Retry(f"menu: {reason}", AGAIN_S * attempt)
    _log.warning("menu_given_up", reason=reason)
    return "given_up"


MENUS: Final[Handlers[Wardrobe]] = {
    ReplyIssued: on_reply_issued,
    CrisisStarted: on_crisis_started,
    CrisisEnded: on_crisis_ended,
}
