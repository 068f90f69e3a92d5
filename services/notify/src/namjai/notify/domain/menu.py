"""Decides which rich menu a person should see now: the language's, and the crisis menu while a crisis lasts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from namjai.events import Fact, Stored
from namjai.events.conversation import CrisisEnded, CrisisStarted
from namjai.events.member import LanguageChosen
from namjai.events.message import PostbackReceived
from namjai.events.reply import ReplyIssued

Kind = Literal["main", "crisis"]

TELLING: Final = (ReplyIssued, LanguageChosen, CrisisStarted, CrisisEnded, PostbackReceived)
"""The newest fact of each of these types is all that the decision rests on."""
_SWITCHED: Final = "SUCCESS"


@dataclass(frozen=True)
class Choice:
    """Which menu, since which facts: the same menu for a newer reason may have been another in between."""

    kind: Kind
    language: str
    since: tuple[int, ...] = ()


def choose(newest: Sequence[Stored[Fact]]) -> Choice | None:
    """From the newest facts of a person, opened. None while nothing was said to them yet."""
    last = {type(stored.event.data): stored for stored in newest}
    reply = _fact(last, ReplyIssued)
    if reply is None:
        return None
    chosen = _fact(last, LanguageChosen)
    began, ended = _at(last, CrisisStarted), _at(last, CrisisEnded)
    carded = _at(last, ReplyIssued) if reply.kind == "crisis" else 0
    kind: Kind = "crisis" if began > ended else "main"
    pressed = _at(last, PostbackReceived)
    own = _switched_to(_fact(last, PostbackReceived))
    own_at = pressed if own is not None and pressed > max(began, ended, carded) else 0
    if own is not None and own_at:
        kind = own  # they switched by themselves, and nothing has happened since that is stronger
    language = chosen.language if chosen is not None else reply.language
    return Choice(kind, language, (began, ended, own_at, _at(last, LanguageChosen)))


def stays(known: Choice | None, reply: ReplyIssued) -> bool:
    """Whether an ordinary turn in the language of the menu they have can change nothing, so that no log is read."""
    plain = reply.kind not in ("crisis", "protocol", "command")
    return known is not None and known.kind == "main" and plain and reply.language == known.language


def _switched_to(pressed: Any) -> Kind | None:
    """The kind of menu that LINE itself switched to on the newest tap; None if that was no such tap."""
    if pressed is None or pressed.params is None:
        return None
    try:
        params = json.loads(pressed.params.get("") or "{}")
    except ValueError:
        return None
    if not isinstance(params, dict) or params.get("status") != _SWITCHED:
        return None
    kind = str(params.get("newRichMenuAliasId", "")).partition("-")[0]
    return "crisis" if kind == "crisis" else "main" if kind == "main" else None


def _fact(last: dict[type[Fact], Stored[Fact]], kind: type[Fact]) -> Any:
    stored = last.get(kind)
    return stored.event.data if stored is not None else None


def _at(last: dict[type[Fact], Stored[Fact]], kind: type[Fact]) -> int:
    stored = last.get(kind)
    return stored.sequence if stored is not None else 0
