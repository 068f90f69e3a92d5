"""What a turn is once its words are found, what it is made in, and how two of them become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, Literal

from namjai.chat.content import Language, Meta, Status, UiLanguage, in_full
from namjai.chat.domain.contact import Contact
from namjai.chat.domain.doing import Doors
from namjai.chat.domain.messages import Action, Message, with_quick_replies
from namjai.chat.domain.protocol import Question
from namjai.events import Fact
from namjai.events.duty import WatchChanged
from namjai.events.uses import ModelUse

Kind = Literal[
    "crisis", "protocol", "support", "skill", "command", "greeting", "notice", "human", "follow_up", "reminder"
]

MESSAGES_MAX: Final = 5
FIXED: Final = "fixed"
OFFLINE: Final = "offline"
STAFF: Final = "staff"
_NO_DOORS: Final = Doors()


@dataclass(frozen=True)
class Clinic:
    """What holds for everybody who has not told us otherwise."""

    language: Language
    country: str
    zone: tzinfo = UTC
    contact_policy: bool = False
    """At level crisis the clinic tells the named contact without asking: its own decision, off by default."""


@dataclass(frozen=True)
class Scene:
    """What a turn is composed in. `watch` is what is known of who watches, `contact` whom the person named, `skills`
    what the clinic has switched on, `pictures` and `pictures.plant`, and `doors` what opens them."""

    now: datetime
    clinic: Clinic
    watch: WatchChanged | None = None
    contact: Contact | None = None
    doors: Doors = _NO_DOORS
    skills: frozenset[str] = frozenset()
    for_others: frozenset[str] = frozenset()
    """Skills in whose conversation words may be somebody else's, and tell nothing of the person's own language."""
    between_languages: frozenset[str] = frozenset()
    """Skills that ask for a language: while one is at work, "Japanese" is its answer."""


@dataclass(frozen=True)
class View:
    """The person as a text sees them. `speaks` is their language, `language` the one in which everything can be said
    to them: the same, or English."""

    speaks: UiLanguage
    country: str
    consents: frozenset[str]
    contact: Contact | None = None
    has_plan: bool = False
    """Whether there is a safety plan of theirs that can be shown here."""

    @property
    def language(self) -> Language:
        """The language of every text that is not among those of the UI."""
        return in_full(self.speaks)


@dataclass(frozen=True)
class Composed:
    """The words of a turn, and everything that its event must say about them."""

    messages: tuple[Message, ...]
    kind: Kind
    responder: str
    language: UiLanguage
    """The person's, also where these words had to be English."""
    content: tuple[str, ...]
    review: Status
    intent: str | None = None
    stage: str | None = None
    facts: tuple[Fact, ...] = ()
    asks: Question | None = None
    skill: str | None = None
    uses: tuple[ModelUse, ...] = ()


def fixed(
    skill: str,
    meta: Meta,
    view: View,
    messages: Sequence[Message],
    actions: Sequence[Action] = (),
    facts: tuple[Fact, ...] = (),
    *,
    intent: str | None = None,
    kind: Kind = "skill",
) -> Composed:
    """A skill's own words as a turn, under the review of its texts."""
    return Composed(
        with_quick_replies(messages, actions),
        kind,
        FIXED,
        view.speaks,
        (f"{skill}/{view.language}@{meta.version}",),
        meta.status,
        intent,
        facts=facts,
    )


def joined(
    first: Composed, second: Composed, *, kind: Kind, buttons_of: Literal["first", "second"] = "first"
) -> Composed:
    """Two answers as one turn. All buttons go under the last message, where LINE shows them, `buttons_of` first."""
    both = [*first.messages, *second.messages]
    ordered = [first, second] if buttons_of == "first" else [second, first]
    actions = [action for each in ordered for action in _buttons(each.messages)]
    plain = [{key: value for key, value in message.items() if key != "quickReply"} for message in both]
    return replace(
        second,
        messages=with_quick_replies(plain[-MESSAGES_MAX:], _each_once(actions)),
        kind=kind,
        content=tuple(dict.fromkeys((*first.content, *second.content))),
        review="draft" if "draft" in (first.review, second.review) else second.review,
        facts=(*first.facts, *second.facts),
        uses=(*first.uses, *second.uses),
    )


def joined_buttons(said: Composed, more: Sequence[Action]) -> Composed:
    """The same turn with more buttons, before those that were there: LINE shows the first ones best."""
    plain = [{key: value for key, value in message.items() if key != "quickReply"} for message in said.messages]
    return replace(said, messages=with_quick_replies(plain, _each_once([*more, *_buttons(said.messages)])))


def _buttons(messages: Sequence[Message]) -> list[Action]:
    return [item["action"] for message in messages for item in message.get("quickReply", {}).get("items", ())]


def _each_once(actions: Sequence[Action]) -> list[Action]:
    unique: dict[Any, Action] = {}
    for action in actions:
        unique.setdefault(action.get("data") or action.get("uri") or action.get("text"), action)
    return list(unique.values())
