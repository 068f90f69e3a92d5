"""The curated replies: one entry a reply, with its words in each language and where each stands in review."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

import msgspec

from namjai.chat.content import Language, Meta, Status, load
from namjai.chat.domain.doing import Doing
from namjai.chat.domain.stage import Stage

Ruler = Literal["importance", "confidence", "readiness", "craving"]
"""What can be asked for from 0 to 10."""
PACKAGE: Final = "namjai.chat.skills.support"
_DO: Final = "do:"
DOINGS: Final = {
    "surf": Doing("coping", "open", {"exercise": "urge_surfing"}),
    "exercises": Doing("coping", "open"),
    "plan": Doing("plan", "show"),
    "rulers": Doing("support", "rulers"),
}
"""What buttons under a reply may ask of a skill. One that is switched off is not offered."""
_JOINED_BY: Final[dict[Language, str]] = {"th": " ", "en": " ", "zh-TW": ""}


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reply is for; its words are in the files of the languages. No stages: fits any."""

    intent: str
    stages: tuple[Stage, ...] = ()
    quick: tuple[str, ...] = ()
    asks: Ruler | None = None
    """The ruler that its question is: the answer is then a number from 0 to 10."""
    fixed: bool = False
    """No model may put it in other words: it is about safety."""


class QuickReply(msgspec.Struct, frozen=True):
    """A button: it says its label in the person's name, presses a command, or asks something of a skill."""

    label: str
    command: str | None = None
    doing: Doing | None = None


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reply's sentences where it stands apart from its file in review."""

    sentences: tuple[str, ...]
    status: Status
    author: str
    version: int
    reviewer: str | None = None
    reviewed_on: str | None = None


class LanguageFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language: every reply as a list of sentences, under the review status of the file or its own."""

    meta: Meta
    quick: dict[str, str]
    replies: dict[str, tuple[str, ...] | Words]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One curated reply in one language. `stage` is the person's stage as understood, set when it is chosen."""

    id: str
    intent: str
    stages: tuple[Stage, ...]
    language: Language
    sentences: tuple[str, ...]
    quick_replies: tuple[QuickReply, ...]
    asks: Ruler | None
    fixed: bool
    status: Status
    author: str
    version: int
    stage: Stage | None = None

    @property
    def text(self) -> str:
        return joined(self.sentences, self.language)


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Every reply there is, by key, in the order of the file."""
    return load(PACKAGE, "replies/index.yaml", dict[str, Entry])


@lru_cache(maxsize=8)
def replies(language: Language) -> dict[str, tuple[Reply, ...]]:
    """The replies of a language by intent; retired ones are left out."""
    file = _file(language)
    by_intent: dict[str, tuple[Reply, ...]] = {}
    for key, entry in entries().items():
        reply = _reply(key, entry, language, file)
        if reply.status != "retired":
            by_intent[entry.intent] = (*by_intent.get(entry.intent, ()), reply)
    return by_intent


def joined(sentences: Sequence[str], language: Language) -> str:
    """Sentences as a text."""
    return _JOINED_BY[language].join(sentences)


def quick_reply(name: str, language: Language) -> QuickReply:
    """A button that goes under something else than a curated reply."""
    return _quick(name, _file(language))


@lru_cache(maxsize=8)
def _file(language: Language) -> LanguageFile:
    return load(PACKAGE, f"replies/{language}.yaml", LanguageFile)


def _reply(key: str, entry: Entry, language: Language, file: LanguageFile) -> Reply:
    words = file.replies[key]
    if not isinstance(words, Words):
        words = Words(words, file.meta.status, file.meta.author, file.meta.version)
    return Reply(
        id=f"support/{language}/{key}",
        intent=entry.intent,
        stages=entry.stages,
        language=language,
        sentences=words.sentences,
        quick_replies=tuple(_quick(name, file) for name in entry.quick),
        asks=entry.asks,
        fixed=entry.fixed,
        status=words.status,
        author=words.author,
        version=words.version,
    )


def _quick(name: str, file: LanguageFile) -> QuickReply:
    """`cmd:help` presses a command, `do:plan` asks something of a skill; any other name says its words."""
    if name.startswith(_DO):
        return QuickReply(file.quick[name], doing=DOINGS[name.removeprefix(_DO)])
    command = name.removeprefix("cmd:") if name.startswith("cmd:") else None
    return QuickReply(file.quick[command or name], command)
