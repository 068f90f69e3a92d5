"""What a mail server says of a recipient: later, or never; and what is no address at all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from namjai.notify.adapters.mail import Mail
from namjai.notify.domain.mail_server import MailServer
from namjai.notify.domain.outcome import Outcome, Refused, Unsent

AT = datetime(2026, 3, 4, tzinfo=UTC)


class Doorman:
    """A mail server that has one answer to every recipient."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, _server: SMTP, _session: Session, _envelope: Envelope, _address: str, _options: list[str]
    ) -> str:
        return self._answer


async def _outcome(answer: str, to: str = "ploy@clinic.example") -> Outcome:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Doorman(answer), hostname="local"), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        mail = Mail(MailServer("127.0.0.1", port, False, False, None, None), "Namjai <a@b.example>", 2.0)
        return await mail.send(to, "subject", "text", "key", AT)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("450 greylisted, try again later", Unsent(reason="smtp_450")),
        ("550 no such user here", Refused(status=550, kind="recipient_refused")),
    ],
)
async def test_a_recipient_is_put_off_or_refused(answer: str, expected: Outcome) -> None:
    assert await _outcome(answer) == expected


@pytest.mark.parametrize("to", ["no address", "a@b@c", "", "a@b.example\nBcc: c@d.example", "สมชาย@b.example"])
async def test_what_is_no_address_never_leaves(to: str) -> None:
    assert await _outcome("250 OK", to) == Refused(status=0, kind="recipient_refused")
