"""Where LINE fetches what we made: put into the sealed store, and offered at a signed address that soon ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import SecretStr

from namjai.chat.ports import Attachment, MediaUnavailable
from namjai.chat.settings import ChatSettings
from namjai.runtime.errors import KeysUnavailable
from namjai.runtime.media_links import PATH, token
from namjai.runtime.objects import NoSuchObject, Objects, ObjectsUnavailable


class MediaLinks:
    """The media door of a skill: `put` in, address out."""

    def __init__(
        self, objects: Objects, secret: SecretStr, public_url: str, *, life: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._objects = objects
        self._secret = secret
        self._base = public_url.rstrip("/") + PATH
        self._life = life
        self._clock = clock

    async def put(self, member: str, made: Attachment) -> str:
        """The address, good for the life of the link. Raises `MediaUnavailable`."""
        until = self._clock() + self._life
        try:
            object_id = await self._objects.put(member, made.data, made.mime, self._life.total_seconds())
        except (NoSuchObject, ObjectsUnavailable, KeysUnavailable) as gone:
            raise MediaUnavailable(type(gone).__name__) from gone
        return self._base + token(self._secret, object_id, until)


def media_links(settings: ChatSettings, objects: Objects, clock: Callable[[], datetime]) -> MediaLinks | None:
    """The door; None where nobody outside could come through it: no public address, or no secret."""
    if settings.public_url is None or settings.media_secret is None:
        return None
    life = timedelta(hours=settings.media_link_hours)
    return MediaLinks(objects, settings.media_secret, settings.public_url, life=life, clock=clock)
