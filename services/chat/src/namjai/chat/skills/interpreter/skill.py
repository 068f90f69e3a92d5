"""A turn of interpreting: choose the languages, make the words plain, ask whether that is meant, and translate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import msgspec

from namjai.chat.content import LANGUAGES
from namjai.chat.content.tongues import TONGUES, Tongue, own_name, tongue_name
from namjai.chat.domain.commands import AGREE
from namjai.chat.domain.composed import FIXED, Composed, View, fixed
from namjai.chat.domain.doing import do, doorway
from namjai.chat.domain.messages import Action, Message, audio, press, text
from namjai.chat.domain.visit import Visit, closed, moved
from namjai.chat.ports import Desk, MediaUnavailable, Mind, ModelRequest, ModelUnavailable
from namjai.chat.skills.interpreter.pair import Pair, facing, pair_named, pair_of
from namjai.chat.skills.interpreter.texts import PACKAGE, Texts, prompts, texts
from namjai.chat.skills.skill import Skill
from namjai.events import Fact

NAME: Final = "interpreter"
TAIGI: Final = "nan"
LIFE: Final = timedelta(minutes=45)
"""A visit to the doctor."""
SAID_CHARS_MAX: Final = 600
TERMS_MAX: Final = 5


class Term(msgspec.Struct, frozen=True):
    """A medical word, and what it means."""

    term: str
    meaning: str


class Plain(msgspec.Struct, frozen=True):
    """What was said in plain words; not `changed`: it was plain already."""

    plain: str
    changed: bool = True
    terms: tuple[Term, ...] = ()


async def turn(visit: Visit, desk: Desk) -> Composed | None:
    """What was asked of the interpreter, or words that it shall carry over; None where neither is so."""
    doing = visit.doing(NAME)
    if doing is not None:
        if doing.action == "translate" and visit.interrupts is not None and not doing.args.get("pair"):
            return None  # "translate" in the middle of something is about that
        return await _asked(visit, desk, doing.action, doing.args)
    if visit.flow is None or not visit.heard.words:
        return None
    pair = pair_of(visit.flow.slots)
    if pair is None:
        chosen = pair_named(visit.words, visit.view.speaks)
        return _ready(visit, desk, chosen) if chosen is not None else None
    return await _carried(visit, desk, facing(pair, visit.words), visit.words)


async def _asked(visit: Visit, desk: Desk, action: str, args: dict[str, str]) -> Composed | None:
    words, flow = texts(visit.view.language), visit.flow
    pair = pair_of(flow.slots) if flow is not None else None
    match action:
        case "stop":
            return _said(visit, [text(words.stopped)], [_open(visit.view)], (closed(NAME),))
        case "choose" if (chosen := _chosen(args, visit.view.speaks)) is not None:
            return _ready(visit, desk, chosen)
        case "swap" if pair is not None:
            return _moved(visit, words.swapped, pair.swapped)
        case "again" if pair is not None:
            return _said(visit, [text(words.again)], _while_open(visit.view), (_at(visit, pair),))
        case "yes" | "as_written" if pair is not None and flow is not None and "said" in flow.slots:
            said, plain = str(flow.slots["said"]), str(flow.slots.get("plain", ""))
            return await _translated(visit, desk, pair, plain if action == "yes" and plain else said)
        case "speak" if flow is not None and flow.slots.get("translated") and pair is not None:
            return await _spoken(visit, desk, pair, str(flow.slots["translated"]))
        case "speak":
            return _said(visit, [text(words.nothing_to_speak)], [_open(visit.view)])
        case "translate" if (named := pair_named(args.get("text", ""), visit.view.speaks)) is not None:
            return _ready(visit, desk, named)
        case "translate" if pair is not None and args.get("text"):
            return await _carried(visit, desk, facing(pair, args["text"]), args["text"])
        case _:
            return _choose(visit, desk)


def _chosen(args: dict[str, str], mine: Tongue) -> Pair | None:
    target = next((tongue for tongue in TONGUES if tongue == args.get("target")), None)
    source = next((tongue for tongue in TONGUES if tongue == args.get("source", mine)), None)
    return Pair(source, target) if target is not None and source is not None else None


def _choose(visit: Visit, desk: Desk) -> Composed:
    """Which language? Nothing is asked of a model yet, so nobody need agree to anything to look."""
    if (refused := _refused(visit, desk)) is not None:
        return refused
    mine, words = visit.view.speaks, texts(visit.view.language)
    offered = [each for each in TONGUES if each != mine and (each != TAIGI or desk.taigi is not None)]
    actions = [do(own_name(each), NAME, "choose", target=each) for each in offered]
    return _said(visit, [text(words.choose)], actions, (moved(NAME, "choose", until=visit.now + LIFE),))


def _refused(visit: Visit, desk: Desk) -> Composed | None:
    """Why there can be no interpreting here and now."""
    words = texts(visit.view.language)
    if desk.mind is None:
        return _said(visit, [text(words.no_model)], [], (closed(NAME),))
    if not visit.may_ask_model:
        return _said(visit, [text(words.no_consent)], [press(words.labels["allow"], AGREE), _open(visit.view)])
    return None


def _ready(visit: Visit, desk: Desk, pair: Pair) -> Composed:
    words = texts(visit.view.language)
    if (refused := _refused(visit, desk)) is not None:
        return refused
    if pair.source == pair.target:
        return _said(visit, [text(words.same)], [_open(visit.view)])
    if TAIGI in (pair.source, pair.target) and desk.taigi is None:
        return _said(visit, [text(words.no_taigi)], [_open(visit.view)])
    return _moved(visit, words.ready, pair)


def _moved(visit: Visit, words: str, pair: Pair) -> Composed:
    """The direction as it is now, in the names that the reader knows."""
    speaks = visit.view.speaks
    named = words.format(source=tongue_name(pair.source, speaks), target=tongue_name(pair.target, speaks))
    return _said(visit, [text(named)], _while_open(visit.view), (_at(visit, pair),))


async def _carried(visit: Visit, desk: Desk, pair: Pair, said: str) -> Composed:
    """Words to be carried over: made plain first, and shown, because a wrong word can do harm."""
    words = texts(visit.view.language)
    if len(said) > SAID_CHARS_MAX:
        too_long = words.too_long.format(chars=SAID_CHARS_MAX)
        return _said(visit, [text(too_long)], _while_open(visit.view), (_at(visit, pair),))
    if (refused := _refused(visit, desk)) is not None or desk.mind is None:
        return refused or _choose(visit, desk)
    try:
        plain = await _plain(desk.mind, pair.source, said)
    except ModelUnavailable:
        return await _translated(visit, desk, pair, said)
    if not plain.changed or plain.plain.strip() == said.strip():
        return await _translated(visit, desk, pair, said)
    return _confirm(visit, pair, said, plain)


async def _plain(mind: Mind, source: Tongue, said: str) -> Plain:
    request = ModelRequest(
        system=prompts().plain.format(language=tongue_name(source, "en")),
        text=said,
        language=source,
        purpose="plain",
        guard="data",
    )
    plain, _ = await mind.fill(request, Plain)
    return plain


def _confirm(visit: Visit, pair: Pair, said: str, plain: Plain) -> Composed:
    """Is that what you mean? Only the person knows."""
    view, words = visit.view, texts(visit.view.language)
    messages = [text(words.heard_plain.format(plain=plain.plain))]
    if plain.terms:
        explained = "\n".join(f"• {each.term}: {each.meaning}" for each in plain.terms[:TERMS_MAX])
        messages.append(text(words.terms.format(terms=explained)))
    actions = [do(words.labels[name], NAME, name) for name in ("yes", "as_written", "again", "stop")]
    flow = moved(NAME, "confirm", {**pair.slots, "said": said, "plain": plain.plain}, until=visit.now + LIFE)
    return _said(replace(visit, view=view), [*messages, text(words.confirm)], actions, (flow,))


async def _translated(visit: Visit, desk: Desk, pair: Pair, said: str) -> Composed:
    """The other language; on any doubt nothing at all."""
    words = texts(visit.view.language)
    if desk.mind is None:
        return _said(visit, [text(words.no_model)], [])
    try:
        carried, by = await _into(desk, desk.mind, pair, said)
    except ModelUnavailable:
        return _said(visit, [text(words.failed)], _while_open(visit.view), (_at(visit, pair),))
    named = words.translated.format(target=own_name(pair.target))
    messages = [text(f"{named}\n{carried}")]
    if pair.target == TAIGI and desk.taigi is not None:
        messages.append(text(words.attribution.format(service=desk.taigi.name)))
    flow = moved(NAME, "ready", {**pair.slots, "translated": carried}, until=visit.now + LIFE)
    actions = [do(words.labels["swap"], NAME, "swap")]
    if desk.speaker is not None or (pair.target == TAIGI and desk.taigi is not None):
        actions.append(do(words.labels["speak"], NAME, "speak"))
    said_so = _said(visit, [*messages, text(words.next)], [*actions, _stop(words)], (flow,))
    return replace(said_so, responder=by)


async def _into(desk: Desk, mind: Mind, pair: Pair, said: str) -> tuple[str, str]:
    """The words in the target language, and who translated. Taigi goes by way of Mandarin to its own service."""
    target: Tongue = "zh-TW" if pair.target == TAIGI else pair.target
    mandarin, by = said, FIXED
    if pair.source != target:
        request = ModelRequest(
            system=prompts().translate.format(source=tongue_name(pair.source, "en"), target=tongue_name(target, "en")),
            text=said,
            language=target,
            purpose="translate",
            guard="translation",
        )
        answer = await mind.write(request)
        mandarin, by = answer.text, answer.model
    if pair.target != TAIGI:
        return mandarin, by
    if desk.taigi is None:
        raise ModelUnavailable("unable")
    taigi = await desk.taigi.translate(mandarin)
    return f"{taigi.hanji}\n{taigi.romanised}", desk.taigi.name


async def _spoken(visit: Visit, desk: Desk, pair: Pair, words: str) -> Composed:
    said = texts(visit.view.language)
    try:
        if pair.target == TAIGI and desk.taigi is not None:
            spoken = await desk.taigi.speak(visit.member, words.partition("\n")[0])
        elif desk.speaker is not None:
            spoken = await desk.speaker.speak(visit.member, words, language=pair.target)
        else:
            raise ModelUnavailable("unable")
    except (ModelUnavailable, MediaUnavailable):
        return _said(visit, [text(said.failed)], _while_open(visit.view))
    return _said(visit, [audio(spoken.url, spoken.duration_ms)], _while_open(visit.view))


def _at(visit: Visit, pair: Pair) -> Fact:
    return moved(NAME, "ready", pair.slots, until=visit.now + LIFE)


def _while_open(view: View) -> list[Action]:
    words = texts(view.language)
    return [do(words.labels["swap"], NAME, "swap"), _stop(words)]


def _stop(words: Texts) -> Action:
    return do(words.labels["stop"], NAME, "stop")


def _open(view: View) -> Action:
    return do(texts(view.language).labels["open"], NAME, "open")


def _resume(view: View) -> Action:
    return do(texts(view.language).labels["resume"], NAME, "again")


def _said(
    visit: Visit, messages: Sequence[Message], actions: Sequence[Action], facts: tuple[Fact, ...] = ()
) -> Composed:
    return fixed(NAME, texts(visit.view.language).meta, visit.view, messages, actions, facts)


def preload() -> None:
    """Read every language, and the instructions."""
    for language in LANGUAGES:
        texts(language)
    prompts()


SKILL: Final = Skill(
    name=NAME,
    turn=turn,
    doors=doorway(PACKAGE),
    for_others=True,
    between_languages=True,
    resume=_resume,
    preload=preload,
)
