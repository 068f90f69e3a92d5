"""What an HTTP status of a model's endpoint means to us."""

from __future__ import annotations

from namjai.chat.ports import ModelFailure


def failure(status: int) -> ModelFailure:
    """`denied` is ours to mend (key, model name); `refused` is about this one request."""
    match status:
        case 401 | 403 | 404:
            return "denied"
        case 429:
            return "quota"
        case 408:
            return "server"
        case _ if status >= 500:
            return "server"
        case _:
            return "refused"
