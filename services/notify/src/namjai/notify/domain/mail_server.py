"""Where mail is handed in, read from a URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, repr=False)
class MailServer:
    """Where mail is handed in: `smtp://host:port`, `smtp+starttls://user:password@host`, `smtps://…`."""

    host: str
    port: int
    tls: bool
    start_tls: bool
    user: str | None
    password: str | None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL. ValueError for another scheme; the message never repeats the URL."""
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError("smtp_url must begin with smtp://, smtp+starttls:// or smtps:// and name a host")
        return cls(
            host=parts.hostname,
            port=parts.port or SCHEMES[parts.scheme],
            tls=parts.scheme == "smtps",
            start_tls=parts.scheme == "smtp+starttls",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )
