"""Letters, by SMTP: alerts to staff, and what people asked to have sent."""

from __future__ import annotations

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import aiosmtplib

from namjai.notify.domain.mail_server import MailServer
from namjai.notify.domain.outcome import Accepted, Ambiguous, Outcome, Refused, Unsent
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.wording import Notice
from namjai.runtime.outside import UNCOUNTED, Outside

NO_SUCH_ADDRESS: Final = "recipient_refused"


class Mail:
    """One connection a mail: they are rare, and a connection that is kept open is dead when it is needed."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        deadline_s: float,
        *,
        reply_to: str | None = None,
        outside: Outside = UNCOUNTED,
    ) -> None:
        self._outside = outside
        self._server = server
        self._sender = sender
        self._deadline_s = deadline_s
        self._reply_to = reply_to

    async def tell(self, staff: Staff, notice: Notice, key: str) -> Outcome:
        """The alert as a letter to a member of staff."""
        if staff.email is None:
            return Refused(status=0, kind="no_address")
        return await self.send(staff.email, notice.title, notice.text, key, notice.raised_at)

    async def send(
        self, to: str, subject: str, text: str, key: str, at: datetime, *, html: str | None = None, urgent: bool = True
    ) -> Outcome:
        """Hand it in. The Message-ID is the same at every try, so that a second copy is known as one."""
        try:
            message = self._message(to, subject, text, key, at)
        except (ValueError, IndexError, HeaderParseError):  # what the standard library says of a bad address
            return Refused(status=0, kind=NO_SUCH_ADDRESS)
        if html is not None:
            message.add_alternative(html, subtype="html")
        if urgent:
            message["X-Priority"] = "1"
        with self._outside.call("mail") as call:
            outcome = await self._hand_in(message)
            if not isinstance(outcome, Accepted):
                call.failed(type(outcome).__name__)
        return outcome

    async def _hand_in(self, message: EmailMessage) -> Outcome:
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls,
                start_tls=server.start_tls,
                timeout=self._deadline_s,
            )
        except aiosmtplib.SMTPResponseException as refused:
            return _answered(refused.code)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _recipient(refused)
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError) as away:
            return Unsent(reason=type(away).__name__)
        except (aiosmtplib.SMTPException, TimeoutError, OSError) as broken:
            return Ambiguous(reason=type(broken).__name__)
        return Accepted()

    def _message(self, to: str, subject: str, text: str, key: str, at: datetime) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = Address(addr_spec=to)
        if self._reply_to is not None:
            message["Reply-To"] = self._reply_to
        message["Subject"] = " ".join(subject.split())  # a line break would begin another header
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{key}@{self._sender.rpartition('@')[2].rstrip('>') or 'namjai'}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message


def _recipient(refused: aiosmtplib.SMTPRecipientsRefused) -> Outcome:
    """A 4xx means later: many servers put off a stranger's first letter (greylisting)."""
    code = refused.recipients[0].code if refused.recipients else 550
    return Refused(status=code, kind=NO_SUCH_ADDRESS) if code >= 500 else Unsent(reason=f"smtp_{code}")


def _answered(code: int) -> Outcome:
    if 400 <= code < 500:
        return Unsent(reason=f"smtp_{code}")
    return Refused(status=code, kind=f"smtp_{code}")
