"""A turn about leaflets: what a button or typed words ask for, and where the conversation about one stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from namjai.chat.content import LANGUAGES, tongue_named
from namjai.chat.domain.composed import Composed, View
from namjai.chat.domain.doing import Doing, do, doorway
from namjai.chat.domain.messages import ALT_TEXT_MAX, Action, flex, with_quick_replies
from namjai.chat.domain.visit import Flow, Visit
from namjai.chat.ports import Desk
from namjai.chat.skills.education import address, changing, mailing, match, opening, prompts, shelf, show
from namjai.chat.skills.education import texts as typed
from namjai.chat.skills.education.generate import WRITER
from namjai.chat.skills.education.leaflet import Leaflet, read_back
from namjai.chat.skills.education.said import (
    ADDRESS,
    CHANGE,
    CONFIRM,
    NAME,
    READING,
    TONGUE,
    TOPIC,
    at,
    buttons,
    end,
    leaflet_turn,
    told,
    topic_buttons,
    words,
)
from namjai.chat.skills.education.shelf import PACKAGE
from namjai.chat.skills.education.texts import Wish, texts
from namjai.chat.skills.skill import Skill
from namjai.events.leaflet import LeafletMade

_COMMANDS: Final = frozenset({"translate", "simpler", "shorter", "modify", "mail", "sources", "new"})
NAMED_CHARS_MAX: Final = 30
"""Nobody says in more into which language; "translate" and a longer text is for the interpreter."""
_About = Callable[[Visit, Leaflet, Doing, Desk], Awaitable[Composed]]


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What is pressed or opened by a word first, then what typed words mean where the conversation stands."""
    doing = visit.doing(NAME)
    if doing is not None:
        return await _done(visit, doing, desk)
    said = (visit.newest or "").strip()
    if not said:
        return None
    if visit.flow is not None and (answer := await _at_it(visit, visit.flow, said, desk)) is not None:
        return answer
    topic = match.is_question_about(said) if visit.calm else None
    return opening.from_library(visit, topic) if topic is not None else None


def claims(visit: Visit) -> bool:
    """A plain question about something in the library, by somebody who is all right; or a command about the leaflet
    that is being read, though another skill hears its word, too."""
    if visit.flow is not None and visit.flow.skill == NAME and _is_typed(visit):
        return _is_about_leaflet(visit.newest or "")
    return visit.calm and len(visit.heard.words) == 1 and match.is_question_about(visit.heard.words[0]) is not None


def _is_typed(visit: Visit) -> bool:
    """Whether nothing was pressed: a button says itself what it is about."""
    return visit.doing(NAME) is None and set(visit.kinds) <= {"text", "audio"}


def _is_about_leaflet(said: str) -> bool:
    wish = typed.wish(said)
    if wish is None or wish.name not in _COMMANDS or len(wish.rest) > NAMED_CHARS_MAX:
        return False
    return not wish.rest or tongue_named(wish.rest) is not None


async def _done(visit: Visit, doing: Doing, desk: Desk) -> Composed | None:
    args = doing.args
    match doing.action:
        case "open" if args.get("topic"):
            return await opening.about(visit, args["topic"], desk)
        case "open":
            return opening.choose(visit, args.get("page", ""))
        case "leaflet":
            return opening.from_library(visit, args.get("topic", ""))
        case "write":
            return await opening.written(visit, args.get("topic", ""), desk)
    act = _ABOUT_ONE.get(doing.action)
    if act is None:  # a button of an older release
        return None
    leaflet = await _leaflet(args.get("leaflet"), desk)
    return await act(visit, leaflet, doing, desk) if leaflet is not None else _no_leaflet(visit)


async def _at_it(visit: Visit, flow: Flow, said: str, desk: Desk) -> Composed | None:
    """What words mean in the middle of it; None for talk about something else."""
    wish = typed.wish(said)
    if wish is not None and wish.name == "close":
        return end(visit, words(visit).closed)
    if flow.step == TOPIC or (wish is not None and wish.name == "new"):
        if wish is not None and wish.name == "new":
            return opening.choose(visit)
        return await opening.about(visit, said, desk) if opening.is_topic(said) else None
    leaflet = await _leaflet(flow.slots.get("leaflet"), desk)
    if leaflet is None:
        return None
    if wish is not None and (answer := await _wished(visit, flow, leaflet, wish, desk)) is not None:
        return answer
    return await _answered(visit, flow, leaflet, said, desk)


