"""A turn of registration: ask for the code, take it, ask for the one-time code, and say what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import LANGUAGES, Language, Meta, load, ui_texts
from namjai.chat.domain.carry_out import menu
from namjai.chat.domain.commands import consent_data
from namjai.chat.domain.composed import Composed, View, fixed
from namjai.chat.domain.doing import do, doorway
from namjai.chat.domain.messages import Action, press, text
from namjai.chat.domain.registering import OTP_LIFE, OTP_TRIES_MAX, code_in, locked_until, otp_in
from namjai.chat.domain.visit import Flow, Visit, closed, moved
from namjai.chat.ports import Code, CodesUnavailable, Desk, Registrar
from namjai.chat.skills.skill import Skill
from namjai.events import Fact, Sealed
from namjai.events.mail import MailRequested
from namjai.events.member import MemberRegistered, RegistrationFailed

NAME: Final = "registration"
PACKAGE: Final = "namjai.chat.skills.registration"
Wrong = Literal["unknown", "used", "expired", "wrong_otp", "locked"]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language."""

    meta: Meta
    labels: dict[str, str]
    ask: str
    registered: str
    already: str
    wrong: dict[Wrong, str]
    later: str
    left: str
    needed: str
    otp_sent: str
    otp_ask: str
    otp_gone: str
    mail_subject: str
    mail_text: str


