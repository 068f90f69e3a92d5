"""The fake's HTTP side: Google's paths, and `/_fake/` for tests."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from namjai.devkit.gemini import answers, wire
from namjai.devkit.gemini.caches import Caches
from namjai.devkit.gemini.faults import FAILURES, HTML, Fault, Faults, Kind, error, spoil
from namjai.devkit.gemini.script import Line, Script
from namjai.devkit.line.state.calls import Call, Calls, view

REQUEST_BYTES_MAX = 20 * 1024 * 1024
SERVER_TIMEOUT_S_MIN = 10
DIMENSIONS = 768
STALL_S_MAX = 120


@dataclass(frozen=True, kw_only=True)
class GeminiSettings:
    host: str = "127.0.0.1"
    port: int = 0
    api_key: str = ""  # empty: any key will do, but there must be one
    calls_max: int = 10_000
    calls_body_bytes_max: int = 64 * 1024 * 1024


class FakeGemini:
    """The model's whole state: what it was asked, what it shall say, what shall go wrong."""

    def __init__(self, settings: GeminiSettings) -> None:
        self._settings = settings
        self.calls = Calls(settings.calls_max, settings.calls_body_bytes_max)
        self.faults = Faults()
        self.script = Script()
        self.caches = Caches()
        self.leaving = asyncio.Event()
        self.url = ""

    def routes(self) -> list[web.RouteDef]:
        model = "/{version:v[^/]+}/models/{model:[^:/]+}"
        caches = "/{version:v[^/]+}/cachedContents"
        return [
            web.post(model + ":{method:[A-Za-z]+}", self.ask),
            web.get(model, self.describe),
            web.post(caches, self.cache),
            web.route("*", caches + "/{name}", self.cache),
            web.get("/_fake/calls", self.list_calls),
            web.put("/_fake/faults", self.set_faults),
            web.delete("/_fake/faults", self.clear_faults),
            web.put("/_fake/script", self.set_script),
            web.post("/_fake/script", self.add_script),
        ]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """generateContent, streamGenerateContent, countTokens, embedContent, batchEmbedContents."""
        model, method = request.match_info["model"], request.match_info["method"]
        call, body, refused = await self._open(request)
        if refused:
            return _say(call, refused["error"]["code"], refused)
        fault = self.faults.hit(f"{model}:{method}") or Fault()
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        broken = await self._fail(request, call, fault.kind)
        if broken is not None:
            return broken
        try:
            match method:
                case "generateContent":
                    return _say(call, 200, self._generate(model, body, fault.kind))
                case "streamGenerateContent":
                    return await self._stream(request, call, self._generate(model, body, fault.kind), fault.kind)
                case "countTokens":
                    return _say(call, 200, {"totalTokens": wire.token_count(wire.contents(body))})
                case "embedContent":
                    return _say(call, 200, {"embedding": _embed(body)})
                case "batchEmbedContents":
                    return _say(call, 200, {"embeddings": [_embed(each) for each in body.get("requests", [])]})
        except wire.Malformed as wrong:
            return _say(call, 400, error(400, "INVALID_ARGUMENT", str(wrong)))
        return _say(call, 404, error(404, "NOT_FOUND", f"{method} is not known"))

    def _generate(self, model: str, body: dict[str, Any], kind: Kind) -> dict[str, Any]:
        kept = self._kept(body)
        config = body.get("generationConfig") or {}
        schema = config.get("responseSchema") or config.get("responseJsonSchema")
        return spoil(kind, answers.generate(model, body, self.script, kept), schema)

    def _kept(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """The cached content of a request, which must bring no instruction of its own then."""
        if not (cached := body.get("cachedContent")):
            return None
        if (kept := self.caches.get(str(cached))) is None:
            raise wire.Malformed("CachedContent not found (or permission denied)")
        if body.get("systemInstruction") or body.get("tools"):
            raise wire.Malformed(
                "CachedContent can not be used with GenerateContent request setting system_instruction"
            )
        return kept

    async def _open(self, request: web.Request) -> tuple[Call, dict[str, Any], dict[str, Any] | None]:
        """Record the call, and refuse what Google refuses at the door."""
        raw = await request.read()
        headers = {name: "(redacted)" if name.lower() == "x-goog-api-key" else v for name, v in request.headers.items()}
        call = self.calls.start(
            time_ms=time.time_ns() // 1_000_000,
            method=request.method,
            host="generativelanguage.googleapis.com",
            path=request.path,
            headers=headers,
            body=raw,
        )
        key = request.headers.get("x-goog-api-key") or request.query.get("key", "")
        if not key or (self._settings.api_key and key != self._settings.api_key):
            call.findings.append("x-goog-api-key: missing or wrong")
            return call, {}, error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
        timeout_s = request.headers.get("X-Server-Timeout", "")
        if timeout_s.isdecimal() and int(timeout_s) < SERVER_TIMEOUT_S_MIN:
            call.findings.append("X-Server-Timeout: below 10 s")
            short = f"Manually set deadline {timeout_s}s is too short. Minimum allowed deadline is 10s."
            return call, {}, error(400, "INVALID_ARGUMENT", short)
        try:
            body = wire.camel(msgspec.json.decode(raw)) if raw else {}
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return call, {}, error(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")
        return call, body, None

    async def _fail(self, request: web.Request, call: Call, kind: Kind) -> web.StreamResponse | None:
        """The answer of a fault that leaves no answer."""
        if kind is not Kind.NONE:
            call.fault = True
        if kind in FAILURES:
            return _say(call, FAILURES[kind]["error"]["code"], FAILURES[kind])
        match kind:
            case Kind.BAD_GATEWAY_HTML | Kind.OK_HTML:
                call.status = 502 if kind is Kind.BAD_GATEWAY_HTML else 200
                return web.Response(status=call.status, body=HTML, content_type="text/html")
            case Kind.OK_EMPTY:
                call.status = 200
                return web.Response(body=b"", content_type="application/json")
            case Kind.RESET:
                if request.transport:
                    request.transport.abort()
                return web.Response()
            case Kind.CUT:
                return await _cut(request)
            case Kind.STALL:
                async with asyncio.timeout(STALL_S_MAX):
                    await self.leaving.wait()
                return web.Response(status=503)
        return None

    async def _stream(self, request: web.Request, call: Call, answer: dict[str, Any], kind: Kind) -> web.StreamResponse:
        """Server-sent events with `alt=sse`, else one JSON array, as Google does."""
        pieces = answers.chunks(answer)
        if request.query.get("alt") != "sse":
            return _say(call, 200, pieces)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        call.status = 200
        for piece in pieces:
            await stream.write(b"data: " + msgspec.json.encode(piece) + b"\r\n\r\n")
            if kind is Kind.STREAM_BREAKS:
                await stream.write(b"data: " + msgspec.json.encode(FAILURES[Kind.UNAVAILABLE]) + b"\r\n\r\n")
                break
        await stream.write_eof()
        return stream

    async def describe(self, request: web.Request) -> web.Response:
        call, _, refused = await self._open(request)
        if refused:
            return _say(call, 400, refused)
        limits = {"inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536}
        return _say(call, 200, {"name": f"models/{request.match_info['model']}", **limits})

    async def cache(self, request: web.Request) -> web.Response:
        call, body, refused = await self._open(request)
        if refused:
            return _say(call, 400, refused)
        status, said = self.caches.handle(request.method, request.match_info.get("name"), body)
        return _say(call, status, said)

    async def list_calls(self, request: web.Request) -> web.Response:
        since = request.query.get("since", "0")
        calls = self.calls.since(int(since) if since.isdecimal() else 0, 10_000)
        return web.Response(body=msgspec.json.encode([view(call) for call in calls]), content_type="application/json")

    async def set_faults(self, request: web.Request) -> web.Response:
        return await self._replace(request, list[Fault], self.faults.replace)

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self.faults.replace([])
        return web.json_response([])

    async def set_script(self, request: web.Request) -> web.Response:
        return await self._replace(request, list[Line], self.script.replace)

    async def add_script(self, request: web.Request) -> web.Response:
        """Lines before those that are there."""
        return await self._replace(request, list[Line], self.script.add)

    async def _replace(self, request: web.Request, shape: Any, replace: Any) -> web.Response:
        try:
            given = msgspec.json.decode(await request.read(), type=shape)
        except msgspec.MsgspecError as wrong:
            return web.json_response({"message": str(wrong)}, status=400)
        replace(given)
        return web.Response(body=msgspec.json.encode(given), content_type="application/json")


def _embed(request: dict[str, Any]) -> dict[str, Any]:
    turn = request.get("content") or {"parts": []}
    dimensions = int(request.get("outputDimensionality") or DIMENSIONS)
    return {"values": answers.embedding(wire.words(turn), min(dimensions, 3_072))}


def _say(call: Call, status: int, content: Any) -> web.Response:
    call.status = status
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")


async def _cut(request: web.Request) -> web.StreamResponse:
    """The beginning of an answer that ends in the middle."""
    answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b'{"candidates": [{"content": {"parts": [{"text": "I hear')
    if request.transport:
        request.transport.abort()
    return answer


@asynccontextmanager
async def serve_gemini(settings: GeminiSettings | None = None) -> AsyncIterator[FakeGemini]:
    """Play Gemini until the block is left; its address is `.url`."""
    settings = settings or GeminiSettings()
    fake = FakeGemini(settings)
    app = web.Application(client_max_size=REQUEST_BYTES_MAX)
    app.add_routes(fake.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        fake.url = f"http://{settings.host}:{runner.addresses[0][1]}"
        yield fake
    finally:
        fake.leaving.set()
        await runner.cleanup()
