"""Carries out a command as far as words go: what is answered, and which facts follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol, get_args

import msgspec

from namjai.chat.content import UI_LANGUAGES, Language, Status, UiLanguage, UiTexts, care_texts, own_name, ui_texts
from namjai.chat.domain.commands import Command, CommandName, Purpose, consent_data
from namjai.chat.domain.contact import Contact
from namjai.chat.domain.crisis import emergency_card
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import Action, Message, press, text, with_quick_replies
from namjai.chat.domain.remember import BOTH
from namjai.events.envelope import Fact
from namjai.events.member import ErasureRequested, LanguageChosen, MemberConsented, MemberPaused, MemberResumed
from namjai.events.memory import MemoryForgotten

_HELP: Final[tuple[CommandName, ...]] = (
    "emergency",
    "privacy",
    "consent",
    "language",
    "contact",
    "stop",
    "erase",
)
_OPENED_BY: Final[Mapping[str, str]] = {
    "diary": "open",
    "plan": "show",
    "instruments": "open",
    "education": "open",
    "interpreter": "open",
    "pictures": "open",
}
"""What the button of a skill in the help does. (Support is writing, voice speaking, nearby sending a place.)"""


class PersonView(Protocol):
    """What a command needs to know about the person."""

    @property
    def speaks(self) -> UiLanguage: ...
    @property
    def language(self) -> Language: ...
    @property
    def country(self) -> str: ...
    @property
    def consents(self) -> frozenset[str]: ...
    @property
    def contact(self) -> Contact | None: ...


class CommandAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, the facts that follow, and which curated texts it is made of."""

    messages: tuple[Message, ...]
    facts: tuple[Fact, ...] = ()
    ends_crisis: bool = False
    """The person says they are safe: only they, or a clinician, may end a crisis."""
    asks: Literal["contact_name"] | None = None
    content: tuple[str, ...]
    review: Status


def answer(
    command: Command, person: PersonView, *, now: datetime, skills: Collection[str] = frozenset()
) -> CommandAnswer:
    """Carry out a command as far as words go; the facts are for the caller to append.

    `skills` are those that are on here: the help tells of them.
    """
    if command.name == "help":
        return _help(person, skills)
    return _ANSWERS[command.name](command, person, now)


def greeting(language: UiLanguage) -> CommandAnswer:
    """First contact: says that this is software, what it does and does not do, and asks for consent."""
    ui = ui_texts(language)
    actions = [
        press(ui.labels["agree"], consent_data("chat", granted=True)),
        press(ui.labels["read_first"], "cmd=privacy"),
        press(ui.labels["emergency"], "cmd=emergency"),
        *menu(ui, "language", "help"),
    ]
    return _said(language, ui.greeting, actions)


def consent_version(language: UiLanguage) -> str:
    """Names the text a person was shown when they chose."""
    return f"ui/{language}@{ui_texts(language).meta.version}"


def _help(person: PersonView, skills: Collection[str]) -> CommandAnswer:
    """What can be pressed, and what Namjai can do here: with a button for each skill that has a door."""
    ui = ui_texts(person.speaks)
    can = [line for skill, line in ui.skills.items() if skill in skills]
    words = [ui.help, "\n".join([ui.help_skills, *can])] if len(can) > 1 else [ui.help]
    opened = [do(ui.labels[skill], skill, action) for skill, action in _OPENED_BY.items() if skill in skills]
    first, *others = menu(ui, *_HELP)
    return _said(person.speaks, words, [first, *opened, *others])


