"""Takes what is personal or secret out of text and fields before they are logged: the one list of what may not."""

import hashlib
import re
import traceback
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

REDACTED = "[redacted]"
MESSAGE_CHARS_MAX = 300
FRAMES_MAX = 30
DEPTH_MAX = 4
FINGERPRINT_CHARS = 12
OURS = "/namjai/"

# Field names that carry words of a person, an address on LINE, or a secret. Compared in lower case without separators.
DENIED = frozenset(
    (
        *("text", "body", "content", "message", "displayname", "phone", "email", "address"),
        *("userid", "lineid", "lineuserid", "replytoken", "token", "accesstoken", "channelaccesstoken"),
        *("secret", "channelsecret", "password", "apikey", "dsn"),
        *("authorization", "cookie", "signature", "xlinesignature"),
    )
)
_SEPARATORS = re.compile(r"[-_. ]")
_LINE_ID = re.compile(r"\b[UCR][0-9a-f]{32}\b")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_URL_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s@/]+@")
_QUOTED_WORDS = re.compile(r"'[^']*\s[^']*'|\"[^\"]*\s[^\"]*\"")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+(?:[\s\d.,!?-]*[^\x00-\x7f]+)*")


def is_denied(key: str) -> bool:
    """Whether a field of this name is dropped whatever it holds."""
    return _SEPARATORS.sub("", key.lower()) in DENIED


def mask(text: str) -> str:
    """Mask LINE ids, credentials and passwords in URLs, wherever they stand in a text of ours."""
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", text)
    return _BEARER.sub(rf"\1 {REDACTED}", _LINE_ID.sub(REDACTED, text))


def mask_foreign(text: str) -> str:
    """Mask a text that others wrote (an exception's, a library's): also quoted words and anything not ASCII.

    Libraries speak ASCII and quote what they choke on, so `invalid literal for int(): 'I want to …'` and every run of
    Thai or Chinese is taken for somebody's words. Only the first line is kept: databases put values on the second.
    """
    line = text.partition("\n")[0][: 4 * MESSAGE_CHARS_MAX]
    return _NOT_ASCII.sub(REDACTED, _QUOTED_WORDS.sub(REDACTED, mask(line)))[:MESSAGE_CHARS_MAX]


def clean(value: Any, depth: int = 0) -> Any:
    """A copy of a log field that is safe to write; unknown objects become their type's name, never their repr."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return mask(value)
        case BaseException():
            return f"{type(value).__name__}: {mask_foreign(str(value))}"
        case Mapping() if depth < DEPTH_MAX:
            return {str(k): REDACTED if is_denied(str(k)) else clean(v, depth + 1) for k, v in value.items()}
        case list() | tuple() | set() | frozenset() if depth < DEPTH_MAX:
            return [clean(item, depth + 1) for item in value]
        case _:
            return f"<{type(value).__name__}>"


def faults(error: ValidationError) -> list[str]:
    """Where a value was refused and by which rule, without the value."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in found[:FRAMES_MAX]]


def fingerprint(error: BaseException) -> str:
    """Equal for the same failure in the same function, whatever the data was and wherever the line has moved.

    The function is the innermost one of ours: where a library fails us, it matters what we asked of it. Of a group it
    is that of what is in it, however many.
    """
    if isinstance(error, BaseExceptionGroup):
        what = "|".join(sorted({fingerprint(each) for each in error.exceptions}))
    else:
        stack = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in stack if OURS in frame.filename] or list(stack)
        where = f"{ours[-1].filename.rpartition(OURS)[2]} {ours[-1].name}" if ours else ""
        cause = type(error.__cause__).__name__ if error.__cause__ is not None else ""
        what = f"{type(error).__name__}|{cause}|{where}"
    return hashlib.sha256(what.encode()).hexdigest()[:FINGERPRINT_CHARS]


def describe(error: BaseException) -> dict[str, Any]:
    """What may be logged of an exception: type, masked message, frames without source or locals, and a fingerprint."""
    stack = traceback.extract_tb(error.__traceback__, limit=-FRAMES_MAX)
    frames = [f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in stack]
    chain = [type(error).__name__]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None and len(chain) < DEPTH_MAX:
        chain.append(f"{type(cause).__name__}: {mask_foreign(str(cause))}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    described: dict[str, Any] = {
        "error": type(error).__name__,
        "error_message": mask_foreign(str(error)),
        "fingerprint": fingerprint(error),
        "frames": frames,
    }
    if len(chain) > 1:
        described["caused_by"] = chain[1:]
    if isinstance(error, ValidationError):
        described["faults"] = faults(error)
    if isinstance(error, BaseExceptionGroup):
        described["errors"] = [describe(each) for each in error.exceptions[:DEPTH_MAX]]
    return described
