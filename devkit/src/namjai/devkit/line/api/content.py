"""Pictures, voices and files that people sent: api-data.line.me."""

from namjai.devkit.line.api.endpoint import DATA, Answer, Asked, Endpoint, answer, error
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.content import Content


def _look(platform: Platform, asked: Asked) -> Content | Answer:
    message = asked.params["message"]
    if platform.contents.unsent_at(message) is not None:
        asked.finding("content: asked for a message that had been unsent")
        return error(410, "Gone")
    return platform.contents.get(message) or error(404, "Not found")


def content(platform: Platform, asked: Asked) -> Answer:
    """200 with the bytes, or 202 without while they are being prepared."""
    found = _look(platform, asked)
    if isinstance(found, Answer):
        return found
    if found.failed:
        return error(400, "Failed to prepare the content")
    if asked.now < found.ready_at:
        return Answer(202, b"")
    return Answer(200, found.data, found.mime, zeros=found.zeros)


def preview(platform: Platform, asked: Asked) -> Answer:
    found = content(platform, asked)
    kind = platform.contents.get(asked.params["message"])
    if found.status == 200 and kind and kind.kind not in ("image", "video"):
        return error(404, "Not found")
    return found


def transcoding(platform: Platform, asked: Asked) -> Answer:
    """How far a video or a voice is; other kinds have no such thing."""
    found = _look(platform, asked)
    if isinstance(found, Answer):
        return found
    if found.kind not in ("video", "audio"):
        return error(400, "The message is not a video or audio")
    if found.failed:
        return answer(200, {"status": "failed"})
    return answer(200, {"status": "processing" if asked.now < found.ready_at else "succeeded"})


ENDPOINTS = (
    Endpoint("GET", "/v2/bot/message/{message:[0-9]+}/content", content, host=DATA),
    Endpoint("GET", "/v2/bot/message/{message:[0-9]+}/content/preview", preview, host=DATA),
    Endpoint("GET", "/v2/bot/message/{message:[0-9]+}/content/transcoding", transcoding, host=DATA),
)
