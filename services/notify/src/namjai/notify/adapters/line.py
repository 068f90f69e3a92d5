"""LINE's send API: line-bot-sdk's asynchronous client, fenced, with every error translated to an outcome."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp

from namjai.notify.adapters.pace import Pace
from namjai.notify.domain import outcome
from namjai.notify.domain.outcome import Outcome
from namjai.notify.domain.split import Message
from namjai.runtime.channel_tokens import Issued, TokenSource
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import BoundedLabel, Metrics
from namjai.runtime.tracing import Tracing, answered

if TYPE_CHECKING:
    from linebot.v3.messaging import AsyncApiClient

REPLY: Final = "/v2/bot/message/reply"
PUSH: Final = "/v2/bot/message/push"
LOADING: Final = "/v2/bot/chat/loading/start"
QUOTA: Final = "/v2/bot/message/quota"
CONSUMPTION: Final = "/v2/bot/message/quota/consumption"
ISSUE: Final = "/oauth2/v3/token"
URGENT_CONNECTIONS: Final = 32
LOADING_WAIT_S: Final = 0.5
REQUEST_ID: Final = "x-line-request-id"
MONTHLY_LIMIT: Final = "monthly limit"
INVALID_TOKEN: Final = "invalid reply token"  # noqa: S105  # LINE's words, not a secret
UNREACHABLE_PERSON: Final = "failed to send messages"
_TAKEN: Final = (outcome.Accepted, outcome.AlreadyAccepted)

_log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class LineLimits:
    """How fast, how many at once, how long. The rates are this process's share of LINE's (2,000/s, loading 100/s)."""

    connections: int
    connect_s: float
    deadline_s: float
    reply_per_s: int
    push_per_s: int
    loading_per_s: int


class Answer(NamedTuple):
    """What LINE said: status 0 when nothing was heard, and then `reason` says why."""

    status: int
    request_id: str | None = None
    body: str = ""
    reason: str = ""
    sent: bool = True


class Quota(NamedTuple):
    """This month's push messages; `limit` is None when unlimited."""

    limit: int | None
    used: int


@asynccontextmanager
async def line_client(host: str, connections: int) -> AsyncIterator[AsyncApiClient]:
    """The SDK's client, one per process, made inside the running loop because it opens its session at once.

    The import takes seconds and 75 MB, so it happens here and in a thread, and nowhere else.
    """
    sdk = await asyncio.to_thread(__import__, "linebot.v3.messaging", fromlist=["AsyncApiClient"])
    configuration = sdk.Configuration(host=host.rstrip("/"), access_token="")
    configuration.connection_pool_maxsize = connections
    client = sdk.AsyncApiClient(configuration)
    try:
        yield client
    finally:
        await client.close()


