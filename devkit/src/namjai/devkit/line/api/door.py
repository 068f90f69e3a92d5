"""What happens to every call before and after its endpoint: token, rate, format, faults, and the record of it all."""

import asyncio
import re
import time
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from namjai.devkit.line.api.body import cut, send
from namjai.devkit.line.api.endpoint import Answer, Asked, Endpoint, error
from namjai.devkit.line.check import examine, refusal
from namjai.devkit.line.check.shape import Problem, Target
from namjai.devkit.line.ids import request_id
from namjai.devkit.line.platform import Platform
from namjai.devkit.line.state.calls import Call
from namjai.devkit.line.state.faults import Fault

BODY_BYTES_MAX = 2 * 1024 * 1024
MONTHLY = "You have reached your monthly limit."
RATE = "The API rate limit has been exceeded. Try again later."
UNAUTHORIZED = (
    "Authentication failed due to the following reason: invalid token. "
    "Confirm that the access token in the authorization header is valid."
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FAULT_WORDS = {400: "The request body is invalid", 429: RATE, 500: "Internal server error", 503: "Service unavailable"}


async def receive(platform: Platform, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
    """Answer one call, and remember it."""
    started = time.perf_counter()
    raw = await _read(request)
    headers = {
        name: "(redacted)" if name.lower() == "authorization" else text for name, text in request.headers.items()
    }
    call = platform.calls.start(
        time_ms=platform.now_ms(),
        method=request.method,
        host=endpoint.host,
        path=request.path_qs,
        headers=headers,
        body=raw or b"",
    )
    call.request_id = request_id()
    fault = platform.faults.hit(request.method, request.path, call.body)
    lost = fault is not None and fault.after
    if fault and fault.delay_ms and not lost:
        await asyncio.sleep(fault.delay_ms / 1000)
    said = _decide(platform, endpoint, request, call, raw, fault)
    if fault:
        call.fault = True
        if lost and fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        said = _spoil(fault) or said
    call.ms = round((time.perf_counter() - started) * 1000, 3)
    if fault and fault.reset and fault.stop_after is None:
        _note(platform, call)
        return cut(request)
    call.status = said.status
    _note(platform, call)
    return await send(request, said, call, fault)


async def _read(request: web.Request) -> bytes | None:
    """The body, or None if it is larger than LINE takes."""
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None
    return None if len(raw) > BODY_BYTES_MAX else raw


def _decide(
    platform: Platform, endpoint: Endpoint, request: web.Request, call: Call, raw: bytes | None, fault: Fault | None
) -> Answer:
    """The platform's answer; a fault that strikes first still lets the body be judged, but nothing take effect."""
    if raw is None:
        call.findings.append("body: larger than 2 MB")
        return error(413, "Request entity too large")
    body, problems, broken = _parse(endpoint, request, raw, platform.settings.public_url)
    call.findings += [f"{problem.property}: {problem.message}" for problem in problems]
    if broken:
        call.findings.append(broken[1])
    wrong_key = _retry_key_trouble(endpoint, request)
    if wrong_key:
        call.findings.append(wrong_key)
    if fault and not fault.after and _spoil(fault):
        return error(500, "never sent")
    now = platform.now()
    if endpoint.bearer and not platform.may_call(request.headers.get("Authorization", "").removeprefix("Bearer ")):
        call.findings.append("Authorization: not a valid channel access token")
        return error(401, UNAUTHORIZED)
    if not platform.buckets.take(f"{endpoint.method} {endpoint.path}", endpoint.most, endpoint.per_s, now):
        call.findings.append(f"rate: more than {endpoint.most} calls in {endpoint.per_s:g} s")
        return error(429, RATE)
    if broken:
        return error(*broken)
    if wrong_key:
        return error(400, wrong_key)
    refused = refusal(problems)
    if refused:
        return Answer(400, msgspec.json.encode(refused))
    lost = request.transport is None or bool(fault and _hides_success(fault))
    return endpoint.handle(platform, Asked(call, dict(request.match_info), body, now, lost, dict(request.query)))


def _hides_success(fault: Fault) -> bool:
    """Whether the bot cannot know afterwards that its call took effect."""
    wrong = fault.reset or fault.invalid_token or fault.quota or fault.status >= 300 or fault.delay_ms > 0
    return fault.after and wrong


def _parse(
    endpoint: Endpoint, request: web.Request, raw: bytes, public_url: str
) -> tuple[Any, list[Problem], tuple[int, str] | None]:
    if endpoint.form:
        return dict(parse_qsl(raw.decode("utf-8", "replace"))), [], None
    if endpoint.shape is None:
        return None, [], None
    if request.content_type != "application/json":
        return None, [], (415, f"The content type, '{request.content_type}', is not supported")
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, [], (400, "The request body could not be parsed as JSON (line: -, column: -)")
    return body, examine(_as_line_sees(body, raw, public_url), endpoint.shape, _target(body)), None


def _as_line_sees(body: Any, raw: bytes, public_url: str) -> Any:
    """LINE takes HTTPS addresses only. On one machine there is no certificate, so the bot's own address passes for one.

    Only that one, and only where the simulator was told of it: any other plain address is refused as LINE refuses it.
    """
    if not public_url or public_url.encode() not in raw:
        return body
    return msgspec.json.decode(raw.replace(f"{public_url}/".encode(), b"https://this.machine/"))


def _target(body: Any) -> Target:
    to = body.get("to") if isinstance(body, dict) else None
    if isinstance(to, list) or (isinstance(to, str) and to.startswith("U")):
        return Target.USER
    return Target.GROUP if isinstance(to, str) else Target.UNKNOWN


def _retry_key_trouble(endpoint: Endpoint, request: web.Request) -> str:
    key = request.headers.get("X-Line-Retry-Key")
    if key is None:
        return ""
    if not endpoint.retry_key:
        return "X-Line-Retry-Key: not allowed for this API"
    return "" if _UUID.fullmatch(key) else "X-Line-Retry-Key: must be a UUID in hexadecimal format"


def _spoil(fault: Fault) -> Answer | None:
    """The answer a fault gives instead of the real one; None where it only delays."""
    if fault.invalid_token:
        return error(401, fault.message or UNAUTHORIZED)
    if fault.quota:
        return error(429, fault.message or MONTHLY)
    if 200 <= fault.status < 300:
        return Answer(fault.status, b"")
    if fault.status:
        return error(fault.status, fault.message or _FAULT_WORDS.get(fault.status, "A fault was switched on"))
    return Answer(500) if fault.reset and fault.stop_after is None else None


def _note(platform: Platform, call: Call) -> None:
    if call.findings:
        platform.calls.with_findings += 1
    platform.stream.tell(
        "call", {"n": call.n, "path": call.path, "status": call.status, "findings": call.findings, "fault": call.fault}
    )
