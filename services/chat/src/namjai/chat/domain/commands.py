"""Commands a person can type or press: which there are, what each is for, and how one is read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal, get_args
from urllib.parse import parse_qsl, urlencode

import msgspec

from namjai.chat.content import UI_LANGUAGES, UiLanguage, command_words, tongues
from namjai.chat.domain.language import fold

CommandName = Literal[
    "help",
    "emergency",
    "privacy",
    "consent",
    "language",
    "stop",
    "start",
    "erase",
    "erase_confirm",
    "erase_cancel",
    "safe",
    "contact",
    "contact_change",
    "chat",
]
Purpose = Literal["chat", "clinician", "contact", "model"]
"""What a person can allow: fit answers to earlier talk, let the clinic read along, let it tell the one whom they trust
when there is danger, let an outside AI service help."""

RIGHTS: Final[frozenset[CommandName]] = frozenset(
    {"emergency", "privacy", "consent", "language", "stop", "erase", "erase_confirm", "erase_cancel"}
)
"""What a person may always have, also while a clinician talks and the bot is silent."""
OWN_QUESTION: Final[frozenset[CommandName]] = frozenset(
    {"stop", "erase", "erase_confirm", "erase_cancel", "contact", "contact_change"}
)
"""What is said to these stands alone: a question of another kind below it would be answered by mistake."""
LEAVES: Final[frozenset[CommandName]] = frozenset({"start", "chat"})
"""Back to plain talk: what a skill has open is closed."""

POSTBACK_CHARS_MAX: Final = 300
_COMMAND_CHARS_MAX: Final = 40
_EDGES: Final = " .!。！～~…"


class Command(msgspec.Struct, frozen=True):
    """One command; only the fields its name asks for are set."""

    name: CommandName
    language: UiLanguage | None = None
    purpose: Purpose | None = None
    granted: bool | None = None


def parse(said: str | None = None, *, postback: str | None = None) -> Command | None:
    """The command in a typed message or in a button's data. A sentence that contains a command word is not one."""
    if postback is not None:
        return _from_postback(postback)
    if said is None or len(said) > _COMMAND_CHARS_MAX:
        return None
    return _typed().get(fold(said).strip(_EDGES)) or _typed().get(fold(said))


def consent_data(purpose: str, *, granted: bool) -> str:
    """What a button sends that gives a consent, or takes it back."""
    return urlencode({"cmd": "consent", "purpose": purpose, "granted": "yes" if granted else "no"})


AGREE: Final = consent_data("model", granted=True)
"""What a button sends that lets an outside AI service help."""


@lru_cache(maxsize=1)
def _typed() -> Mapping[str, Command]:
    words = command_words()
    names = {known: known for known in get_args(CommandName)}
    commands = {fold(word): Command(names[name]) for name, said in words.words.items() for word in said}
    for language in UI_LANGUAGES:
        called = (tongues()[language].own, *tongues()[language].names.values(), *words.languages.get(language, ()))
        commands.update({fold(word): Command("language", language=language) for word in called})
    return commands


def _from_postback(data: str) -> Command | None:
    if len(data) > POSTBACK_CHARS_MAX:
        return None
    fields = dict(parse_qsl(data))
    granted = {"yes": True, "no": False}.get(fields.pop("granted", ""))
    try:
        return msgspec.convert({"name": fields.pop("cmd", None), "granted": granted, **fields}, Command)
    except msgspec.ValidationError:  # another feature's button, or one from an older release
        return None
