"""Letters that people asked for: sent once, put off while the server is away, and never a word of them in our logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from namjai.devkit.line.state.faults import Fault
from namjai.devkit.mail import Letter
from namjai.events import Envelope, Fact, Sealed, begin
from namjai.events.mail import MailFailed, MailRequested, MailSent
from namjai.notify.letters import message_key
from tests.integration.notify.conftest import AtWork, Line, Office

TO = "somchai@home.example"
HTML = "<h1>เหล้า</h1><p>ข้อมูลสุขภาพ</p>"


async def _request(office: Office, member: str, n: int = 0, **more: Any) -> Envelope[Fact]:
    now = datetime.now(UTC)
    fact = MailRequested(
        kind="leaflet",
        to=Sealed(more.pop("to", TO)),
        subject=Sealed(more.pop("subject", "ข้อมูลสุขภาพ: เหล้า")),
        text=Sealed("ดื่มน้อยลงก็ดีขึ้น"),
        html=Sealed(HTML),
        language="th",
        until=now + timedelta(seconds=more.pop("until_s", 600)),
    )
    event = begin(fact, source="chat", cause=f"{member}-{n}", member=member, time=now)
    await office.journal.append([event])
    return event


def _letters(line: Line) -> list[Letter]:
    return list(line.simulator.platform.mailbox.letters)


def _smtp(line: Line) -> str:
    return f"smtp://127.0.0.1:{line.simulator.smtp_port}"


async def test_a_leaflet_arrives_whole_and_that_is_on_record(
    office: Office, line: Line, at_work: AtWork, member: str, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = await _request(office, member)
    async with at_work(
        smtp_url=_smtp(line), smtp_sender="Clinic <care@clinic.example>", smtp_reply_to="desk@c.example"
    ):
        [sent] = await office.said(member, MailSent)
    [letter] = _letters(line)
    assert (sent.request, sent.kind) == (asked.id, "leaflet")
    assert (letter.to, letter.subject, letter.text.strip(), letter.html.strip()) == (
        [TO],
        "ข้อมูลสุขภาพ: เหล้า",
        "ดื่มน้อยลงก็ดีขึ้น",
        HTML,
    )
    assert letter.headers["From"] == "Clinic <care@clinic.example>"
    assert letter.headers["Reply-To"] == "desk@c.example"
    assert letter.headers["Message-ID"] == f"<{message_key(asked.id)}@clinic.example>"
    assert "X-Priority" not in letter.headers
    ours = [
        line for line in "".join(capfd.readouterr()).splitlines() if '"logger":"mail.log"' not in line
    ]  # the sink's
    logged = "\n".join(ours)
    assert logged
    for secret in ("somchai", "home.example", "เหล้า", "ดื่มน้อยลง"):
        assert secret not in logged


async def test_without_a_mail_server_it_is_said_at_once(office: Office, at_work: AtWork, member: str) -> None:
    await _request(office, member)
    async with at_work():
        [failed] = await office.said(member, MailFailed)
    assert failed.reason == "off"


async def test_what_a_server_refuses_for_good_is_not_tried_again(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path="smtp", status=550))
    await _request(office, member)
    await _request(office, member, 1, to="no address at all")
    async with at_work(smtp_url=_smtp(line)):
        failed = await office.said(member, MailFailed, 2)
    assert {each.reason for each in failed} == {"refused", "address"}
    assert not _letters(line)


async def test_what_is_too_late_is_not_sent(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    await _request(office, member, until_s=-1)
    async with at_work(smtp_url=_smtp(line)):
        [failed] = await office.said(member, MailFailed)
    assert failed.reason == "expired"
    assert not _letters(line)


async def test_a_server_that_puts_off_a_letter_gets_it_again_under_the_same_id(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    line.faults(Fault(path="smtp", status=451, times=1))
    asked = await _request(office, member)
    async with at_work(smtp_url=_smtp(line)):
        await office.said(member, MailSent)
    [letter] = _letters(line)
    assert message_key(asked.id) in letter.headers["Message-ID"]


async def test_a_server_that_stays_away_ends_in_a_word_about_it(office: Office, at_work: AtWork, member: str) -> None:
    await _request(office, member, until_s=2)
    async with at_work(smtp_url="smtp://127.0.0.1:1"):
        [failed] = await office.said(member, MailFailed)
    assert failed.reason == "unreachable"


async def test_a_restart_sends_nothing_twice(office: Office, line: Line, at_work: AtWork, member: str) -> None:
    await _request(office, member)
    async with at_work(smtp_url=_smtp(line)):
        await office.said(member, MailSent)
    await office.nc.jetstream().delete_consumer("EVENTS", "notify-mail")  # as if the log had been restored
    await _request(office, member, 1)
    async with at_work(smtp_url=_smtp(line)):
        await office.said(member, MailSent, 2)
    assert len(_letters(line)) == 2


async def test_one_address_gets_so_many_letters_a_day_whoever_asks(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    for n in range(3):
        await _request(office, f"{member}{n}", to=TO.title())
    async with at_work(smtp_url=_smtp(line), mails_per_address_per_day=2):
        await line.until(lambda: len(_letters(line)) == 2)
        ends = [await office.facts(f"{member}{n}", "mail", 1) for n in range(3)]
    assert sorted(type(end[0]).__name__ for end in ends) == ["MailFailed", "MailSent", "MailSent"]


async def test_nobody_is_written_to_for_somebody_who_was_erased(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    await _request(office, member)
    await office.journal.keyring.destroy(member)
    await _request(office, f"{member}b")
    async with at_work(smtp_url=_smtp(line)):
        await office.said(f"{member}b", MailSent)
    assert len(_letters(line)) == 1


async def test_a_line_break_in_a_subject_begins_no_header(
    office: Office, line: Line, at_work: AtWork, member: str
) -> None:
    await _request(office, member, subject="Leaflet\r\nBcc: everybody@example.org")
    async with at_work(smtp_url=_smtp(line)):
        await office.said(member, MailSent)
    [letter] = _letters(line)
    assert letter.to == [TO]
    assert "Bcc" not in letter.headers
