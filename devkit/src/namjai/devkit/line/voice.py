"""Voice as LINE has it: M4A, whatever was chosen to be sent, and as long as it says."""

from namjai.chat.media.bench import Unreadable
from namjai.chat.media.sounds import to_m4a

MIME = "audio/x-m4a"
RECORDED = b"ftypM4A "


def recorded(data: bytes, mime: str) -> tuple[bytes, str, int | None]:
    """What LINE keeps, its type, and its length in ms; what is no sound stays what it is and has no length."""
    try:
        sound = to_m4a(data, mime)
    except Unreadable:
        return data, mime, None
    return (data, mime, sound.duration_ms) if data[4:12] == RECORDED else (sound.data, MIME, sound.duration_ms)
