"""A turn of the diary: a check-in, question by question, the picture of the days, and when to be reminded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from namjai.chat.domain.composed import Composed, View
from namjai.chat.domain.doing import Doing, do, doorway
from namjai.chat.domain.messages import Action, press, say, text
from namjai.chat.domain.visit import Call, Flow, Visit, closed, moved
from namjai.chat.ports import Desk
from namjai.chat.skills.diary import bubbles, checkin, picture
from namjai.chat.skills.diary.badges import Deeds
from namjai.chat.skills.diary.checkin import At, Stopped, Unread
from namjai.chat.skills.diary.days import Entry, day_of, entry
from namjai.chat.skills.diary.ending import ending
from namjai.chat.skills.diary.quiet import LEARNED_FROM, named_hour, quiet_hour
from namjai.chat.skills.diary.reminding import UNANSWERED_MAX
from namjai.chat.skills.diary.texts import Texts, preload, texts
from namjai.chat.skills.skill import Skill
from namjai.events.checkin import CheckInRecorded, RemindersSet
from namjai.events.conversation import ContactRequested, ExerciseEnded
from namjai.events.message import MessageReceived
from namjai.events.plan import PlanShared

NAME: Final = bubbles.NAME
OPEN_FOR: Final = timedelta(hours=6)
"""A check-in speaks of one day; what was begun and forgotten longer ago is begun afresh."""
HOUR: Final = "hour"
ASKED_FOR: Final = timedelta(hours=1)
"""How long an hour that is typed is taken as the answer to ours."""


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What was asked of us, or the next question for somebody in the middle of a check-in."""
    at = checkin.standing(visit.flow) if visit.flow is not None else None
    if (wish := visit.doing(NAME)) is not None:
        return await _asked(wish, at, visit, desk)
    if not visit.calm or not visit.heard.texts:
        return None
    if at is not None:
        return await _led(checkin.said(at, visit.heard.texts), visit, desk)
    return await _hour_typed(visit, desk) if _asks_hour(visit.flow) else None


def called(call: Call) -> Composed | None:
    """The words of a reminder."""
    if call.cue.kind != "reminder":
        return None
    words = texts(call.view.language)
    last = call.cue.number > UNANSWERED_MAX
    said, buttons = bubbles.reminder(call.cue.number, words, last=last)
    return bubbles.speak([text(said)], buttons, call.view, "goodbye" if last else "reminder", kind="reminder")


async def _asked(wish: Doing, at: At | None, visit: Visit, desk: Desk) -> Composed | None:
    words = texts(visit.view.language)
    match wish.action:
        case "open":
            return await _open(at, visit, desk)
        case "view":
            return await _view(visit, desk)
        case "checkin":
            return _stand(at, visit, [words.returned]) if at is not None else await _begin(visit, desk)
        case "remind" | "remind_at" | "decline" | "stop_reminders" | "not_today":
            return await _about_reminders(wish, at, visit, desk)
        case "delete":
            ways = [press(words.labels["erase"], "cmd=erase"), do(words.labels["view"], NAME, "view")]
            return bubbles.speak([text(words.delete)], ways, visit.view, "delete")
        case _ if at is None:
            begin = [do(words.labels["checkin"], NAME, "checkin"), do(words.labels["view"], NAME, "view")]
            return bubbles.speak([text(words.closed)], begin, visit.view, "closed")
        case "stop":
            return await _stopped(at, visit, desk)
        case "resume":
            return _stand(at, visit, [words.returned])
        case "set" | "back" if wish.args.get("at") != at.step:
            return _stand(at, visit, [words.earlier])
        case "back":
            return _stand(checkin.back(at), visit)
        case "set":
            return await _led(checkin.pressed(at, wish.args.get("value", "")) or at, visit, desk)
        case _:
            return _stand(at, visit)


async def _led(step: At | Unread | Stopped | None, visit: Visit, desk: Desk) -> Composed | None:
    """Where an answer led."""
    words = texts(visit.view.language)
    match step:
        case None:
            return None
        case Unread(at=at):
            return _stand(at, visit, [words.unread_used if at.step == "used" else words.unread_number])
        case Stopped(at=at):
            return await _stopped(at, visit, desk)
        case At(over=False):
            return _stand(step, visit)
        case At():
            return await _finished(step, visit, desk)


