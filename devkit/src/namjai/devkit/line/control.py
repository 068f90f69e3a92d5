"""`/_sim/`: the levers behind the phone page, for people, tests and the load generator."""

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from namjai.devkit.line import people
from namjai.devkit.line.events import set_of
from namjai.devkit.line.ids import message_id
from namjai.devkit.line.page import mail_page, phone_page
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.calls import view
from namjai.devkit.line.state.content import Content
from namjai.devkit.line.state.faults import Fault
from namjai.devkit.line.voice import recorded
from namjai.devkit.line.webhook import Webhooks, build_webhook

CALLS_PER_ANSWER_MAX = 10_000
_POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' https: data: {own}; media-src 'self' https: blob: {own}"


class Send(msgspec.Struct):
    """One message, or several pictures that were chosen together: LINE sends one event each, in no order."""

    user: str
    message: dict[str, Any] | str | None = None
    messages: list[dict[str, Any]] | None = None


class SendEvent(msgspec.Struct):
    """`post: false` answers the signed webhook instead of posting it; the platform knows its tokens all the same."""

    event: dict[str, Any] | None = None
    events: list[dict[str, Any]] | None = None
    user: str = people.SOMCHAI.key
    post: bool = True
    shown: str = ""  # what the phone shows for it: a postback's displayText, which no webhook carries


class SetFaults(msgspec.Struct):
    rules: list[Fault] = []
    redelivery: bool | None = None


class _Signed(msgspec.Struct):
    body: str
    signature: str
    events: list[dict[str, Any]]


