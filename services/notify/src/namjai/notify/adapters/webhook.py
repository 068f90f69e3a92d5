"""Staff's other systems, by webhook: our own signed JSON, or the shape of PagerDuty's Events API v2."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from namjai.notify.domain.outcome import Accepted, Ambiguous, Outcome, RateLimited, Refused, Unsent
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.wording import Notice
from namjai.runtime.outside import UNCOUNTED, Outside

SIGNATURE = "X-Namjai-Signature"
IDEMPOTENCY = "Idempotency-Key"


class Webhook:
    """POSTs an alert. Redirects are not followed: an alert goes where it was told to, or counts as failed."""

    def __init__(self, session: aiohttp.ClientSession, deadline_s: float, outside: Outside = UNCOUNTED) -> None:
        self._session = session
        self._outside = outside
        self._timeout = aiohttp.ClientTimeout(total=deadline_s, sock_connect=deadline_s / 2)

    async def tell(self, staff: Staff, notice: Notice, key: str) -> Outcome:
        """Send it; `key` lets the receiver know a second copy."""
        if staff.webhook is None:
            return Refused(status=0, kind="no_address")
        shape = pagerduty if staff.webhook_kind == "pagerduty" else generic
        body = json.dumps(shape(staff, notice), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", IDEMPOTENCY: key}
        if staff.webhook_kind == "generic" and staff.webhook_secret:
            headers[SIGNATURE] = "sha256=" + hmac.new(staff.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        with self._outside.call("webhook") as call:
            outcome = await self._post(staff.webhook, body, headers)
            if not isinstance(outcome, Accepted):
                call.failed(type(outcome).__name__)
        return outcome

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        try:
            async with self._session.post(
                url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                return _answered(response.status)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as away:
            return Unsent(reason=type(away).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            return Ambiguous(reason=type(broken).__name__)
        except ValueError:
            return Refused(status=0, kind="bad_address")


def generic(staff: Staff, notice: Notice) -> dict[str, Any]:
    """Our own shape."""
    return {
        "type": "namjai.alert",
        "alert": notice.alert,
        "reference": notice.reference,
        "level": notice.level,
        "raised_at": notice.raised_at.isoformat(),
        "url": notice.link,
    }


def pagerduty(staff: Staff, notice: Notice) -> dict[str, Any]:
    """Events API v2: the merge key, hashed since it holds a member's id, makes repeats one incident."""
    return {
        "routing_key": staff.webhook_secret or "",
        "event_action": "trigger",
        "dedup_key": hashlib.sha256(notice.merge_key.encode()).hexdigest()[:32],
        "client": "Namjai",
        "client_url": notice.link,
        "payload": {
            "summary": notice.title,
            "source": "namjai",
            "severity": "critical" if notice.level in ("high", "crisis") else "warning",
            "timestamp": notice.raised_at.isoformat(),
            "custom_details": {"reference": notice.reference, "level": notice.level},
        },
    }


def _answered(status: int) -> Outcome:
    if 200 <= status < 300:
        return Accepted()
    if status == 429:
        return RateLimited()
    if status >= 500:
        return Ambiguous(reason=f"status_{status}", status=status)
    return Refused(status=status, kind=f"status_{status}")