def _stand(at: At, visit: Visit, lead: Sequence[str] = ()) -> Composed:
    """Stay or stand at a question, on record."""
    here = moved(NAME, at.step, at.slots(), until=visit.now + OPEN_FOR)
    return replace(bubbles.asking(at, visit.view, lead), facts=(here,))


async def _open(at: At | None, visit: Visit, desk: Desk) -> Composed:
    """The day's check-in; where it is there already, the diary."""
    if at is not None:
        return _stand(at, visit, [texts(visit.view.language).returned])
    kept, zone = await _entries(desk), visit.scene.clinic.zone
    if any(day_of(each.at, zone) == day_of(visit.now, zone) for each in kept):
        return await _view(visit, desk, texts(visit.view.language).view.today)
    return await _begin(visit, desk)


async def _begin(visit: Visit, desk: Desk) -> Composed:
    """The first question; before the very first time, what is kept and how it goes away."""
    lead = [] if await _entries(desk) else [texts(visit.view.language).kept]
    return _stand(At(), visit, lead)


async def _view(visit: Visit, desk: Desk, lead: str | None = None) -> Composed:
    words, zone = texts(visit.view.language), visit.scene.clinic.zone
    begin = do(words.labels["checkin"], NAME, "checkin")
    kept = await _entries(desk)
    if not kept:
        return bubbles.speak([text(words.view.empty)], [begin], visit.view, "view")
    shown = picture.page(kept, day_of(visit.now, zone), zone, await _deeds(desk))
    reminders = await desk.records.last(RemindersSet)
    if reminders is not None and reminders.fact.on:
        about = [
            do(words.labels["change_hour"], NAME, "remind"),
            do(words.labels["stop_reminders"], NAME, "stop_reminders"),
        ]
    else:
        about = [do(words.labels["remind"], NAME, "remind")]
    said = [text(lead or words.view.shown), picture.sheet(shown, words)]
    return bubbles.speak(said, [begin, *about], visit.view, "view")


async def _finished(at: At, visit: Visit, desk: Desk) -> Composed:
    """A check-in is complete: on record, unless everything was skipped, which says nothing of the day."""
    words = texts(visit.view.language)
    if at.is_blank:
        return bubbles.speak([text(words.end.nothing)], _ways(words), visit.view, "end", (closed(NAME),))
    return await _recorded(at, visit, desk)


async def _stopped(at: At, visit: Visit, desk: Desk) -> Composed:
    """Half-way: what was answered is kept, since it was said to be kept, and nobody is asked it twice."""
    words = texts(visit.view.language)
    if at.is_blank:
        return bubbles.speak([text(words.stopped_empty)], _ways(words), visit.view, "stop", (closed(NAME),))
    return await _recorded(at, visit, desk, lead=words.stopped_kept)


async def _recorded(at: At, visit: Visit, desk: Desk, lead: str | None = None) -> Composed:
    words, before = texts(visit.view.language), await _entries(desk)
    now = Entry(visit.now, visit.seed, at.craving, at.mood, at.used, at.note or "")
    end = ending(before, now, visit.scene.clinic.zone, await _deeds(desk), words)
    said = list(end.said)
    if lead is not None:
        said = [lead, *(said if at.used is not None else said[1:])]
    known = await desk.records.last(RemindersSet)
    if known is None and lead is None and end.is_light and not at.used:
        said.append(words.end.offer)
    ways = bubbles.more_help(visit.view, visit.scene.skills, strong=end.strong, low=end.low)
    talk = [say(words.labels["talk"])] if at.used or end.low or end.strong else []
    remind = [do(words.labels["remind"], NAME, "remind")] if known is None or not known.fact.on else []
    buttons = [*ways, *talk, do(words.labels["view"], NAME, "view"), *remind]
    facts = (at.fact(), closed(NAME))
    return bubbles.speak([text(each) for each in said], buttons, visit.view, "stop" if lead else "end", facts)


