"""What staff and tools may ask of chat over NATS: registration codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec

from namjai.chat.adapters.codes import Codes
from namjai.chat.domain.registering import CODE_CHARS, code_in, shown
from namjai.chat.ports import CodesUnavailable
from namjai.runtime.logs import get_logger
from namjai.runtime.micro import Endpoint, Refused

AWAY: Final[Mapping[type[Exception], str]] = {CodesUnavailable: "the codes cannot be reached now"}
_log = get_logger(__name__)


class NewCode(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`patient` is the clinic's own reference; with `email`, a one-time code goes there before the code counts."""

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    patient: Annotated[str, msgspec.Meta(max_length=64)] = ""
    email: Annotated[str, msgspec.Meta(max_length=254, pattern=r"^$|^[^@\s]+@[^@\s]+$")] = ""
    chars: Annotated[int, msgspec.Meta(ge=CODE_CHARS[0], le=CODE_CHARS[1])] = CODE_CHARS[1]
    days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7


class MadeCode(msgspec.Struct, kw_only=True):
    """Shown once: what is stored cannot give the code back."""

    code: str
    id: str
    until: datetime


class RevokeCode(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A code that is not to be used any more."""

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    code: Annotated[str, msgspec.Meta(max_length=32)]


class Revoked(msgspec.Struct, kw_only=True):
    """Done."""

    code: str


def endpoints(codes: Codes, clock: Callable[[], datetime]) -> Sequence[Endpoint]:
    """`api.chat.codes.new` and `api.chat.codes.revoke`."""

    async def new(asked: NewCode) -> MadeCode:
        life = timedelta(days=asked.days)
        code, made = await codes.new(patient=asked.patient, email=asked.email, chars=asked.chars, life=life)
        _log.info("code_made", code_id=made, by=asked.by)
        return MadeCode(code=shown(code), id=made, until=clock() + life)

    async def revoke(asked: RevokeCode) -> Revoked:
        code = code_in(asked.code)
        if code is None or not await codes.revoke(code):
            raise Refused(404, "there is no such code that could still be used")
        _log.info("code_revoked", by=asked.by)
        return Revoked(code=shown(code))

    return (Endpoint("codes.new", NewCode, MadeCode, new), Endpoint("codes.revoke", RevokeCode, Revoked, revoke))