async def _wished(visit: Visit, flow: Flow, leaflet: Leaflet, wish: Wish, desk: Desk) -> Composed | None:
    """What a command asks of the open leaflet."""
    match wish:
        case Wish("yes", _) if flow.step == CONFIRM:
            return await mailing.send(visit, leaflet, str(flow.slots.get("address", "")), desk)
        case Wish("no", _) if flow.step in (ADDRESS, CONFIRM):
            return mailing.keep(visit, leaflet)
        case Wish("translate", ""):
            return changing.ask_tongue(visit, leaflet)
        case Wish("translate", rest) if len(rest) <= NAMED_CHARS_MAX and tongue_named(rest) is not None:
            return await changing.translate(visit, leaflet, rest, desk)
        case Wish("simpler" | "shorter" as how, _):
            return await changing.change(visit, leaflet, how, desk)
        case Wish("modify", ""):
            return changing.ask_change(visit, leaflet)
        case Wish("modify", rest):
            return await changing.change(visit, leaflet, rest, desk)
        case Wish("mail", ""):
            return await mailing.ask_address(visit, leaflet, desk)
        case Wish("mail", rest) if address.is_attempt(rest):
            return await mailing.take_address(visit, leaflet, rest, desk)
        case Wish("sources", _):
            return _sources(visit, leaflet)
        case Wish("show", _):
            return leaflet_turn(visit, leaflet, is_new=False)
    return None


async def _answered(visit: Visit, flow: Flow, leaflet: Leaflet, said: str, desk: Desk) -> Composed | None:
    """An answer to what was asked last; a new topic, where one is named; else not ours."""
    if flow.step == TONGUE and tongue_named(said) is not None:
        return await changing.translate(visit, leaflet, said, desk)
    if flow.step in (ADDRESS, CONFIRM) and address.is_attempt(said):
        return await mailing.take_address(visit, leaflet, said, desk)
    if flow.step == ADDRESS and " " not in said and said.isascii():  # meant as one
        return await mailing.take_address(visit, leaflet, said, desk)
    if flow.step == CHANGE:
        return await changing.change(visit, leaflet, said, desk)
    found = match.find(said)
    return opening.from_library(visit, found.topic) if found.topic and not match.is_about_somebody(said) else None


async def _leaflet(wanted: object, desk: Desk) -> Leaflet | None:
    """The leaflet as it was put on record: the newest one, or that which a button names."""
    newest = await desk.records.last(LeafletMade)
    if newest is not None and wanted in (None, newest.fact.leaflet):
        return _read(newest.fact)
    every = await desk.records.all(LeafletMade)
    return next((_read(each.fact) for each in reversed(every) if each.fact.leaflet == wanted), None)


def _read(fact: LeafletMade) -> Leaflet | None:
    kept = fact.body.get(None)
    return read_back(kept) if kept is not None else None


def _no_leaflet(visit: Visit) -> Composed:
    return told(visit, words(visit).no_leaflet, topic_buttons(visit, match.nearest("")), at(visit, TOPIC))


def _sources(visit: Visit, leaflet: Leaflet) -> Composed:
    """Where it comes from."""
    bubble = show.references_bubble(leaflet, words(visit))
    named = [f"[{n}] {each.title}" for n, each in enumerate(leaflet.references, 1)]
    summary = "\n".join([words(visit).heads["sources"], *(named or [words(visit).sources_none])])
    said = told(visit, summary, (), at(visit, READING, leaflet=leaflet.id))
    message = flex(show.clipped(summary, ALT_TEXT_MAX), bubble)
    return replace(said, messages=with_quick_replies([message], buttons(visit, leaflet)))


async def _translate(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    to = doing.args.get("to")
    return await changing.translate(visit, leaflet, to, desk) if to else changing.ask_tongue(visit, leaflet)


async def _modify(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    return changing.ask_change(visit, leaflet)


async def _change(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    how = doing.args.get("how", "")
    known = how in changing.CHANGES
    return await changing.change(visit, leaflet, how, desk) if known else changing.ask_change(visit, leaflet)


async def _mail(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    return await mailing.ask_address(visit, leaflet, desk)


async def _send(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    """Only while the question is open: an address is in no button."""
    flow = visit.flow
    if flow is None or flow.step != CONFIRM or flow.slots.get("leaflet") != leaflet.id:
        return await mailing.ask_address(visit, leaflet, desk)
    return await mailing.send(visit, leaflet, str(flow.slots.get("address", "")), desk)


async def _keep(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    return mailing.keep(visit, leaflet)


async def _show_sources(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    return _sources(visit, leaflet)


async def _show(visit: Visit, leaflet: Leaflet, doing: Doing, desk: Desk) -> Composed:
    return leaflet_turn(visit, leaflet, is_new=False)


_ABOUT_ONE: Final[Mapping[str, _About]] = {
    "translate": _translate,
    "modify": _modify,
    "change": _change,
    "mail": _mail,
    "send": _send,
    "keep": _keep,
    "sources": _show_sources,
    "show": _show,
}
"""What a button asks of the leaflet that it names."""


def resume(view: View) -> Action:
    """Back to the leaflet that was being read."""
    return do(texts(view.language).labels["back"], NAME, "show")


def preload() -> None:
    """Read every file, build every table."""
    for language in LANGUAGES:
        texts(language)
    shelf.preload()
    match.preload()
    typed.preload()
    prompts.prompts()


SKILL: Final = Skill(
    name=NAME,
    turn=turn,
    doors=doorway(PACKAGE),
    between_languages=True,
    claims=claims,
    resume=resume,
    writer=WRITER,
    preload=preload,
)