async def _about_reminders(wish: Doing, at: At | None, visit: Visit, desk: Desk) -> Composed | None:
    """Asked for, set, left, stopped."""
    words = texts(visit.view.language)
    done = (closed(NAME),) if _asks_hour(visit.flow) else ()
    match wish.action:
        case "remind" if (named := wish.args.get("at")) is not None:
            hour = named_hour(named)
            return None if hour is None else await _set(hour, visit, desk)  # "remind me of …" is talk
        case "remind":
            said = words.reminders.ask.format(hour=_clock(await _learned(visit, desk)))
            waiting = (moved(NAME, HOUR, until=visit.now + ASKED_FOR),) if at is None else ()
            return bubbles.speak([text(said)], bubbles.hours(visit.view), visit.view, "remind", waiting)
        case "remind_at":
            chosen = wish.args.get("hour", "")
            return await _set(None if chosen == "quiet" else named_hour(chosen), visit, desk)
        case "not_today":
            return bubbles.speak([text(words.reminders.not_today)], _ways(words), visit.view, "not_today", done)
        case "decline":
            known = await desk.records.last(RemindersSet)
            if known is not None and known.fact.on:
                return await _set(known.fact.hour, visit, desk)  # they had them, and did not want another hour
            left = (RemindersSet(on=False), *done)
            return bubbles.speak([text(words.reminders.declined)], _ways(words), visit.view, "decline", left)
        case _:
            off = (RemindersSet(on=False), *done)
            again = [*_back(at, visit.view), do(words.labels["remind"], NAME, "remind"), *_ways(words)]
            return bubbles.speak([text(words.reminders.off)], again, visit.view, "stop_reminders", off)


async def _set(hour: int | None, visit: Visit, desk: Desk) -> Composed:
    """Reminders at this hour; at the learned one for None."""
    words = texts(visit.view.language)
    if hour is None:
        said = words.reminders.set_quiet.format(hour=_clock(await _learned(visit, desk)))
    else:
        said = words.reminders.set.format(hour=_clock(hour))
    ways = [
        do(words.labels["change_hour"], NAME, "remind"),
        do(words.labels["stop_reminders"], NAME, "stop_reminders"),
    ]
    at = checkin.standing(visit.flow) if visit.flow is not None else None
    facts = (RemindersSet(on=True, hour=hour), *((closed(NAME),) if _asks_hour(visit.flow) else ()))
    return bubbles.speak([text(said)], [*_back(at, visit.view), *ways], visit.view, "remind", facts)


async def _hour_typed(visit: Visit, desk: Desk) -> Composed | None:
    """An hour in the person's words, while we wait for one."""
    said = visit.heard.texts[-1]
    if (hour := named_hour(said)) is not None:
        return await _set(hour, visit, desk)
    if any(char.isdigit() for char in said) and len(said) <= checkin.CONTROL_CHARS_MAX:
        unread = texts(visit.view.language).reminders.unread
        return bubbles.speak([text(unread)], bubbles.hours(visit.view), visit.view, "remind")
    return None


async def _learned(visit: Visit, desk: Desk) -> int:
    times = await desk.records.times(MessageReceived, visit.now - LEARNED_FROM)
    return quiet_hour(times, visit.scene.clinic.zone)


async def _entries(desk: Desk) -> list[Entry]:
    found = await desk.records.all(CheckInRecorded)
    return [kept for each in found if (kept := entry(each.fact, each.at, each.event)) is not None]


async def _deeds(desk: Desk) -> Deeds:
    practised = any(each.fact.completed for each in await desk.records.all(ExerciseEnded))
    told = any(each.fact.basis == "consent" for each in await desk.records.all(ContactRequested))
    return Deeds(practised, told or await desk.records.last(PlanShared) is not None)


def _asks_hour(flow: Flow | None) -> bool:
    return flow is not None and flow.step == HOUR


def _back(at: At | None, view: View) -> list[Action]:
    """Reminders may be set in the middle of a check-in."""
    return [bubbles.resume_button(view)] if at is not None else []


def _ways(words: Texts) -> list[Action]:
    return [do(words.labels["view"], NAME, "view"), do(words.labels["checkin"], NAME, "checkin")]


def _clock(hour: int) -> str:
    return f"{hour}:00"


SKILL: Final = Skill(
    name=NAME,
    turn=turn,
    doors=doorway("namjai.chat.skills.diary"),
    resume=bubbles.resume_button,
    called=called,
    preload=preload,
)