class LineApi:
    """Calls through the SDK's generic `call_api` with our own dicts as bodies, not through its models.

    Those drop every property they do not know, put a person's words into their exceptions, and refuse a 200 whose body
    they cannot read, after the message was sent (ADR-4).
    """

    def __init__(
        self, client: AsyncApiClient, tokens: TokenSource, limits: LineLimits, metrics: Metrics, tracing: Tracing
    ) -> None:
        self._client = client
        self._tracing = tracing
        self._tokens = tokens
        self._timeout = aiohttp.ClientTimeout(
            total=limits.deadline_s, connect=limits.deadline_s, sock_connect=limits.connect_s
        )
        self._ordinary = asyncio.Semaphore(max(1, limits.connections - URGENT_CONNECTIONS))
        self._paces = {
            REPLY: Pace("reply", limits.reply_per_s, metrics),
            PUSH: Pace("push", limits.push_per_s, metrics),
            LOADING: Pace("loading", limits.loading_per_s, metrics, wait_s_max=LOADING_WAIT_S),
        }
        self._calls = metrics.counter("line_calls", "Calls to LINE, by endpoint and status.", ("endpoint", "status"))
        self._seconds = metrics.histogram("line_call_seconds", "Time until LINE answered.", ("endpoint",))
        self._refused_tokens = metrics.counter("line_token_refused", "401 from LINE that a new token did not mend.")
        self._status = BoundedLabel(40)
        self._silent: str | None = None

    async def reply(self, token: str, messages: Sequence[Message], *, urgent: bool = False) -> Outcome:
        """Send on a reply token: free, once, soon. No retry key: LINE refuses it here."""
        return await self._send(REPLY, {"replyToken": token, "messages": list(messages)}, {}, urgent)

    async def push(self, to: str, messages: Sequence[Message], retry_key: str, *, urgent: bool = False) -> Outcome:
        """Send to an id. The key makes a second try of the same call harmless for 24 hours."""
        body = {"to": to, "messages": list(messages)}
        return await self._send(PUSH, body, {"X-Line-Retry-Key": retry_key}, urgent)

    async def loading(self, to: str, seconds: int) -> Outcome:
        """Show the three dots in a one-to-one chat."""
        return await self._send(LOADING, {"chatId": to, "loadingSeconds": seconds}, {}, urgent=False)

    async def quota(self) -> Quota | None:
        """The month's limit and use; None when LINE did not say."""
        limit, used = await asyncio.gather(self._authorised("GET", QUOTA), self._authorised("GET", CONSUMPTION))
        try:
            allowed, total = json.loads(limit.body), json.loads(used.body)
            return Quota(int(allowed["value"]) if allowed["type"] == "limited" else None, int(total["totalUsage"]))
        except (ValueError, KeyError, TypeError):
            return None

    async def issue_token(self, channel_id: str, channel_secret: str) -> Issued | None:
        """A stateless channel access token (15 min); None when LINE gave none."""
        form = [
            ("grant_type", "client_credentials"),
            ("client_id", channel_id),
            ("client_secret", channel_secret),
        ]
        answer = await self._call("POST", ISSUE, form=form)
        try:
            granted = json.loads(answer.body)
            return Issued(str(granted["access_token"]), float(granted["expires_in"]))
        except (ValueError, KeyError, TypeError):
            return None

    async def check(self) -> None:
        """For readiness: raises when the last call was not answered."""
        if self._silent is not None:
            raise ConnectionError(self._silent)

    async def _send(self, path: str, body: dict[str, Any], headers: dict[str, str], urgent: bool) -> Outcome:
        pace = self._paces[path]
        if not await pace.turn(urgent=urgent):
            return outcome.Unsent(reason="paced")
        if urgent:
            answer = await self._authorised("POST", path, body, headers)
        else:
            async with self._ordinary:
                answer = await self._authorised("POST", path, body, headers)
        result = translate(answer, is_push=path == PUSH)
        if isinstance(result, outcome.RateLimited | outcome.Unauthorised):
            pace.pause()
        elif isinstance(result, _TAKEN):
            pace.taken()
        return result

    async def _authorised(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Call; after a 401 once more with a renewed token, if there is one."""
        token = await self._tokens.current()
        answer = await self._call(method, path, body=body, headers=headers, token=token)
        if answer.status != 401:
            return answer
        if (newer := await self._tokens.renewed(token)) is not None:
            answer = await self._call(method, path, body=body, headers=headers, token=newer)
        if answer.status == 401:
            self._refused_tokens.inc()
            _log.error("line_token_refused", request_id=answer.request_id)
        return answer

    async def _call(
        self,
        method: str,
        path: str,
        *,
        body: dict[str, Any] | None = None,
        form: Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Answer:
        started = perf_counter()
        with self._tracing.client(method, path) as span:
            answer = await self._transfer(method, path, body, form, headers or {}, token)
            answered(span, answer.status, answer.reason)
        seconds = perf_counter() - started
        endpoint = path.rpartition("/")[2]
        label = self._status(str(answer.status) if answer.status else answer.reason)
        self._calls.labels(endpoint, label).inc()
        self._seconds.labels(endpoint).observe(seconds)
        self._silent = None if answer.status else answer.reason
        _log.info("line_call", endpoint=endpoint, status=label, request_id=answer.request_id, ms=round(seconds * 1000))
        return answer

    async def _transfer(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        form: Sequence[tuple[str, str]] | None,
        headers: Mapping[str, str],
        token: str | None,
    ) -> Answer:
        """The only place where the SDK is called, and where its ways of failing end."""
        from linebot.v3.messaging import ApiException  # in memory since `line_client`

        kind = "application/x-www-form-urlencoded" if form else "application/json"
        auth = {"type": "bearer", "in": "header", "key": "Authorization", "value": f"Bearer {token}"}
        try:
            response = await self._client.call_api(
                path,
                method,
                header_params={"Accept": "application/json", "Content-Type": kind, **headers},
                body=body,
                post_params=list(form) if form else None,
                response_types_map={},
                auth_settings=["Bearer"],
                _request_auth=auth,
                _request_timeout=self._timeout,
            )
            return Answer(response.status_code, response.headers.get(REQUEST_ID), _text(response.raw_data))
        except ApiException as refused:
            request_id = refused.headers.get(REQUEST_ID) if refused.headers else None
            return Answer(int(refused.status or 0), request_id, _text(refused.body), reason="api")
        except (UnicodeDecodeError, LookupError) as unreadable:  # answered, in bytes that are no text
            refused_as = unreadable.__context__
            return Answer(int(refused_as.status or 0) if isinstance(refused_as, ApiException) else 200)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as unreachable:
            return Answer(0, reason=type(unreachable).__name__, sent=False)
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            return Answer(0, reason=type(broken).__name__)


def translate(answer: Answer, *, is_push: bool) -> Outcome:
    """LINE's answer as an outcome (LINE §2.2–2.6)."""
    about = {"request_id": answer.request_id}
    said = _message(answer.body)
    match answer.status:
        case 0:
            return outcome.Ambiguous(reason=answer.reason) if answer.sent else outcome.Unsent(reason=answer.reason)
        case status if 200 <= status < 300:
            return outcome.Accepted(**about)
        case 409 if is_push:
            return outcome.AlreadyAccepted(**about)
        case 400 if INVALID_TOKEN in said and not is_push:
            return outcome.TokenInvalid(**about)
        case 429:
            return outcome.QuotaExhausted(**about) if MONTHLY_LIMIT in said else outcome.RateLimited(**about)
        case 401:
            return outcome.Unauthorised(**about)
        case status if status >= 500 or status < 400:
            return outcome.Ambiguous(reason=f"status_{status}", status=status, **about)
        case status:
            return outcome.Refused(status=status, kind=_kind(status, said), **about)


def _kind(status: int, said: str) -> str:
    if status == 400:
        return "unreachable_person" if UNREACHABLE_PERSON in said else "invalid_message"
    return {403: "forbidden", 404: "not_found", 413: "too_large"}.get(status, f"status_{status}")


def _message(body: str) -> str:
    """LINE's `message`, in lower case, for telling refusals apart; never logged, since it may quote what we sent."""
    found = re.search(r'"message"\s*:\s*"((?:[^"\\]|\\.)*)"', body[:4_096])
    return found.group(1).lower() if found else ""


def _text(raw: Any) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw or ""
