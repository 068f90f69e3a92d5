"""What an HTTP status of a model's endpoint means to us."""

from __future__ import annotations

from namjai.risk.ports import OpinionFailure


def failure(status: int) -> OpinionFailure:
    """`denied` is ours to mend (key, model name); `refused` is about this one request."""
    if status in (401, 403, 404):
        return "denied"
    if status == 429:
        return "quota"
    return "server" if status >= 500 or status == 408 else "refused"
