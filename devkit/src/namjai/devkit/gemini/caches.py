"""Cached contents: created, looked up, prolonged, deleted."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from namjai.devkit.gemini import wire
from namjai.devkit.gemini.faults import error
from namjai.devkit.line.state.bounded import Bounded

TTL_S = 3_600.0
TOKENS_MIN = 4_096  # of Gemini 3
_NOT_FOUND = error(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)")


class Caches:
    """The last hundred caches; they are kept until deleted, expired or pushed out."""

    def __init__(self) -> None:
        self._caches: Bounded[dict[str, Any]] = Bounded(100)
        self._numbers = itertools.count(1)

    def get(self, name: str) -> dict[str, Any] | None:
        found = self._caches.get(name)
        if found and datetime.fromisoformat(found["expireTime"]) < datetime.now(UTC):
            return None
        return found

    def handle(self, method: str, name: str | None, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """One call of the cachedContents collection: status and body."""
        if name is None:
            return self._create(body)
        found = self.get(f"cachedContents/{name}")
        if found is None:
            return 403, _NOT_FOUND
        match method:
            case "GET":
                return 200, _told(found)
            case "PATCH":
                found["expireTime"] = _expiry(body)
                return 200, _told(found)
            case "DELETE":
                self._caches.drop(found["name"])
                return 200, {}
        return 404, error(404, "NOT_FOUND", "no such method")

    def _create(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            tokens = wire.token_count(wire.contents(body)) if body.get("contents") else 0
        except wire.Malformed as wrong:
            return 400, error(400, "INVALID_ARGUMENT", str(wrong))
        instruction = body.get("systemInstruction") or {}
        tokens += wire.token_count([instruction]) if instruction.get("parts") else 0
        if tokens < TOKENS_MIN:
            small = f"Cached content is too small. total_token_count={tokens}, min_total_token_count={TOKENS_MIN}"
            return 400, error(400, "INVALID_ARGUMENT", small)
        made = {
            "name": f"cachedContents/fake{next(self._numbers)}",
            "model": body.get("model", ""),
            "createTime": _written(datetime.now(UTC)),
            "updateTime": _written(datetime.now(UTC)),
            "expireTime": _expiry(body),
            "usageMetadata": {"totalTokenCount": tokens},
        }
        self._caches.put(str(made["name"]), {**made, "systemInstruction": instruction})
        return 200, made


def _told(kept: dict[str, Any]) -> dict[str, Any]:
    """Without what was put in, as Google tells it."""
    return {name: value for name, value in kept.items() if name != "systemInstruction"}


def _expiry(body: dict[str, Any]) -> str:
    if isinstance(body.get("expireTime"), str):
        return str(body["expireTime"])
    ttl = str(body.get("ttl") or "").removesuffix("s")
    seconds = float(ttl) if ttl.replace(".", "", 1).isdecimal() else TTL_S
    return _written(datetime.now(UTC) + timedelta(seconds=seconds))


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
