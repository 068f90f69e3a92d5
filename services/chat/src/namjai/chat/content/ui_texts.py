"""The texts of commands and of the first contact, ready to say: each in the person's language, or else in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, takewhile
from typing import Final

from namjai.chat.content.catalogue import Catalogue, Phrase, catalogue
from namjai.chat.content.load import LANGUAGES, Meta, UiLanguage

FALLBACK: Final[UiLanguage] = "en"
IN_ENGLISH: Final = "in-english"
"""Only languages in which not everything is said have this message."""


@dataclass(frozen=True)
class UiTexts:
    """What a person reads; `labels` are the words on buttons, `purposes` what can be allowed, `skills` what can be
    done here. A `Phrase` takes values, all else is said as it stands."""

    language: UiLanguage
    meta: Meta
    labels: Mapping[str, str]
    greeting: tuple[str, ...]
    help: str
    help_skills: str
    skills: Mapping[str, str]
    chat: str
    heard: Phrase
    emergency: str
    privacy: tuple[str, ...]
    consent: str
    purposes: Mapping[str, str]
    consent_given: Phrase
    consent_withdrawn: Phrase
    consent_state: Phrase
    granted: str
    not_granted: str
    language_ask: str
    language_chosen: str
    in_english: str
    """That answers come in English for now; empty where they do not."""
    paused: str
    resumed: str
    erase_ask: str
    erase_confirmed: str
    erase_cancelled: str
    safe: str
    throttled: str


@lru_cache(maxsize=16)
def ui_texts(language: UiLanguage) -> UiTexts:
    """All texts of one language; formatted once, for good."""
    said = _Said(catalogue(language), catalogue(FALLBACK))
    return UiTexts(
        language=language,
        meta=said.own.meta,
        labels=said.group("label"),
        greeting=said.series("greeting"),
        help=said.text("help"),
        help_skills=said.text("help-skills"),
        skills=said.group("skill"),
        chat=said.text("chat"),
        heard=said.phrase("heard"),
        emergency=said.text("emergency"),
        privacy=said.series("privacy"),
        consent=said.text("consent"),
        purposes=said.group("purpose"),
        consent_given=said.phrase("consent-given"),
        consent_withdrawn=said.phrase("consent-withdrawn"),
        consent_state=said.phrase("consent-state"),
        granted=said.text("granted"),
        not_granted=said.text("not-granted"),
        language_ask=said.text("language-ask"),
        language_chosen=said.text("language-chosen"),
        in_english="" if language in LANGUAGES else said.text(IN_ENGLISH),
        paused=said.text("paused"),
        resumed=said.text("resumed"),
        erase_ask=said.text("erase-ask"),
        erase_confirmed=said.text("erase-confirmed"),
        erase_cancelled=said.text("erase-cancelled"),
        safe=said.text("safe"),
        throttled=said.text("throttled"),
    )


@dataclass(frozen=True)
class _Said:
    """A catalogue, and behind it, message by message, the English one."""

    own: Catalogue
    fallback: Catalogue

    def text(self, name: str) -> str:
        return self._having(name).text(name)

    def phrase(self, name: str) -> Phrase:
        return self._having(name).phrase(name)

    def series(self, name: str) -> tuple[str, ...]:
        """`name-1`, `name-2` and so on: bubbles that belong together come from one catalogue."""
        having = self._having(f"{name}-1")
        numbered = takewhile(having.__contains__, (f"{name}-{n}" for n in count(1)))
        return tuple(having.text(each) for each in numbered)

    def group(self, name: str) -> Mapping[str, str]:
        """All messages that begin with `name-`, by what follows; a key is written with `_` in code."""
        members = [each for each in self.fallback.variables if each.startswith(f"{name}-")]
        return {each.removeprefix(f"{name}-").replace("-", "_"): self.text(each) for each in members}

    def _having(self, name: str) -> Catalogue:
        return self.own if name in self.own else self.fallback
