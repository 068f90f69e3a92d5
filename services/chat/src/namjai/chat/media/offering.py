"""What a voice has said, made into what LINE plays and put where LINE fetches it."""

from __future__ import annotations

from namjai.chat.media.bench import Unreadable
from namjai.chat.media.sounds import Sounds
from namjai.chat.ports import Attachment, MediaDoor, MediaUnavailable, Spoken


async def offered(said: Attachment, member: str, sounds: Sounds, door: MediaDoor) -> Spoken:
    """Where it is and how long it plays. Raises `MediaUnavailable`."""
    try:
        playable = await sounds.to_play(said.data, said.mime)
    except Unreadable:
        raise MediaUnavailable("unreadable") from None
    url = await door.put(member, Attachment(playable.data, playable.mime))
    return Spoken(url, playable.duration_ms)
