"""Staff's LINE: they are LINE users too, and the push that reaches them is retried without harm."""

from __future__ import annotations

from namjai.notify.domain.outcome import Outcome, Refused
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.wording import Notice
from namjai.notify.ports import Line


class StaffLine:
    """The alert as a push message with buttons."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def tell(self, staff: Staff, notice: Notice, key: str) -> Outcome:
        """Push it; our own limits do not hold an alert back."""
        if staff.line_user is None:
            return Refused(status=0, kind="no_address")
        return await self._line.push(staff.line_user, [notice.card], key, urgent=True)
