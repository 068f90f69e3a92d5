"""Which messages LINE takes, which it refuses and why: our own vectors, held against LINE's OpenAPI file if at hand."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.devkit.line.check import PUSH, Kind, examine
from namjai.devkit.line.check.shape import Problem, Target

Judge = Callable[[str, object], bool | None]
USER = "U" + "0" * 32
PICTURE = "https://example.com/a.png"


def text(words: str = "hello", **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def say(label: str = "Yes") -> dict[str, Any]:
    return {"type": "message", "label": label, "text": "yes"}


def quick(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"quickReply": {"items": [{"type": "action", "action": action} for action in actions]}}


def template(**shape: Any) -> dict[str, Any]:
    return {"type": "template", "altText": "choose", "template": shape}


def flex(*contents: dict[str, Any], layout: str = "vertical", **bubble: Any) -> dict[str, Any]:
    body = {"type": "box", "layout": layout, "contents": list(contents)}
    return {"type": "flex", "altText": "a card", "contents": {"type": "bubble", "body": body, **bubble}}


def carousel(*bubbles: dict[str, Any]) -> dict[str, Any]:
    return {"type": "flex", "altText": "cards", "contents": {"type": "carousel", "contents": list(bubbles)}}


def button(action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "button", "action": action, **more}


def postback(**more: Any) -> dict[str, Any]:
    return {"type": "postback", "label": "go", "data": "a=1", **more}


def column(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"text": "words", "actions": list(actions) or [say()], **more}


def picker(mode: str, **more: Any) -> dict[str, Any]:
    return {"type": "datetimepicker", "label": "when", "data": "w", "mode": mode, **more}


SMALL = {"type": "bubble", "size": "micro", "body": {"type": "box", "layout": "vertical", "contents": []}}
GRADIENT = {"type": "linearGradient", "angle": "90deg", "startColor": "#ffffff", "endColor": "#00000080"}
IMAGEMAP = {
    "type": "imagemap",
    "baseUrl": "https://example.com/map",
    "altText": "map",
    "baseSize": {"width": 1040, "height": 700},
    "actions": [{"type": "message", "text": "hi", "area": {"x": 0, "y": 0, "width": 5, "height": 5}}],
}

GOOD = {
    "5,000 letters": text("ก" * 5000),
    "2,500 emoji": text("🍎" * 2500),
    "an emoji of LINE's": text("a $", emojis=[{"index": 2, "productId": "5ac1", "emojiId": "001"}]),
    "text with substitutes": {
        "type": "textV2",
        "text": "{{x}} {a}",
        "substitution": {"a": {"type": "emoji", "productId": "5ac1", "emojiId": "001"}},
    },
    "thirteen quick replies": text(**quick(*[say()] * 13)),
    "a family as a label of one grapheme each": text(**quick(say("👨‍👩‍👧‍👦" * 20))),
    "camera in a quick reply": text(**quick({"type": "camera", "label": "photo"})),
    "sender": text(sender={"name": "Nurse Ploy", "iconUrl": PICTURE}),
    "sticker": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    "image": {"type": "image", "originalContentUrl": PICTURE, "previewImageUrl": PICTURE},
    "audio": {"type": "audio", "originalContentUrl": "https://example.com/a.m4a", "duration": 60000},
    "location": {"type": "location", "title": "t", "address": "a", "latitude": 13.7, "longitude": 100},
    "imagemap": IMAGEMAP,
    "buttons": template(type="buttons", text="t" * 160, actions=[say()] * 4),
    "confirm": template(type="confirm", text="sure?", actions=[say(), say("No")]),
    "carousel": template(type="carousel", columns=[column()] * 10),
    "image carousel": template(type="image_carousel", columns=[{"imageUrl": PICTURE, "action": say()}]),
    "flex": flex(
        {"type": "text", "text": "hi", "wrap": True, "size": "sm"}, button(say("x" * 40)), {"type": "separator"}
    ),
    "flex spans": flex({"type": "text", "contents": [{"type": "span", "text": "a", "weight": "bold"}]}),
    "flex units": flex(
        {"type": "image", "url": PICTURE, "size": "120px", "aspectRatio": "20:13", "margin": "-0px"[1:]}
    ),
    "flex gradient": flex({"type": "box", "layout": "vertical", "contents": [], "background": GRADIENT}),
    "flex baseline": flex({"type": "icon", "url": PICTURE}, {"type": "text", "text": "x"}, layout="baseline"),
    "twelve bubbles": carousel(*[SMALL] * 12),
    "call a number": flex(button({"type": "uri", "label": "call", "uri": "tel:1323"})),
    "date picker": flex(button(picker("date", min="2026-01-01", max="2026-12-31"))),
    "keyboard": flex(button(postback(inputOption="openKeyboard", fillInText="hm"))),
}

S, L, H = Kind.SCHEMA, Kind.LIMIT, Kind.HABIT
BAD: list[tuple[str, dict[str, Any], Kind, str]] = [
    ("no text", {"type": "text"}, S, "text"),
    ("null text", {"type": "text", "text": None}, S, "text"),
    ("empty text", text(""), L, "text"),
    ("5,001 letters", text("a" * 5001), L, "text"),
    ("2,501 emoji", text("🍎" * 2501), L, "text"),
    ("a hologram", {"type": "hologram"}, S, ""),
    ("no type", {"text": "x"}, S, ""),
    (
        "emoji beside the dollar",
        text("a $", emojis=[{"index": 1, "productId": "5", "emojiId": "1"}]),
        L,
        "emojis[0].index",
    ),
    ("nothing to substitute", {"type": "textV2", "text": "{a}"}, L, "text"),
    ("a lone brace", {"type": "textV2", "text": "a } b"}, L, "text"),
    (
        "a key with a dash",
        {"type": "textV2", "text": "x", "substitution": {"a-b": {"type": "emoji", "productId": "5", "emojiId": "1"}}},
        L,
        "substitution.a-b",
    ),
    (
        "a mention in private",
        {"type": "textV2", "text": "{a}", "substitution": {"a": {"type": "mention", "mentionee": {"type": "all"}}}},
        L,
        "substitution.a",
    ),
    ("fourteen quick replies", text(**quick(*[say()] * 14)), S, "quickReply.items"),
    ("a label of 21", text(**quick(say("x" * 21))), L, "quickReply.items[0].action.label"),
    (
        "a quick reply without label",
        text(**quick({"type": "message", "text": "x"})),
        L,
        "quickReply.items[0].action.label",
    ),
    ("a sender called LINE", text(sender={"name": "LINE staff"}), L, "sender.name"),
    ("a sender of 21", text(sender={"name": "x" * 21}), S, "sender.name"),
    (
        "http image",
        {"type": "image", "originalContentUrl": "http://e.com/a", "previewImageUrl": PICTURE},
        L,
        "originalContentUrl",
    ),
    (
        "Thai in a URL",
        {"type": "image", "originalContentUrl": "https://e.com/ก", "previewImageUrl": PICTURE},
        L,
        "originalContentUrl",
    ),
    ("no preview", {"type": "image", "originalContentUrl": PICTURE}, S, "previewImageUrl"),
    ("no duration", {"type": "audio", "originalContentUrl": PICTURE}, S, "duration"),
    ("duration as text", {"type": "audio", "originalContentUrl": PICTURE, "duration": "60"}, S, "duration"),
    (
        "a long title",
        {"type": "location", "title": "t" * 101, "address": "a", "latitude": 1, "longitude": 1},
        L,
        "title",
    ),
    ("a narrow map", {**IMAGEMAP, "baseSize": {"width": 1000, "height": 7}}, L, "baseSize.width"),
    ("five buttons", template(type="buttons", text="t", actions=[say()] * 5), L, "template.actions"),
    (
        "61 letters under a title",
        template(type="buttons", title="t", text="x" * 61, actions=[say()]),
        L,
        "template.text",
    ),
    ("one way to confirm", template(type="confirm", text="t", actions=[say()]), L, "template.actions"),
    ("uneven columns", template(type="carousel", columns=[column(), column(say(), say())]), L, "template.columns"),
    ("only one titled", template(type="carousel", columns=[column(), column(title="t")]), L, "template.columns"),
    (
        "image label of 13",
        template(type="image_carousel", columns=[{"imageUrl": PICTURE, "action": say("x" * 13)}]),
        L,
        "template.columns[0].action.label",
    ),
    ("alt text of 1,501", {**flex(), "altText": "x" * 1501}, L, "altText"),
    ("unknown component", flex({"type": "hologram"}), S, "contents.body.contents[0]"),
    ("a button without action", flex({"type": "button"}), S, "contents.body.contents[0].action"),
    (
        "a button without label",
        flex(button({"type": "uri", "uri": "https://e.com"})),
        L,
        "contents.body.contents[0].action.label",
    ),
    ("a label of 41", flex(button(say("x" * 41))), L, "contents.body.contents[0].action.label"),
    ("a text without words", flex({"type": "text"}), L, "contents.body.contents[0].text"),
    ("an icon among blocks", flex({"type": "icon", "url": PICTURE}), L, "contents.body.contents[0]"),
    ("a colour by name", flex({"type": "text", "text": "x", "color": "red"}), L, "contents.body.contents[0].color"),
    ("a size in em", flex({"type": "text", "text": "x", "size": "2em"}), L, "contents.body.contents[0].size"),
    ("a weight of 600", flex({"type": "text", "text": "x", "weight": "600"}), S, "contents.body.contents[0].weight"),
    (
        "a tall image",
        flex({"type": "image", "url": PICTURE, "aspectRatio": "1:4"}),
        L,
        "contents.body.contents[0].aspectRatio",
    ),
    ("a header that is text", flex(header={"type": "text", "text": "x"}), S, "contents.header"),
    ("a hero that is text", flex(hero={"type": "text", "text": "x"}), L, "contents.hero"),
    ("an unknown bubble size", flex(size="huge"), S, "contents.size"),
    ("a bubble of 30 KB", flex(*[{"type": "text", "text": "x" * 900}] * 35), L, "contents"),
    ("thirteen bubbles", carousel(*[SMALL] * 13), L, "contents.contents"),
    ("bubbles of two sizes", carousel(SMALL, {**SMALL, "size": "nano"}), L, "contents.contents"),
    ("eleven moving pictures", flex(*[{"type": "image", "url": PICTURE, "animated": True}] * 11), L, "contents"),
    ("postback of 301", flex(button(postback(data="x" * 301))), S, "contents.body.contents[0].action.data"),
    (
        "displayText with text",
        flex(button(postback(displayText="a", text="b"))),
        L,
        "contents.body.contents[0].action.displayText",
    ),
    (
        "ftp",
        flex(button({"type": "uri", "label": "x", "uri": "ftp://e.com"})),
        L,
        "contents.body.contents[0].action.uri",
    ),
    (
        "max before min",
        flex(button(picker("date", min="2026-02-01", max="2026-01-01"))),
        L,
        "contents.body.contents[0].action.max",
    ),
    (
        "a day that is none",
        flex(button(picker("date", initial="2026-02-31"))),
        L,
        "contents.body.contents[0].action.initial",
    ),
    ("camera in a card", flex(button({"type": "camera", "label": "x"})), L, "contents.body.contents[0].action.type"),
    ("a slip of the pen", text(quickreply={}), H, "quickreply"),
]


def push(message: Any) -> dict[str, Any]:
    return {"to": USER, "messages": [message]}


def problems(message: Any) -> list[Problem]:
    return examine(push(message), PUSH, Target.USER)


@pytest.mark.parametrize("message", GOOD.values(), ids=GOOD.keys())
def test_a_good_message_is_taken(message: dict[str, Any], openapi_accepts: Judge) -> None:
    assert problems(message) == []
    assert openapi_accepts("PushMessageRequest", push(message)) in (True, None)


@pytest.mark.parametrize(("name", "message", "kind", "where"), BAD, ids=[case[0] for case in BAD])
def test_a_bad_message_is_refused_at_the_right_place(
    name: str, message: dict[str, Any], kind: Kind, where: str, openapi_accepts: Judge
) -> None:
    found = problems(message)
    at = f"messages[0].{where}".rstrip(".")
    assert (kind, at) in [(problem.kind, problem.property) for problem in found], (name, found)
    assert openapi_accepts("PushMessageRequest", push(message)) in (kind is not Kind.SCHEMA, None)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def broken(message: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy with one value removed, replaced or added."""
    copied = copy.deepcopy(message)
    container, key = chance.choice(list(places(copied)))
    change = chance.choice(("remove", None, True, 7, -1, 2.5, "", "x", "bold", [], {}, {"type": "x"}, ["x"]))
    if change == "remove":
        del container[key]
    else:
        container[key] = change
    return copied


@settings(max_examples=800, deadline=None)
@given(name=st.sampled_from(sorted(GOOD)), seed=st.integers(0, 2**32))
def test_the_schema_part_of_our_description_agrees_with_lines_own(name: str, seed: int, openapi_accepts: Judge) -> None:
    message = broken(GOOD[name], random.Random(seed))
    found = problems(message)
    ours = not any(problem.kind is Kind.SCHEMA for problem in found)
    theirs = openapi_accepts("PushMessageRequest", push(message))
    assert theirs in (ours, None), (message, found)
    if not isinstance(message.get("type"), str):
        assert not ours
