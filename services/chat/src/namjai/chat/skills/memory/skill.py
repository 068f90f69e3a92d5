"""A turn about what is remembered: shown with a button for each note, added to, and forgotten in part or whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from namjai.chat import remembered
from namjai.chat.content import ui_texts
from namjai.chat.domain.commands import consent_data
from namjai.chat.domain.composed import FIXED, Composed
from namjai.chat.domain.doing import do, doorway
from namjai.chat.domain.language import fold
from namjai.chat.domain.messages import Action, press, text, with_quick_replies
from namjai.chat.domain.recall import NOTES_MAX, Known, Note
from namjai.chat.domain.remember import BOTH, may_remember
from namjai.chat.domain.visit import Visit, closed, moved
from namjai.chat.ports import Desk
from namjai.chat.skills.memory.texts import PACKAGE, Texts, preload, texts
from namjai.chat.skills.skill import Skill
from namjai.events import Fact, Sealed
from namjai.events.memory import MemoryForgotten, MemoryNoted

NAME: Final = "memory"
ASKED: Final = "note"
OPEN_FOR: Final = timedelta(minutes=10)
NOTE_CHARS_MAX: Final = 200
PAGE_NOTES: Final = 8
"""So many on one page: each has a button, and LINE shows thirteen."""


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What was asked of the memory, or the words that are to be kept in mind."""
    if (wish := visit.doing(NAME)) is None:
        asked = visit.flow is not None and visit.flow.step == ASKED and bool(visit.heard.words)
        return await _note(visit, desk, visit.heard.words[-1]) if asked and visit.calm else None
    match wish.action:
        case "open":
            return _shown(visit, await remembered.known(desk.records), page=wish.args.get("page", ""))
        case "note" if not visit.calm:
            return None  # whoever is in a bad way is answered for that
        case "note":
            return await _note(visit, desk, wish.args.get("text", ""))
        case "forget":
            return await _forget(visit, desk, wish.args.get("note", ""))
        case "forget_all":
            return await _ask_all(visit, desk)
        case "forget_yes":
            return _told(visit, _words(visit).all_forgotten, (), MemoryForgotten(), closed(NAME))
        case "keep":
            return _told(visit, _words(visit).kept, [_show(visit)])
        case _:
            return None  # a button of an older release


def _shown(visit: Visit, known: Known, *, page: str = "", lead: str = "") -> Composed:
    """All of it, a page of notes at a time, the newest first."""
    words = _words(visit)
    if known.summary is None and not known.notes:
        return _told(visit, "\n\n".join(filter(None, (lead, words.nothing, words.how))), _consents(visit))
    first = int(page) * PAGE_NOTES if page.isdecimal() and len(page) < 3 else 0
    newest = list(enumerate(reversed(known.notes), start=1))
    on_page = newest[first : first + PAGE_NOTES] or newest[:PAGE_NOTES]
    summary = f"{words.summary}\n{known.summary}" if known.summary and not first else ""
    listed = "\n".join([words.notes, *(_line(number, note, words) for number, note in on_page)]) if on_page else ""
    unused = "" if may_remember(visit.view.consents) else words.unused
    said = "\n\n".join(filter(None, (lead or words.title, summary, listed, unused)))
    forget = [do(words.labels.forget.format(number=n), NAME, "forget", note=note.id) for n, note in on_page]
    more = [do(words.labels.more, NAME, "open", page=str(first // PAGE_NOTES + 1))]
    following = more if first + PAGE_NOTES < len(newest) else []
    return _told(visit, said, [*forget, *following, _forget_all(visit), *_consents(visit)])


async def _note(visit: Visit, desk: Desk, said: str) -> Composed:
    """Keep something in mind, in the person's own words."""
    words = _words(visit)
    note = " ".join(said.split())
    if not may_remember(visit.view.consents):
        return _told(visit, words.ask_consent, _consents(visit), closed(NAME))
    if not note:
        return _told(visit, words.ask_note, (), moved(NAME, ASKED, until=visit.now + OPEN_FOR))
    if len(note) > NOTE_CHARS_MAX:
        return _told(visit, words.too_long, (), moved(NAME, ASKED, until=visit.now + OPEN_FOR))
    known = await remembered.known(desk.records)
    if any(fold(each.text) == fold(note) for each in known.notes):
        return _told(visit, words.known_already, [_show(visit)], closed(NAME))
    if sum(each.by == "person" for each in known.notes) >= NOTES_MAX:
        return _told(visit, words.full.format(count=NOTES_MAX), [_show(visit)], closed(NAME))
    fact = MemoryNoted(note=_id(visit.seed), text=Sealed(note), by="person")
    return _told(visit, words.noted.format(note=note), [_show(visit)], fact, closed(NAME))


async def _forget(visit: Visit, desk: Desk, wanted: str) -> Composed:
    """Forget one note, and show what is left."""
    known = await remembered.known(desk.records)
    left = tuple(note for note in known.notes if note.id != wanted)
    if len(left) == len(known.notes):
        return _shown(visit, known, lead=_words(visit).gone_already)
    shown = _shown(visit, Known(known.summary, left, known.through), lead=_words(visit).forgotten)
    return replace(shown, facts=(MemoryForgotten(note=wanted),))


async def _ask_all(visit: Visit, desk: Desk) -> Composed:
    words = _words(visit)
    known = await remembered.known(desk.records)
    if known.summary is None and not known.notes and not visit.person.memory.turns:
        return _told(visit, words.nothing, _consents(visit))
    sure = do(words.labels.yes_all, NAME, "forget_yes")
    return _told(visit, words.ask_all, [sure, do(words.labels.keep, NAME, "keep"), _show(visit)])


def _line(number: int, note: Note, words: Texts) -> str:
    return f"{number}. {note.text}{words.by_person if note.by == 'person' else ''}"


def _id(seed: str) -> str:
    """From the message that asked for it: the same turn made again notes the same."""
    return blake2b(seed.encode(), digest_size=8).hexdigest()


def _words(visit: Visit) -> Texts:
    return texts(visit.view.language)


def _show(visit: Visit) -> Action:
    return do(_words(visit).labels.show, NAME, "open")


def _forget_all(visit: Visit) -> Action:
    return do(_words(visit).labels.forget_all, NAME, "forget_all")


def _consents(visit: Visit) -> list[Action]:
    """The buttons to what is still to be agreed to."""
    labels = ui_texts(visit.view.speaks).labels
    missing = sorted(BOTH - visit.view.consents)
    return [press(labels[f"give_{purpose}"], consent_data(purpose, granted=True)) for purpose in missing]


def _told(visit: Visit, said: str, buttons: Sequence[Action] = (), *facts: Fact) -> Composed:
    words = _words(visit)
    return Composed(
        with_quick_replies([text(said)], list(buttons)),
        "skill",
        FIXED,
        visit.view.speaks,
        (f"{NAME}/{visit.view.language}@{words.meta.version}",),
        words.meta.status,
        facts=facts,
    )


SKILL: Final = Skill(name=NAME, turn=turn, doors=doorway(PACKAGE), for_everybody=True, preload=preload)
