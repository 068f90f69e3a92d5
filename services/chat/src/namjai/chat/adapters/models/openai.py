"""Any endpoint that speaks OpenAI's chat completions, for clinics that keep data at home."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import msgspec

from namjai.chat.adapters.models import shapes
from namjai.chat.adapters.models.backend import Schema, Voiced, Work, named, talk, work_of
from namjai.chat.adapters.models.status import failure
from namjai.chat.ports import Attachment, ModelAnswer, ModelRequest, ModelUnavailable

BODY_BYTES_MAX: Final = 1_000_000
SOUND_BYTES_MAX: Final = 20_000_000
_UNFINISHED: Final[dict[str, Any]] = {"length": "truncated", "content_filter": "blocked"}
_CHARS_PER_TOKEN: Final = 3
_RIFF: Final = b"RIFF"


@dataclass(frozen=True, kw_only=True)
class OpenAIOptions:
    """Where and how; a server of one's own may want no key. `schemas`: whether it can be held to a JSON schema."""

    base_url: str
    models: dict[Work, str]
    api_key: str | None
    tokens_max: int
    connections: int
    schemas: bool = True
    voice: str = "alloy"


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] = []
    model: str | None = None
    usage: _Usage | None = None


class _Heard(msgspec.Struct):
    text: str = ""


_COMPLETION: Final = msgspec.json.Decoder(_Completion)
_HEARD: Final = msgspec.json.Decoder(_Heard)


@asynccontextmanager
async def openai(options: OpenAIOptions) -> AsyncIterator[OpenAICompatible]:
    """One session a process."""
    connector = aiohttp.TCPConnector(limit=options.connections)
    headers = {"Authorization": f"Bearer {options.api_key}"} if options.api_key else {}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        yield OpenAICompatible(session, options)


class OpenAICompatible:
    """`POST {base_url}/chat/completions`, `/audio/transcriptions` and `/audio/speech`. It cannot search the web."""

    provider: Final = "openai"

    def __init__(self, session: aiohttp.ClientSession, options: OpenAIOptions) -> None:
        self._session = session
        self._base = options.base_url.rstrip("/")
        self._options = options

    def model(self, work: Work) -> str | None:
        """As the port says."""
        return self._options.models.get(work)

    async def answer(self, request: ModelRequest, schema: Schema | None = None) -> ModelAnswer:
        """As the port says."""
        model = self._named(work_of(request))
        plainly = schema is not None and not self._options.schemas
        system = shapes.plainly(request.system, schema) if plainly and schema is not None else request.system
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": request.tokens_max or self._options.tokens_max,
            "messages": [{"role": "system", "content": system}, *_messages(request)],
        }
        if schema is not None and not plainly:
            held = {"name": "answer", "schema": schema, "strict": False}
            body["response_format"] = {"type": "json_schema", "json_schema": held}
        return _words(await self._post("chat/completions", BODY_BYTES_MAX, json=body), model)

    async def listen(self, sound: Attachment, languages: Sequence[str]) -> ModelAnswer:
        """As the port says; of several likely languages none can be named here."""
        model = self._named("listen")
        form = aiohttp.FormData({"model": model, "response_format": "json"})
        if len(languages) == 1:
            form.add_field("language", languages[0].partition("-")[0])
        form.add_field("file", sound.data, filename=f"sound.{_extension(sound.mime)}", content_type=sound.mime)
        try:
            heard = _HEARD.decode(await self._post("audio/transcriptions", BODY_BYTES_MAX, data=form))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ModelUnavailable("unreadable") from None
        account = ModelAnswer(text=heard.text.strip(), model=model)
        if not account.text:
            raise ModelUnavailable("empty", account)
        return account

    async def speak(self, words: str, language: str) -> Voiced:
        """As the port says."""
        model = self._named("speak")
        body = {"model": model, "input": words, "voice": self._options.voice, "response_format": "wav"}
        sound = await self._post("audio/speech", SOUND_BYTES_MAX, json=body)
        if not sound.startswith(_RIFF):
            raise ModelUnavailable("unreadable" if sound else "empty")
        return Voiced(Attachment(sound, "audio/wav"), ModelAnswer(text="", model=model))

    async def count(self, words: str) -> int:
        """About: such an endpoint does not count."""
        return -(-len(words.encode()) // _CHARS_PER_TOKEN)

    def _named(self, work: Work) -> str:
        if (name := self.model(work)) is None:
            raise ModelUnavailable("unable")
        return name

    async def _post(self, path: str, bytes_max: int, **body: Any) -> bytes:
        """One request; a redirect is refused, because the key would go along."""
        try:
            async with self._session.post(f"{self._base}/{path}", allow_redirects=False, **body) as response:
                if response.status != 200:
                    raise ModelUnavailable(failure(response.status))
                return await _body(response, bytes_max)
        except TimeoutError:
            raise ModelUnavailable("deadline") from None
        except (aiohttp.ClientError, OSError):
            raise ModelUnavailable("unreachable") from None


def _messages(request: ModelRequest) -> list[dict[str, Any]]:
    before, words = talk(request)
    said = [{"role": "user" if each.who == "person" else "assistant", "content": each.text} for each in before]
    if not request.attachments:
        return [*said, {"role": "user", "content": words}]
    pictures = [
        {"type": "image_url", "image_url": {"url": f"data:{each.mime};base64,{b64encode(each.data).decode()}"}}
        for each in request.attachments
    ]
    return [*said, {"role": "user", "content": [*pictures, {"type": "text", "text": words}]}]


def _extension(mime: str) -> str:
    """Such endpoints tell sounds apart by the name of the file."""
    return {"audio/mpeg": "mp3", "audio/mp3": "mp3"}.get(mime, mime.rpartition("/")[2].removeprefix("x-"))


async def _body(response: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > bytes_max:
            raise ModelUnavailable("unreadable")
    return bytes(body)


def _words(body: bytes, configured: str) -> ModelAnswer:
    """The text of an answer that came to its own end."""
    try:
        completion = _COMPLETION.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ModelUnavailable("unreadable") from None
    used = completion.usage or _Usage()
    choice = completion.choices[0] if completion.choices else None
    answer = ModelAnswer(
        text=((choice.message.content if choice else None) or "").strip(),
        model=named(completion.model, configured),
        tokens_in=max(0, used.prompt_tokens),
        tokens_out=max(0, used.completion_tokens),
        tokens_cached=max(0, (used.prompt_tokens_details or _Details()).cached_tokens or 0),
    )
    if choice is not None and choice.finish_reason not in (None, "stop"):
        raise ModelUnavailable(_UNFINISHED.get(choice.finish_reason, "stopped"), answer)
    if not answer.text:
        raise ModelUnavailable("empty", answer)
    return answer
