"""Every API call received, as a ring: the last hundred thousand, or fewer if their bodies are large."""

from collections import deque
from itertools import islice

import msgspec


class Call(msgspec.Struct, kw_only=True):
    """One call, the answer it got, and what was wrong with it."""

    n: int
    time: int  # ms since 1970
    method: str
    host: str  # the LINE host being played
    path: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    findings: list[str] = msgspec.field(default_factory=list)
    request_id: str = ""
    fault: bool = False  # the answer was made up by a switched-on fault
    ms: float = 0.0
    sent: int = 0  # bytes of the answer's body that went out


class CallView(msgspec.Struct, kw_only=True, rename={"request_id": "requestId"}):
    """A call as `/_sim/calls` tells it: the body as JSON where it is JSON, as text where it is that, else its size."""

    n: int
    time: int
    method: str
    host: str
    path: str
    headers: dict[str, str]
    body: msgspec.Raw | str | None
    status: int
    findings: list[str]
    request_id: str
    fault: bool
    ms: float
    sent: int


def view(call: Call) -> CallView:
    return CallView(
        n=call.n,
        time=call.time,
        method=call.method,
        host=call.host,
        path=call.path,
        headers=call.headers,
        body=_readable(call.body),
        status=call.status,
        findings=call.findings,
        request_id=call.request_id,
        fault=call.fault,
        ms=call.ms,
        sent=call.sent,
    )


def _readable(body: bytes) -> msgspec.Raw | str | None:
    if not body:
        return None
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _text(body)
    return msgspec.Raw(body)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes)"


class Calls:
    """The ring."""

    def __init__(self, calls_max: int, body_bytes_max: int) -> None:
        self._ring: deque[Call] = deque()
        self._calls_max = calls_max
        self._body_bytes_max = body_bytes_max
        self._body_bytes = 0
        self.count = 0
        self.with_findings = 0

    def start(self, *, time_ms: int, method: str, host: str, path: str, headers: dict[str, str], body: bytes) -> Call:
        self.count += 1
        call = Call(n=self.count, time=time_ms, method=method, host=host, path=path, headers=headers, body=body)
        self._ring.append(call)
        self._body_bytes += len(body)
        while len(self._ring) > self._calls_max or self._body_bytes > self._body_bytes_max:
            self._body_bytes -= len(self._ring.popleft().body)
        return call

    def since(self, n: int, limit: int) -> list[Call]:
        """Calls after number `n`, oldest first; status 0 means that the call is still being answered."""
        first = self._ring[0].n if self._ring else 0
        start = max(0, n + 1 - first)
        return list(islice(self._ring, start, start + limit))