@lru_cache(maxsize=8)
def texts(language: Language) -> Texts:
    """The words of a language."""
    return load(PACKAGE, f"texts/{language}.yaml", Texts)


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What was asked for, or the answer to our own question; any other talk goes on."""
    doing = visit.doing(NAME)
    if doing is not None and doing.action == "leave":
        return _said(visit.view, texts(visit.view.language).left, facts=(closed(NAME),))
    if doing is not None and visit.person.registered:
        return _said(visit.view, texts(visit.view.language).already, facts=(closed(NAME),))
    if desk.registrar is None:
        return _said(visit.view, texts(visit.view.language).later) if doing is not None else None
    if doing is not None:
        given = code_in(doing.args.get("code", ""))
        return await _tried(visit, desk, desk.registrar, given) if given else _asked(visit)
    if visit.flow is None or not visit.heard.words:
        return None
    if visit.flow.step == "otp":
        return await _confirmed(visit, desk, desk.registrar, visit.flow)
    given = code_in(visit.heard.words[-1])
    return await _tried(visit, desk, desk.registrar, given) if given else None


def needed(visit: Visit) -> Composed:
    """For somebody who asks for what the clinic keeps for those whom it knows."""
    return _said(visit.view, texts(visit.view.language).needed, _open(visit.view))


def _asked(visit: Visit) -> Composed:
    words = texts(visit.view.language)
    return _said(visit.view, words.ask, _leave(visit.view), (moved(NAME, "code", until=visit.now + OTP_LIFE),))


async def _tried(visit: Visit, desk: Desk, registrar: Registrar, code: str) -> Composed:
    """One try. Who has tried too often is told when to come back, and their code is not even looked at."""
    last = await desk.records.last(RegistrationFailed)
    tries = last.fact.tries if last is not None else 0
    until = last.fact.locked_until if last is not None else None
    if until is not None and until > visit.now:
        return _wrong(visit, "locked", tries, until, count=False)
    try:
        if not await registrar.may_try():
            return _said(visit.view, texts(visit.view.language).later, _leave(visit.view))
        found = await registrar.look(code, visit.member)
        if isinstance(found, Code) and found.email:
            return _mailed(visit, registrar, code, found)
        if isinstance(found, Code) or found == "redeemed":
            found = await registrar.redeem(code, visit.member)
    except CodesUnavailable:
        return _said(visit.view, texts(visit.view.language).later, _leave(visit.view))
    if isinstance(found, Code):
        return _registered(visit, found, "code")
    return _wrong(visit, "unknown" if found == "redeemed" else found, tries, None)


def _mailed(visit: Visit, registrar: Registrar, code: str, found: Code) -> Composed:
    """The second factor goes to the address that the clinic has on file, never to one that is typed here."""
    words, until = texts(visit.view.language), visit.now + OTP_LIFE
    mail = MailRequested(
        kind="code",
        to=Sealed(found.email),
        subject=Sealed(words.mail_subject),
        text=Sealed(words.mail_text.format(otp=registrar.otp(code, visit.seed))),
        language=visit.view.language,
        until=until,
    )
    flow = moved(NAME, "otp", {"code": code, "seed": visit.seed, "tries": 0}, until=until)
    return _said(visit.view, words.otp_sent.format(email=_masked(found.email)), _leave(visit.view), (mail, flow))


async def _confirmed(visit: Visit, desk: Desk, registrar: Registrar, flow: Flow) -> Composed | None:
    """The one-time code, or other talk."""
    said, words = otp_in(visit.heard.words[-1]), texts(visit.view.language)
    if said is None:
        return None
    code, seed, tries = str(flow.slots["code"]), str(flow.slots["seed"]), int(flow.slots["tries"]) + 1
    try:
        if registrar.is_otp(said, code, seed):
            found = await registrar.redeem(code, visit.member)
            if isinstance(found, Code):
                return _registered(visit, found, "code_email")
            return _wrong(visit, "unknown" if found == "redeemed" else found, 0, None)
    except CodesUnavailable:
        return _said(visit.view, words.later, _leave(visit.view))
    if tries >= OTP_TRIES_MAX:
        last = await desk.records.last(RegistrationFailed)
        return _wrong(visit, "wrong_otp", last.fact.tries if last is not None else 0, None, closing=words.otp_gone)
    step = moved(NAME, "otp", {**flow.slots, "tries": tries}, until=flow.until)
    return _said(visit.view, words.otp_ask, _leave(visit.view), (step,))


def _registered(visit: Visit, found: Code, method: Literal["code", "code_email"]) -> Composed:
    words, ui = texts(visit.view.language), ui_texts(visit.view.speaks)
    fact = MemberRegistered(code=found.id, method=method, patient=Sealed(found.patient) if found.patient else None)
    ask = [
        press(ui.labels["give_clinician"], consent_data("clinician", granted=True)),
        press(ui.labels["withdraw_clinician"], consent_data("clinician", granted=False)),
        press(ui.labels["privacy"], "cmd=privacy"),
    ]
    return _said(visit.view, words.registered, ask, (fact, closed(NAME)))


def _wrong(
    visit: Visit, reason: Wrong, tries: int, until: datetime | None, *, count: bool = True, closing: str = ""
) -> Composed:
    """A wrong try is on record, so that guessing is slow; being locked out is said, and no further try counts."""
    words = texts(visit.view.language)
    tries += count
    until = locked_until(tries, visit.now) if count else until
    said = words.wrong["locked"] if until is not None and not closing else closing or words.wrong[reason]
    facts: tuple[Fact, ...] = (RegistrationFailed(reason=reason, tries=tries, locked_until=until),) if count else ()
    if until is not None or closing:
        facts = (*facts, closed(NAME))
    zone = visit.scene.clinic.zone
    at = until.astimezone(zone).strftime("%H:%M") if until is not None else ""
    return _said(visit.view, said.format(at=at), _leave(visit.view), facts)


def _masked(email: str) -> str:
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def _leave(view: View) -> list[Action]:
    return [do(texts(view.language).labels["leave"], NAME, "leave")]


def _open(view: View) -> list[Action]:
    return [do(texts(view.language).labels["open"], NAME, "open")]


def _resume(view: View) -> Action:
    return _open(view)[0]


def _said(view: View, words: str, actions: Sequence[Action] = (), facts: tuple[Fact, ...] = ()) -> Composed:
    buttons = [*actions, *menu(ui_texts(view.speaks), "help")]
    return fixed(NAME, texts(view.language).meta, view, [text(words)], buttons, facts)


def preload() -> None:
    """Read every language."""
    for language in LANGUAGES:
        texts(language)


SKILL: Final = Skill(name=NAME, turn=turn, for_everybody=True, doors=doorway(PACKAGE), resume=_resume, preload=preload)
