"""Staff's mailbox, by SMTP."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from namjai.notify.domain.mail_server import MailServer
from namjai.notify.domain.outcome import Accepted, Ambiguous, Outcome, Refused, Unsent
from namjai.notify.domain.roster import Staff
from namjai.notify.domain.wording import Notice


class Mail:
    """One connection a mail: alerts are rare, and a connection that is kept open is dead when it is needed."""

    def __init__(self, server: MailServer, sender: str, deadline_s: float) -> None:
        self._server = server
        self._sender = sender
        self._deadline_s = deadline_s

    async def tell(self, staff: Staff, notice: Notice, key: str) -> Outcome:
        """The alert as a letter to a member of staff."""
        if staff.email is None:
            return Refused(status=0, kind="no_address")
        return await self.send(staff.email, notice.title, notice.text, key, notice.raised_at)

    async def send(self, to: str, subject: str, text: str, key: str, at: datetime) -> Outcome:
        """Hand it in. The Message-ID is the same at every try, so that a second copy is known as one."""
        server = self._server
        try:
            await aiosmtplib.send(
                self._message(to, subject, text, key, at),
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
        except aiosmtplib.SMTPRecipientsRefused:
            return Refused(status=550, kind="recipient_refused")
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError) as away:
            return Unsent(reason=type(away).__name__)
        except (aiosmtplib.SMTPException, TimeoutError, OSError) as broken:
            return Ambiguous(reason=type(broken).__name__)
        return Accepted()

    def _message(self, to: str, subject: str, text: str, key: str, at: datetime) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{key}@{self._sender.rpartition('@')[2] or 'namjai'}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Priority"] = "1"
        message.set_content(text)
        return message


def _answered(code: int) -> Outcome:
    if 400 <= code < 500:
        return Unsent(reason=f"smtp_{code}")
    return Refused(status=code, kind=f"smtp_{code}")
