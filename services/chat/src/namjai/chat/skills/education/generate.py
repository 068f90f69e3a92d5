"""Leaflets that a model writes, rewords or translates. Nothing here knows who asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from namjai.chat.content import Tongue
from namjai.chat.ports import Common, Desk, Mind, ModelAnswer, ModelRequest, ModelUnavailable, Writer, Written
from namjai.chat.skills.education import cite, match, prompts
from namjai.chat.skills.education.leaflet import Leaflet, LeafletShape, Level

KEPT_AS: Final = "education"
TOPIC_CHARS_MAX: Final = 80
CHANGE_CHARS_MAX: Final = 300
TOKENS_MAX: Final = 4_000


class Draft(LeafletShape, frozen=True):
    """What a model is asked for: the leaflet, and whether the topic was one for a leaflet at all."""

    about_health: bool = True


class NotAboutHealth(Exception):
    """The model says that no leaflet can be written on this."""


@dataclass(frozen=True)
class Key:
    """All that a generated leaflet depends on, and so the key under which it may be kept: nothing of a person but the
    topic, folded."""

    topic: str
    language: str
    level: Level = "plain"
    prompt: str = ""

    @classmethod
    def of(cls, topic: str, language: str, level: Level = "plain") -> Key:
        """For words as somebody typed them."""
        return cls(match.subject(topic)[:TOPIC_CHARS_MAX], language, level, prompts.version())


async def leaflet_for(key: Key, desk: Desk) -> Leaflet:
    """A leaflet on any topic, written once for everybody who asks for it. Raises `ModelUnavailable` and
    `NotAboutHealth`.

    What is asked about somebody is written for them alone.
    """
    mind = _mind(desk)
    if desk.answers is None or match.is_about_somebody(key.topic):
        return await _leaflet(key, mind)
    asked = Common(KEPT_AS, key.topic, key.language, key.level, key.prompt)
    return msgspec.json.decode(await desk.answers.get(asked, WRITER), type=Leaflet)


async def _leaflet(key: Key, mind: Mind) -> Leaflet:
    """Looked up on the web where the model can, then put into the structure.

    The one place where leaflets are generated, and a function of its key.
    """
    found = await _looked_up(key, mind)
    asked = [prompts.material("topic", key.topic)]
    if found is not None:
        asked.append(prompts.material("findings", found.text))
    draft, answer = await mind.fill(_request("leaflet", key.language, "\n\n".join(asked)), Draft)
    if not draft.about_health:
        raise NotAboutHealth
    return Leaflet(
        id=_id(draft, key.language),
        topic=key.topic,
        body=_body(draft),
        language=key.language,
        origin="generated",
        version=key.prompt,
        level=key.level,
        references=cite.references(found) if found is not None else (),
        cited=cite.cited(found) if found is not None else (),
        searches=cite.searches(found) if found is not None else (),
        model=answer.model,
    )


async def _write(asked: Common, mind: Mind) -> Written:
    """For the answers that are kept for everybody."""
    level: Level = "simple" if asked.level == "simple" else "plain"
    leaflet = await _leaflet(Key(asked.topic, asked.language, level, asked.version), mind)
    return Written(msgspec.json.encode(leaflet), leaflet.model or "")


WRITER: Final = Writer(purpose="leaflet", version=prompts.version, write=_write)


async def changed(leaflet: Leaflet, change: str, desk: Desk) -> Leaflet:
    """The same leaflet as the reader wants it; `change` is a key of the prompts, or the reader's own words."""
    wanted = prompts.prompts().changes.get(change, change)[:CHANGE_CHARS_MAX]
    text = f"{prompts.material('change', wanted)}\n\n{prompts.written(leaflet.body)}"
    request = _request("change", leaflet.language, text)
    body, answer = await _mind(desk).fill(request, LeafletShape)
    level: Level = "simple" if change == "simpler" else leaflet.level
    return _made(leaflet, body, answer, origin="modified", level=level)


async def translated(leaflet: Leaflet, tongue: Tongue, desk: Desk) -> Leaflet:
    """The same leaflet in another language: its numbers must stay as they are."""
    request = _request("translate", tongue, prompts.written(leaflet.body), source=prompts.spoken(leaflet.body))
    body, answer = await _mind(desk).fill(request, LeafletShape)
    return _made(leaflet, body, answer, origin="translated", language=tongue)


async def _looked_up(key: Key, mind: Mind) -> ModelAnswer | None:
    """What the web says; None where this model cannot search, or found nothing: the leaflet is written without."""
    request = ModelRequest(
        system=prompts.system("search", key.language),
        text=prompts.material("topic", key.topic),
        language=key.language,
        purpose="leaflet",
        guard="document",
        search=True,
        tokens_max=TOKENS_MAX,
    )
    try:
        answer = await mind.write(request)
    except ModelUnavailable:  # counted where it happened
        return None
    return answer if answer.sources else None


def _request(task: prompts.Task, language: str, text: str, *, source: str | None = None) -> ModelRequest:
    return ModelRequest(
        system=prompts.system(task, language),
        text=text,
        language=language,
        purpose="translate" if task == "translate" else "leaflet",
        guard="translation" if task == "translate" else "document",
        tokens_max=TOKENS_MAX,
        source=source,
    )


def _made(leaflet: Leaflet, body: LeafletShape, answer: ModelAnswer, **changes: Any) -> Leaflet:
    """A leaflet that rests on another: a draft again, whoever had reviewed that one."""
    language = changes.get("language", leaflet.language)
    return msgspec.structs.replace(
        leaflet,
        id=_id(body, language),
        body=_body(body),
        version=prompts.version(),
        review="draft",
        reviewer=None,
        reviewed_on=None,
        based_on=leaflet.id,
        model=answer.model,
        **changes,
    )


def _body(draft: LeafletShape) -> LeafletShape:
    """Without what only the model was to say."""
    return LeafletShape(**{name: getattr(draft, name) for name in LeafletShape.__struct_fields__})


def _id(body: LeafletShape, language: str) -> str:
    """From the words themselves: the same words are the same leaflet."""
    digest = hashlib.sha256(msgspec.json.encode((language, _body(body)))).hexdigest()
    return f"made-{digest[:16]}"


def _mind(desk: Desk) -> Mind:
    if desk.mind is None:
        raise ModelUnavailable("unable")
    return desk.mind
