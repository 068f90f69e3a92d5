"""The one whom a person named: written to without a word of what was said, or else staff knows that it must call."""

from __future__ import annotations

from namjai.devkit.line.state.faults import Fault
from namjai.events import Sealed
from namjai.events.alert import AlertContactTold, AlertEscalated
from namjai.events.conversation import ContactRequested
from namjai.events.member import ContactNamed, MemberConsented
from tests.integration.notify.conftest import AtWork, Line, Office
from tests.integration.notify.kit import happened, raised, staffroom

LEK = "lek@home.example"


async def test_the_contact_is_written_to_and_learns_nothing_of_what_was_said(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    await happened(office, member, _named("old@home.example"), _named(LEK), _consent(granted=True), source="chat")
    async with staffroom(office, at_work, smtp_url=f"smtp://127.0.0.1:{line.simulator.smtp_port}") as room:
        alert = await raised(office, member, level="crisis")
        await office.said(member, AlertEscalated)
        await happened(office, member, ContactRequested(basis="consent"), source="chat")
        [told] = await office.said(member, AlertContactTold)
        shown = await room.ask("show", alert, by="ploy")
    [letter] = line.simulator.platform.mailbox.letters
    assert (told.alert, told.basis, told.channel) == (alert.id, "consent", "email")
    assert letter.to == [LEK]
    for secret in (member, "suicide", "crisis", alert.id, alert.id[:8]):
        assert secret not in letter.text + letter.subject
    assert ("contact_told", "basis=consent channel=email") in {
        (step["what"], " ".join(sorted(step["detail"].split()))) for step in shown["history"]
    }


async def test_where_no_mail_can_go_it_is_on_record_that_staff_has_to_call(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    unnamed, telephone, refused, erased = (f"{member}{each}" for each in "abcd")
    await happened(office, telephone, ContactNamed(name=Sealed("Lek"), telephone=Sealed("+66 2")), source="chat")
    await happened(office, refused, _named(LEK), source="chat")
    await happened(office, erased, _named(LEK), source="chat")
    await office.journal.keyring.destroy(erased)
    line.faults(Fault(path="smtp", status=550))
    async with staffroom(office, at_work, smtp_url=f"smtp://127.0.0.1:{line.simulator.smtp_port}"):
        found = {}
        for each in (unnamed, telephone, refused, erased):
            await happened(office, each, ContactRequested(basis="policy"), source="chat")
            [told] = await office.said(each, AlertContactTold)
            found[each] = (told.alert, told.basis, told.channel, told.reason)
    assert found == {
        unnamed: (None, "policy", "none", "no contact named"),
        telephone: (None, "policy", "none", "no address"),
        refused: (None, "policy", "none", "Refused"),
        erased: (None, "policy", "none", "no address"),
    }
    assert not line.simulator.platform.mailbox.letters


async def test_without_a_mail_server_staff_has_to_call(office: Office, at_work: AtWork, member: str) -> None:
    await happened(office, member, _named(LEK), _consent(granted=True), source="chat")
    async with staffroom(office, at_work):
        await happened(office, member, ContactRequested(basis="consent"), source="chat")
        [told] = await office.said(member, AlertContactTold)
    assert (told.channel, told.reason) == ("none", "no mail server")


async def test_a_consent_that_was_withdrawn_holds_no_longer(office: Office, at_work: AtWork, member: str) -> None:
    await happened(office, member, _named(LEK), _consent(granted=True), _consent(granted=False), source="chat")
    async with staffroom(office, at_work):
        await happened(office, member, ContactRequested(basis="consent"), source="chat")
        [told] = await office.said(member, AlertContactTold)
    assert (told.channel, told.reason) == ("none", "no consent")


def _consent(*, granted: bool) -> MemberConsented:
    return MemberConsented(purpose="contact", granted=granted, text_version="t")


def _named(email: str) -> ContactNamed:
    return ContactNamed(name=Sealed("Lek"), email=Sealed(email))
