"""A mail server that keeps every letter instead of sending it on."""

import asyncio
import email
import email.policy
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

LETTER_BYTES_MAX = 1_048_576
LETTERS_MAX = 1_000


class Letter(msgspec.Struct, kw_only=True, rename={"sender": "from"}):
    """A letter as it arrived."""

    n: int
    time: int  # ms since 1970
    sender: str
    to: list[str]
    subject: str
    text: str
    html: str
    headers: dict[str, str]


class Mailbox:
    """The last thousand letters; `refuse` may answer an SMTP error line to try what a sender does then."""

    def __init__(
        self, refuse: Callable[[], str | None] = lambda: None, arrived: Callable[[Letter], None] = lambda _: None
    ) -> None:
        self.letters: deque[Letter] = deque(maxlen=LETTERS_MAX)
        self._refuse = refuse
        self._arrived = arrived
        self._count = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        refusal = self._refuse()
        if refusal:
            return refusal
        self._count += 1
        letter = _read(self._count, envelope)
        self.letters.append(letter)
        self._arrived(letter)
        return "250 Message accepted for delivery"


def _read(n: int, envelope: Envelope) -> Letter:
    content = envelope.content or b""
    raw = content if isinstance(content, bytes) else content.encode()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = {"plain": "", "html": ""}
    for kind in parts:
        part = message.get_body(preferencelist=(kind,))
        if part is not None:
            parts[kind] = str(part.get_content())
    return Letter(
        n=n,
        time=time.time_ns() // 1_000_000,
        sender=envelope.mail_from or "",
        to=list(envelope.rcpt_tos),
        subject=str(message.get("subject", "")),
        text=parts["plain"],
        html=parts["html"],
        headers={name: str(value) for name, value in message.items()},
    )


@asynccontextmanager
async def serve_mail(mailbox: Mailbox, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Take mail on a loopback port, and yield that port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="namjai.local", data_size_limit=LETTER_BYTES_MAX, enable_SMTPUTF8=True),
        host,
        port,
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        with suppress(TimeoutError):  # an open connection may keep newer Pythons waiting
            await asyncio.wait_for(server.wait_closed(), 2)
