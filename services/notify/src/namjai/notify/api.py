"""What staff asks of the alert inbox: `api.notify.alerts.<verb>`, each a check against the log and a fact in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from namjai.notify.domain import command as staff
from namjai.notify.domain.command import AlertName, Command, NotPossible
from namjai.notify.domain.inbox import Alert, rank
from namjai.notify.domain.sla import figures
from namjai.notify.domain.view import AlertView, view
from namjai.notify.dossier import Dossiers
from namjai.notify.inbox_words import Dossier, ListAnswer, ListRequest, SlaAnswer, SlaRequest
from namjai.notify.room import Room
from namjai.runtime.errors import Reject
from namjai.runtime.micro import Endpoint, Refused

COMMANDS: Final[Mapping[str, type[Command]]] = {
    "claim": staff.Claim,
    "acknowledge": staff.Acknowledge,
    "note": staff.Note,
    "handover": staff.HandOver,
    "takeover": staff.TakeOver,
    "say": staff.Say,
    "handback": staff.HandBack,
    "contacted": staff.Contacted,
    "resolve": staff.Resolve,
    "reopen": staff.Reopen,
    "correct": staff.Correct,
    "silence": staff.Silence,
    "unsilence": staff.Unsilence,
}
"""The commands by their verb. Each answers with the alert as it is then."""


class InboxApi:
    """The answers. A refusal says what to do instead: 400 the request, 404 no such alert, 409 not in this state."""

    def __init__(self, room: Room, dossiers: Dossiers) -> None:
        self._room = room
        self._dossiers = dossiers

    def endpoints(self) -> Sequence[Endpoint]:
        """All of them."""
        commands = [Endpoint(f"alerts.{verb}", kind, AlertView, self._carry_out) for verb, kind in COMMANDS.items()]
        return [
            Endpoint("alerts.list", ListRequest, ListAnswer, self.list),
            Endpoint("alerts.show", staff.Look, Dossier, self.show),
            Endpoint("alerts.sla", SlaRequest, SlaAnswer, self.sla),
            *commands,
        ]

    async def list(self, asked: ListRequest) -> ListAnswer:
        """Most urgent first: the gravest, then those without an owner, then the oldest."""
        now = self._room.clock()
        await self._room.board.refresh(now)
        found = [alert for alert in self._room.board.alerts() if _matches(alert, asked)]
        found.sort(key=lambda alert: (-rank(alert.level), alert.owner is not None, alert.received_at))
        rules = self._room.roster.rules()
        views = [view(alert, self._room.board.inbox(alert.member), rules, now) for alert in found[: asked.limit]]
        return ListAnswer(alerts=views, total=len(found))

    async def show(self, asked: staff.Look) -> Dossier:
        """Everything that helps to judge it. The look is on record before a word is shown."""
        alert = await self._find(asked.alert)
        await self._obey(asked, alert)
        return await self._dossiers.of(alert.member, alert.id)

    async def sla(self, asked: SlaRequest) -> SlaAnswer:
        """How long people waited for a human word."""
        now = self._room.clock()
        await self._room.board.refresh(now)
        since = now - timedelta(days=asked.days)
        recent = [alert for alert in self._room.board.alerts() if alert.received_at >= since]
        return SlaAnswer(days=asked.days, levels=figures(recent, now))

    async def _carry_out(self, asked: Command) -> AlertView:
        alert = await self._obey(asked, await self._find(asked.alert))
        inbox = self._room.board.inbox(alert.member)
        return view(alert, inbox, self._room.roster.rules(), self._room.clock())

    async def _obey(self, asked: Command, alert: Alert) -> Alert:
        for name in (asked.by, getattr(asked, "to", asked.by)):
            if self._room.roster.staff(name) is None:
                raise Refused(403, "there is no member of staff with that name; see `namjai oncall show`")
        heir = self._room.roster.staff(asked.to) if isinstance(asked, staff.HandOver) else None
        if heir is not None and not heir.active:
            raise Refused(409, f"{heir.name} is away; hand it over to somebody who is there")
        try:
            return await self._room.casework.command(alert.member, asked, alert.id, request=asked.request)
        except NotPossible as no:
            raise Refused(409, str(no)) from None
        except Reject:
            raise Refused(410, "the person was erased; nothing about them can be written any more") from None

    async def _find(self, name: AlertName) -> Alert:
        await self._room.board.refresh(self._room.clock())
        found = self._room.board.find(name)
        if not found:
            raise Refused(404, "there is no such alert; see `namjai alerts list --all`")
        if len(found) > 1:
            raise Refused(409, "several alerts begin so; give more of the id")
        return found[0]


def _matches(alert: Alert, asked: ListRequest) -> bool:
    state = alert.is_open if asked.state == "open" else asked.state in ("all", alert.status)
    level = asked.level is None or rank(alert.level) >= rank(asked.level)
    return state and level and asked.owner in (None, alert.owner)
