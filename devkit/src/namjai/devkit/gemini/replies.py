"""What the fake says by itself: kind words, a filled form, a translation, what is in a picture or a sound."""

import io
import re
from dataclasses import dataclass
from typing import Any

import msgspec
from PIL import Image, UnidentifiedImageError

from namjai.devkit.gemini import vocabulary, wire
from namjai.devkit.gemini.schema import example

HEARD_MARK = re.compile(rb"namjai-says=([^\x00\n\r]{1,2000})")
"""In the bytes of a sound, what it is to be heard as."""
_TRANSLATES = re.compile(r"\btranslat(?:e|es|or|ion of|ing)\b", re.IGNORECASE)
_INTERPRETS = re.compile(r"\binterpret", re.IGNORECASE)
_SEES = {"green": ("plant", "leaf"), "other": ("medicine", "medication", "package", "packaging", "drug")}
_TAG = re.compile(r"</?[a-z_]{1,20}>")
_LOCALE = re.compile(r"\b(th|en|cmn|nan|ja|ko|vi|id|es|fr)-[A-Za-z-]{2,10}\b")
_PIXELS_MAX = 50_000_000


@dataclass(frozen=True)
class Question:
    """What is asked: the instruction, the words, what was sent along, and the shape of the answer."""

    system: str
    text: str
    blobs: tuple[wire.Blob, ...]
    schema: dict[str, Any] | None
    mime: str
    searches: bool

    @property
    def language(self) -> str:
        """What the answer should be in."""
        return vocabulary.asked_language(self.system, self.text)


def reply(asked: Question) -> str:
    """An answer that fits: the same question has the same one."""
    sound = next((each for each in asked.blobs if each.mime.startswith("audio/")), None)
    if sound is not None and asked.schema is None:
        return _heard(sound, asked.text)
    if asked.schema is not None and asked.mime == "text/x.enum":
        return str(example(asked.schema, _saying(asked), hints=_seen(asked)))
    if asked.mime == "application/json":
        return msgspec.json.encode(_filled(asked)).decode()
    if asked.blobs:
        kinds = ", ".join(f"{each.mime} of {len(each.data)} bytes" for each in asked.blobs)
        return f"[{kinds}] {vocabulary.kind_words(asked.text, asked.language)}"
    if asked.searches:
        return vocabulary.findings(asked.language)
    if _is_translation(asked):
        return vocabulary.translated(_material(asked.text), asked.language)
    return vocabulary.kind_words(asked.text, asked.language)


def _filled(asked: Question) -> Any:
    schema = asked.schema or {"type": "object"}
    if not _is_translation(asked):
        return example(schema, _saying(asked), hints=_seen(asked))
    material = _material(asked.text)
    try:
        source = msgspec.json.decode(material)
    except msgspec.DecodeError:
        source = None
    language = asked.language

    def say(name: str, place: int) -> str:
        if "language" in name:
            return language
        carried = "translat" in name or name in ("text", "words", "target")
        return vocabulary.translated(material, language) if carried else material

    return example(schema, say, source=source, carry=lambda text: vocabulary.translated(text, language))


def _saying(asked: Question) -> Any:
    language = asked.language

    def say(name: str, place: int) -> str:
        if "language" in name:
            return vocabulary.language_of(asked.text)
        return vocabulary.field_text(name, language, place)

    return say


def _is_translation(asked: Question) -> bool:
    return _TRANSLATES.search(asked.system) is not None or _INTERPRETS.search(asked.system) is not None


def _material(text: str) -> str:
    """What stands in the question, without the tags round it."""
    return _TAG.sub("", text).strip()


def _heard(sound: wire.Blob, asked: str) -> str:
    """What the sound says it is, else a sentence in the first language that is expected."""
    if marked := HEARD_MARK.search(sound.data):
        return marked.group(1).decode("utf-8", "replace").strip()
    expected = _LOCALE.search(asked)
    language = {"cmn": "zh-TW", "nan": "zh-TW"}.get(code := expected.group(1), code) if expected else "en"
    return vocabulary.words().languages[language].heard


def _seen(asked: Question) -> tuple[str, ...]:
    """What a picture is likely to show, by its colour: green is a plant, anything else a package."""
    picture = next((each for each in asked.blobs if each.mime.startswith("image/")), None)
    if picture is None:
        return ()
    try:
        with Image.open(io.BytesIO(picture.data)) as image:
            if image.width * image.height > _PIXELS_MAX:
                return ()
            red, green, blue = image.convert("RGB").resize((1, 1)).tobytes()
    except (UnidentifiedImageError, OSError, ValueError):
        return ("unknown", "unclear", "none", "other")
    return _SEES["green" if green > red and green > blue else "other"]
