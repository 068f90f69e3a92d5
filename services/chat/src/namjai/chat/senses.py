"""Reads pictures and voice messages before their turn, so that risk screens what is in them like typed words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from namjai.chat.adapters.content import ContentUnavailable, LineContents
from namjai.chat.domain.state import State
from namjai.chat.domain.visit import MODEL
from namjai.chat.media.bench import Unreadable
from namjai.chat.media.pictures import Pictures
from namjai.chat.media.sounds import Sounds
from namjai.chat.ports import Attachment, Mind, ModelUnavailable, Read, Reader
from namjai.events import Envelope, Fact, Sealed
from namjai.events.media import MediaKind, MediaTranscribed, MediaUnread, UnreadReason
from namjai.events.message import MessageReceived
from namjai.events.uses import ModelUse
from namjai.runtime.logs import get_logger

_WHY: Final[dict[str, UnreadReason]] = {
    "deadline": "deadline",
    "unable": "no_model",
    "empty": "empty",
    "blocked": "refused",
}
"""What a model's failure means to the person; any other is `failed`."""
_log = get_logger(__name__)


class Prepare(Protocol):
    """Makes what LINE gave ready for a model."""

    async def __call__(self, data: bytes) -> Attachment:
        """Raises `Unreadable`."""
        ...


class Senses:
    """By consent only: what a person sends leaves the clinic's machines no earlier than they have agreed to it."""

    def __init__(
        self,
        contents: LineContents,
        prepare: Mapping[MediaKind, Prepare],
        readers: Mapping[MediaKind, Reader],
        mind: Callable[[Callable[[ModelUse], None]], Mind] | None,
    ) -> None:
        self._contents = contents
        self._prepare = prepare
        self._readers = readers
        self._mind = mind

    async def perceive(self, event: Envelope[Any], state: State) -> Fact:
        """What is in a message, or why nobody knows. Never raises: the person is told, and nothing is lost."""
        sent: MessageReceived = event.data
        kind: MediaKind = "audio" if sent.kind == "audio" else "image"
        uses: list[ModelUse] = []
        try:
            found = await self._read(sent, kind, state, uses)
        except _Unread as unread:
            _log.info("media_unread", kind=kind, reason=unread.reason)
            return MediaUnread(
                message=event.id, message_id=sent.message_id, kind=kind, reason=unread.reason, uses=tuple(uses)
            )
        return MediaTranscribed(
            message=event.id,
            message_id=sent.message_id,
            kind=kind,
            text=Sealed(found.text),
            reading=Sealed(found.reading) if found.reading is not None else None,
            language=found.language,
            received_at=sent.received_at,
            uses=tuple(uses),
        )

    async def _read(self, sent: MessageReceived, kind: MediaKind, state: State, uses: list[ModelUse]) -> Read:
        if self._mind is None:
            raise _Unread("no_model")
        if MODEL not in state.person.consents:
            raise _Unread("no_consent")
        try:
            content = await self._contents.fetch(sent.message_id, sent.raw.get("{}"))
            ready = await self._prepare[kind](content.data)
            found = await self._readers[kind](ready, state.person, self._mind(uses.append))
        except (ContentUnavailable, Unreadable) as broken:
            raise _Unread(broken.reason) from None
        except ModelUnavailable as silent:
            raise _Unread(_WHY.get(silent.reason, "failed")) from None
        if kind == "audio" and not found.text.strip():
            raise _Unread("empty")
        return found


class _Unread(Exception):
    """Nobody has read it."""

    def __init__(self, reason: UnreadReason) -> None:
        super().__init__(reason)
        self.reason: UnreadReason = reason


def prepared(pictures: Pictures, sounds: Sounds) -> dict[MediaKind, Prepare]:
    """How each kind of media is made ready."""

    async def picture(data: bytes) -> Attachment:
        ready = await pictures.ready(data)
        return Attachment(ready.data, ready.mime, ready.digest)

    async def sound(data: bytes) -> Attachment:
        ready = await sounds.to_hear(data)
        return Attachment(ready.data, ready.mime)

    return {"image": picture, "audio": sound}