def _emergency(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    card = emergency_card(speaks=person.speaks, country=person.country, now=now)
    actions = menu(ui_texts(person.speaks), "safe")
    return CommandAnswer(messages=with_quick_replies(card.messages, actions), content=card.content, review=card.review)


def _privacy(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    return _said(person.speaks, ui.privacy, menu(ui, "consent", "erase", "help"))


def _consent(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    if command.purpose is None or command.granted is None:
        return _said(person.speaks, [_consent_overview(ui, person.consents)], _consent_choices(ui, person.consents))
    consents = person.consents | {command.purpose} if command.granted else person.consents - {command.purpose}
    noted = ui.consent_given if command.granted else ui.consent_withdrawn
    fact = MemberConsented(
        purpose=command.purpose, granted=command.granted, text_version=consent_version(person.speaks)
    )
    words = noted.format(purpose=ui.purposes[command.purpose])
    facts = (fact, *_forgotten(person.consents - consents))
    return _said(person.speaks, [words], _consent_choices(ui, consents), facts=facts)


def _forgotten(withdrawn: Collection[str]) -> tuple[Fact, ...]:
    """What was remembered by a consent goes with it."""
    return (MemoryForgotten(),) if BOTH.intersection(withdrawn) else ()


def _language(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    if command.language is not None:
        chosen = ui_texts(command.language)
        fact = LanguageChosen(language=command.language)
        words = " ".join(filter(None, (chosen.language_chosen, chosen.in_english)))
        return _said(command.language, [words], menu(chosen, "help", "emergency"), facts=(fact,))
    actions = [press(own_name(language), f"cmd=language&language={language}") for language in UI_LANGUAGES]
    asked = "\n".join(ui_texts(language).language_ask for language in UI_LANGUAGES)
    return _said(person.speaks, [asked], actions)


def _stop(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    return _said(person.speaks, [ui.paused], menu(ui, "start", "emergency"), facts=(MemberPaused(),))


def _start(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    return _said(person.speaks, [ui.resumed], menu(ui, "help", "emergency"), facts=(MemberResumed(),))


def _chat(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    return _said(person.speaks, [ui.chat], menu(ui, "help", "emergency"))


def _erase(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    return _said(person.speaks, [ui.erase_ask], menu(ui, "erase_confirm", "erase_cancel"))


def _erase_confirm(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    return _said(person.speaks, [ui_texts(person.speaks).erase_confirmed], [], facts=(ErasureRequested(),))


def _erase_cancel(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    return _said(person.speaks, [ui.erase_cancelled], menu(ui, "privacy", "help"))


def _safe(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ui = ui_texts(person.speaks)
    said = _said(person.speaks, [ui.safe], menu(ui, "emergency", "help"))
    return msgspec.structs.replace(said, ends_crisis=True)


def _contact(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    if person.contact is None:
        return _contact_change(command, person, now)
    shown = care_texts(person.language).contact_shown.format(contact=person.contact.shown)
    return _about_contact(person, shown, contact_choices(person.speaks, told="contact" in person.consents))


def _contact_change(command: Command, person: PersonView, now: datetime) -> CommandAnswer:
    ask = care_texts(person.language).contact_ask
    actions = [press(ui_texts(person.speaks).labels["keep"], "q=contact&a=no")] if person.contact else []
    return msgspec.structs.replace(_about_contact(person, ask, actions), asks="contact_name")


def contact_choices(language: UiLanguage, *, told: bool) -> list[Action]:
    """Under a contact: whether they may be told, and another one."""
    ui = ui_texts(language)
    choice = press(ui.labels["withdraw_contact" if told else "give_contact"], consent_data("contact", granted=not told))
    return [choice, *menu(ui, "contact_change", "help")]


def _about_contact(person: PersonView, words: str, actions: Sequence[Action]) -> CommandAnswer:
    meta = care_texts(person.language).meta
    said = _said(person.speaks, [words], actions)
    return msgspec.structs.replace(
        said, content=(f"care/{person.language}@{meta.version}", *said.content), review=meta.status
    )


def _consent_overview(ui: UiTexts, consents: frozenset[str]) -> str:
    states = {purpose: ui.granted if purpose in consents else ui.not_granted for purpose in ui.purposes}
    described = (ui.consent_state.format(purpose=ui.purposes[name], state=state) for name, state in states.items())
    return "\n".join([ui.consent, *described])


def _consent_choices(ui: UiTexts, consents: frozenset[str]) -> list[Action]:
    """One button a purpose, to the other side of what is chosen now."""
    choices = [(purpose, purpose not in consents) for purpose in get_args(Purpose)]
    buttons = [
        press(ui.labels[f"{'give' if grant else 'withdraw'}_{purpose}"], consent_data(purpose, granted=grant))
        for purpose, grant in choices
    ]
    return [*buttons, *menu(ui, "privacy", "help")]


def menu(ui: UiTexts, *names: CommandName) -> list[Action]:
    """Buttons that give commands, under their labels."""
    return [press(ui.labels[name], f"cmd={name}") for name in names]


def _said(
    language: UiLanguage, words: Sequence[str], actions: Sequence[Action], facts: tuple[Fact, ...] = ()
) -> CommandAnswer:
    return CommandAnswer(
        messages=with_quick_replies([text(word) for word in words], actions),
        facts=facts,
        content=(consent_version(language),),
        review=ui_texts(language).meta.status,
    )


_ANSWERS: Final[Mapping[CommandName, Callable[[Command, PersonView, datetime], CommandAnswer]]] = {
    "emergency": _emergency,
    "privacy": _privacy,
    "consent": _consent,
    "language": _language,
    "stop": _stop,
    "start": _start,
    "erase": _erase,
    "erase_confirm": _erase_confirm,
    "erase_cancel": _erase_cancel,
    "safe": _safe,
    "contact": _contact,
    "contact_change": _contact_change,
    "chat": _chat,
}
