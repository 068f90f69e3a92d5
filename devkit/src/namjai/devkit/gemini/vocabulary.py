"""What the played Gemini can say: kind words, texts by field, a phrase book, translations that say they are none."""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from importlib import resources

import msgspec

FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_ASKED = re.compile(r"\b(?:write|answer|reply|speak|translat\w*|into|in|to)\b[^.\n]{0,60}", re.IGNORECASE)
_SCRIPTS = (
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh-TW", re.compile("[\u3400-\u9fff]")),
)


class Tongue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language of the file."""

    named: tuple[str, ...]
    support: tuple[str, ...]
    heard: str
    marked: str
    fields: Mapping[str, tuple[str, ...]]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    languages: Mapping[str, Tongue]
    phrases: tuple[Mapping[str, str], ...]


@lru_cache(maxsize=1)
def words() -> Words:
    """Everything it can say."""
    content = resources.files("namjai.devkit.gemini").joinpath("words.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=Words)


def language_of(text: str) -> str:
    """By script; Latin letters are English."""
    return next((language for language, script in _SCRIPTS if script.search(text)), "en")


def asked_language(system: str, question: str) -> str:
    """The language that an instruction names last ("Write in Thai"), else that of the question."""
    found = language_of(question)
    for clause in _ASKED.findall(system):
        named = clause.lower()
        found = next((code for code, tongue in _tongues() if any(name in named for name in tongue.named)), found)
    return found


def kind_words(question: str, language: str) -> str:
    """The same question has the same answer."""
    choices = words().languages[language].support
    return choices[blake2b(question.encode("utf-8", "surrogatepass"), digest_size=2).digest()[0] % len(choices)]


def field_text(name: str, language: str, place: int) -> str:
    """A text for a field of this name, the `place`th of its kind."""
    fields = words().languages[language].fields
    plain = name.lower()
    fitting = next((texts for known, texts in fields.items() if plain in (known, f"{known}s", known.rstrip("s"))), None)
    texts = fitting or fields["default"]
    return texts[place % len(texts)]


def findings(language: str) -> str:
    """What a search is said to have found: some plain sentences, a line each: Thai ends none with a stop."""
    fields = words().languages[language].fields
    return "\n".join((*fields.get("overview", ()), *fields.get("text", ()), *fields["default"]))


def translated(text: str, language: str) -> str:
    """From the phrase book; anything else is marked as a sample, and keeps its figures."""
    wanted = _bare(text)
    for phrase in words().phrases:
        if any(_bare(known) == wanted for known in phrase.values()):
            return phrase[language]
    if not any(map(str.isalpha, text)):
        return text
    figures = " ".join(FIGURES.findall(text))
    return f"{words().languages[language].marked} {figures}".strip()


def _bare(text: str) -> str:
    return text.strip().rstrip(".。!?？ ").lower().replace(" ", "")


def _tongues() -> tuple[tuple[str, Tongue], ...]:
    return tuple(words().languages.items())