def _json(content: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")


class Control:
    """The handlers."""

    def __init__(self, platform: Platform, webhooks: Webhooks) -> None:
        self._platform = platform
        self._webhooks = webhooks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_sim", self.page),
            web.get("/_sim/", self.page),
            web.post("/_sim/send", self.send),
            web.post("/_sim/event", self.event),
            web.post("/_sim/upload", self.upload),
            web.get("/_sim/calls", self.calls),
            web.get("/_sim/chat/{user}", self.chat),
            web.get("/_sim/content/{message}", self.content),
            web.get("/_sim/people", self.everybody),
            web.get("/_sim/mail", self.mail),
            web.get("/_sim/status", self.status),
            web.get("/_sim/stream", self.stream),
            web.get("/_sim/faults", self.faults),
            web.put("/_sim/faults", self.set_faults),
            web.delete("/_sim/faults", self.clear_faults),
        ]

    async def page(self, _request: web.Request) -> web.Response:
        policy = _POLICY.format(own=self._platform.settings.public_url)
        return web.Response(text=phone_page(), content_type="text/html", headers={"Content-Security-Policy": policy})

    async def send(self, request: web.Request) -> web.Response:
        asked = await _body(request, Send)
        user = _someone(asked.user)
        if asked.messages is not None:
            try:
                *first, asked.message = set_of(asked.messages)
            except ValueError as wrong:
                raise _refuse(400, str(wrong)) from None
            for picture in first:
                await self._post([{"type": "message", "message": picture}], user)
        if asked.message is None:
            raise _refuse(400, "message or messages must be given")
        message = {"type": "text", "text": asked.message} if isinstance(asked.message, str) else asked.message
        return await self._post([{"type": "message", "message": message}], user)

    async def event(self, request: web.Request) -> web.Response:
        asked = await _body(request, SendEvent)
        given = asked.events if asked.events is not None else [asked.event or {}]
        user = _someone(asked.user)
        if asked.post:
            return await self._post(given, user, asked.shown)
        settings = self._platform.settings
        filled, _ = self._webhooks.prepare(given, user)
        body, signature = build_webhook(filled, settings.bot_user_id, settings.channel_secret)
        return _json(_Signed(body.decode(), signature, filled))

    async def _post(self, given: list[dict[str, Any]], user: str, shown: str = "") -> web.Response:
        if not self._platform.webhook_url:
            raise _refuse(409, "no webhook URL is set")
        return _json(await self._webhooks.send(given, user, shown))

    async def upload(self, request: web.Request) -> web.Response:
        """Bytes in, message id out. `?kind=audio&processing_ms=500` makes LINE need half a second for it.

        `&failed` makes it fail to prepare it, `&zeros=200000000` makes it so much longer.
        """
        kind = request.query.get("kind") or request.content_type.partition("/")[0]
        try:
            data = await request.read()
            processing_ms, zeros = (int(request.query.get(name, "0")) for name in ("processing_ms", "zeros"))
        except web.HTTPRequestEntityTooLarge:
            raise _refuse(413, "larger than upload_bytes_max") from None
        except ValueError:
            raise _refuse(400, "processing_ms and zeros must be numbers") from None
        mime, duration_ms = request.content_type, None
        if kind == "audio":
            data, mime, duration_ms = await asyncio.to_thread(recorded, data, mime)
        content = Content(
            kind if kind in ("image", "video", "audio") else "file",
            mime,
            data,
            ready_at=self._platform.now() + processing_ms / 1000,
            failed="failed" in request.query,
            zeros=zeros,
        )
        new_id = message_id()
        self._platform.contents.put(new_id, content)
        told = {"messageId": new_id, "kind": content.kind, "size": len(data)}
        return _json(told if duration_ms is None else {**told, "duration": duration_ms})

    async def calls(self, request: web.Request) -> web.Response:
        try:
            since, limit = int(request.query.get("since", "0")), int(request.query.get("limit", CALLS_PER_ANSWER_MAX))
        except ValueError:
            raise _refuse(400, "since and limit must be numbers") from None
        calls = self._platform.calls.since(since, min(limit, CALLS_PER_ANSWER_MAX))
        if "findings" in request.query:
            calls = [call for call in calls if call.findings]
        return _json([view(call) for call in calls])

    async def chat(self, request: web.Request) -> web.Response:
        chat = self._platform.chats.find(_someone(request.match_info["user"]))
        return _json(list(chat.entries) if chat else [])

    async def content(self, request: web.Request) -> web.Response:
        """What a person sent, for the phone page, which has no token."""
        found = self._platform.contents.get(request.match_info["message"])
        if found is None:
            raise _refuse(404, "no such content")
        return web.Response(body=found.data, headers={"Content-Type": found.mime, "X-Content-Type-Options": "nosniff"})

    async def everybody(self, _request: web.Request) -> web.Response:
        ready_made = {person.user_id: person for person in people.PEOPLE}
        others = [chat for chat in reversed(self._platform.chats.seen()) if chat not in ready_made][:100]
        all_of_them = [*ready_made.values(), *(people.someone(chat) for chat in others)]
        return _json(
            [
                {
                    "key": person.key,
                    "userId": user_id,
                    "name": person.name,
                    "language": person.language,
                    "about": person.about,
                    "colour": person.colour,
                    "staff": person.staff,
                    "friend": self._is_friend(user_id, person),
                }
                for person, user_id in zip(all_of_them, [*ready_made, *others], strict=True)
            ]
        )

    def _is_friend(self, user_id: str, person: people.Person) -> bool:
        chat = self._platform.chats.find(user_id)
        return chat.friend if chat else person.friend

    async def mail(self, request: web.Request) -> web.Response:
        letters = list(self._platform.mailbox.letters)
        if "text/html" in request.headers.get("Accept", ""):
            return web.Response(text=mail_page(letters), content_type="text/html")
        return _json(letters)

    async def status(self, _request: web.Request) -> web.Response:
        platform = self._platform
        return _json(
            {
                "webhookUrl": platform.webhook_url,
                "calls": platform.calls.count,
                "callsWithFindings": platform.calls.with_findings,
                "mails": len(platform.mailbox.letters),
                "redelivery": platform.redelivery,
                "faults": platform.faults.rules,
            }
        )

    async def faults(self, _request: web.Request) -> web.Response:
        return _json({"rules": self._platform.faults.rules, "redelivery": self._platform.redelivery})

    async def set_faults(self, request: web.Request) -> web.Response:
        """A list of rules, or `{"rules": [...], "redelivery": true}`. What is given replaces what was."""
        asked = await _body(request, SetFaults | list[Fault])  # type: ignore[arg-type]
        if isinstance(asked, list):
            asked = SetFaults(rules=asked)
        self._platform.faults.replace(asked.rules)
        if asked.redelivery is not None:
            self._platform.redelivery = asked.redelivery
        return await self.faults(request)

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._platform.faults.clear()
        self._platform.redelivery = self._platform.settings.redelivery
        return await self.faults(request)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: entry, loading, read, call, mail, reload."""
        queue = self._platform.stream.listen()
        if queue is None:
            raise _refuse(503, "too many phone pages are open")
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        try:
            await answer.prepare(request)
            await answer.write(b": hello\n\n")
            while True:
                try:
                    line = await asyncio.wait_for(queue.get(), 15)
                except TimeoutError:
                    line = b": still here\n\n"
                await answer.write(line)
        except ConnectionResetError:
            return answer  # the page was closed
        finally:
            self._platform.stream.leave(queue)


def _refuse(status: int, message: str) -> web.HTTPException:
    kind = {400: web.HTTPBadRequest, 404: web.HTTPNotFound, 409: web.HTTPConflict, 503: web.HTTPServiceUnavailable}
    body = msgspec.json.encode({"message": message}).decode()
    if status == 413:
        return web.HTTPRequestEntityTooLarge(max_size=0, actual_size=0, text=body, content_type="application/json")
    return kind[status](text=body, content_type="application/json")


async def _body(request: web.Request, shape: type[Any]) -> Any:
    try:
        return msgspec.json.decode(await request.read(), type=shape)
    except msgspec.MsgspecError as wrong:
        raise _refuse(400, str(wrong)) from None


def _someone(name_or_id: str) -> str:
    chat = people.find(name_or_id)
    if chat is None:
        raise _refuse(404, f"nobody here is called {name_or_id!r}; see /_sim/people")
    return chat
