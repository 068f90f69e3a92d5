"""Chooses a curated reply: fitting the intent and stage, not said lately, and always the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from namjai.chat.content import Language
from namjai.chat.domain.stage import Stage
from namjai.chat.skills.support.library import Reply, replies
from namjai.chat.skills.support.pick import pick
from namjai.chat.skills.support.understand import UNCLEAR, Reading, understand

RECENT_MAX: Final = 24
"""How many of a person's last replies count as said lately; the caller need not keep more."""
_KINDS: Final = frozenset({"sticker", "image", "audio", "video", "file", "location"})


def respond(text: str, *, language: Language, recent_reply_ids: Sequence[str], stage: Stage | None, seed: str) -> Reply:
    """Answer what was written. `recent_reply_ids` is oldest first; `seed` is the id of the causing event."""
    return choose(understand(text, stage), language, recent_reply_ids, seed)


def respond_to_kind(
    kind: str, *, language: Language, recent_reply_ids: Sequence[str], stage: Stage | None, seed: str
) -> Reply:
    """Answer something that is not text, by LINE's message type; a type we do not know gets the general answer."""
    intent = f"got_{kind}" if kind in _KINDS else "got_file"
    return choose(Reading(intent, stage), language, recent_reply_ids, seed)


def choose(reading: Reading, language: Language, recent_reply_ids: Sequence[str], seed: str) -> Reply:
    """The reply to something that is understood already."""
    recent = list(recent_reply_ids)[-RECENT_MAX:]
    candidates = _candidates(reading, language, recent)
    fresh = [reply for reply in candidates if reply.id not in recent]
    longest_ago = min(candidates, key=lambda reply: _last_place(reply.id, recent))
    chosen = pick(fresh, seed) if fresh else longest_ago
    return msgspec.structs.replace(chosen, stage=reading.stage)


def _candidates(reading: Reading, language: Language, recent: Sequence[str]) -> tuple[Reply, ...]:
    """Replies for the intent that fit the stage; the next wider circle where that leaves only the last one said."""
    of_language = replies(language)
    of_intent = of_language.get(reading.intent, of_language[UNCLEAR])
    fitting = tuple(reply for reply in of_intent if not reply.stages or reading.stage in reply.stages)
    for circle in (fitting, of_intent, of_language[UNCLEAR]):
        if any(reply.id not in recent[-1:] for reply in circle):
            return tuple(reply for reply in circle if reply.id not in recent[-1:])
    return of_intent


def _last_place(reply_id: str, recent: Sequence[str]) -> int:
    return max((place for place, said in enumerate(recent) if said == reply_id), default=-1)
