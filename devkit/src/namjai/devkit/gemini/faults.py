"""What can go wrong with Gemini, each as it was seen to go wrong."""

from collections.abc import Sequence
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from namjai.devkit.gemini.schema import misfit


class Kind(Enum):
    """The kinds of fault. The first group fails, the second answers 200 with less than was hoped for."""

    NONE = "none"  # only delay_ms
    RATE_PER_MINUTE = "rate_per_minute"
    RATE_PER_DAY = "rate_per_day"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    DEADLINE = "deadline"
    BAD_GATEWAY_HTML = "bad_gateway_html"
    RESET = "reset"
    CUT = "cut"  # half of the body, then nothing
    STALL = "stall"  # nothing at all, until the caller gives up

    OK_HTML = "ok_html"
    OK_EMPTY = "ok_empty"
    NO_CANDIDATES = "no_candidates"
    PROMPT_BLOCKED = "prompt_blocked"
    SAFETY = "safety"
    MAX_TOKENS = "max_tokens"
    EMPTY_PARTS = "empty_parts"
    THOUGHTS_ONLY = "thoughts_only"
    OTHER = "other"
    UNKNOWN_FINISH = "unknown_finish"
    BROKEN_JSON = "broken_json"
    HALF_JSON = "half_json"
    WRONG_CHOICE = "wrong_choice"
    THOUGHTS_FIRST = "thoughts_first"
    STREAM_BREAKS = "stream_breaks"


class Fault(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A rule: what goes wrong, for which calls (glob over `model:method`), how often."""

    kind: Kind = Kind.NONE
    path: str = "*"
    delay_ms: int = 0
    times: int | None = None
    hits: int = 0


class Faults:
    """The rules in force; the first that fits is used."""

    RULES_MAX = 100

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def replace(self, rules: Sequence[Fault]) -> None:
        self.rules = list(rules)[: self.RULES_MAX]

    def hit(self, path: str) -> Fault | None:
        for rule in self.rules:
            if (rule.times is None or rule.hits < rule.times) and fnmatchcase(path, rule.path):
                rule.hits += 1
                return rule
        return None


def error(code: int, status: str, message: str, *details: dict[str, Any]) -> dict[str, Any]:
    """Google's error body."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    return {"error": {**body, "details": list(details)} if details else body}


def _quota(per: str) -> dict[str, Any]:
    quota = {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
            {
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
                "quotaId": f"GenerateRequestsPer{per}PerProjectPerModel",
            }
        ],
    }
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}
    message = "You exceeded your current quota, please check your plan and billing details."
    return error(429, "RESOURCE_EXHAUSTED", message, quota, retry)


FAILURES: dict[Kind, dict[str, Any]] = {
    Kind.RATE_PER_MINUTE: _quota("Minute"),
    Kind.RATE_PER_DAY: _quota("Day"),
    Kind.INTERNAL: error(500, "INTERNAL", "An internal error has occurred."),
    Kind.UNAVAILABLE: error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    Kind.DEADLINE: error(504, "DEADLINE_EXCEEDED", "The request timed out."),
}
HTML = b"<!doctype html><title>502</title><p>The server encountered a temporary error."


def spoil(kind: Kind, answer: dict[str, Any], schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """A whole answer, made into the poorer one of a fault that answers 200."""
    rest = {name: value for name, value in answer.items() if name != "candidates"}
    candidate = (answer.get("candidates") or [{}])[0]  # a scripted answer may have none
    parts = (candidate.get("content") or {}).get("parts") or []
    text = "".join(part.get("text", "") for part in parts)

    def ended(reason: str, *parts: dict[str, Any], content: bool = True) -> dict[str, Any]:
        shape = {"content": {"role": "model", "parts": list(parts)}} if content else {}
        return {**rest, "candidates": [{**shape, "finishReason": reason, "index": 0}]}

    match kind:
        case Kind.NO_CANDIDATES:
            return rest
        case Kind.PROMPT_BLOCKED:
            return {**rest, "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
        case Kind.SAFETY:
            return ended("SAFETY", content=False)
        case Kind.MAX_TOKENS:
            return ended("MAX_TOKENS", content=False)
        case Kind.EMPTY_PARTS:
            return ended("STOP")
        case Kind.THOUGHTS_ONLY:
            return ended("STOP", {"text": "I wonder what to say.", "thought": True})
        case Kind.OTHER:
            return ended("OTHER", content=False)
        case Kind.UNKNOWN_FINISH:
            return ended("A_REASON_OF_TOMORROW", {"text": text})
        case Kind.THOUGHTS_FIRST:
            return ended("STOP", {"text": "I wonder what to say.", "thought": True}, *parts)
        case Kind.BROKEN_JSON:
            return ended("STOP", {"text": (text or '{"a": 1}')[:-1]})
        case Kind.HALF_JSON:
            return ended("STOP", {"text": text[: len(text) // 2]})
        case Kind.WRONG_CHOICE:
            return ended("STOP", {"text": _misfitting(text, schema or {})})
    return answer


def _misfitting(text: str, schema: dict[str, Any]) -> str:
    try:
        return msgspec.json.encode(misfit(schema, msgspec.json.decode(text))).decode()
    except msgspec.DecodeError:
        return text
