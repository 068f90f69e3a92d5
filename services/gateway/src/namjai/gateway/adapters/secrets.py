"""The channel secrets in force: from the settings, or from a file that may change while we run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from namjai.gateway.domain.signature import BadSecrets, Verifier, parse_secrets
from namjai.gateway.settings import GatewaySettings
from namjai.runtime.logs import get_logger

_log = get_logger(__name__)


class ChannelSecrets:
    """`verifier` is always the one to ask. A file (a mounted secret) is followed; a mistake in it changes nothing."""

    def __init__(self, verifier: Verifier, text: str, file: Path | None, reread_s: float) -> None:
        self.verifier = verifier
        self._text = text
        self._file = file
        self._reread_s = reread_s

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> ChannelSecrets:
        """Raises `BadSecrets`, or `OSError` when the file cannot be read."""
        file = settings.channel_secrets_file
        if file is not None:
            text = file.read_text()
        else:
            text = settings.channel_secrets.get_secret_value() if settings.channel_secrets else ""
        return cls(Verifier(parse_secrets(text)), text, file, settings.channel_secrets_reread_s)

    async def follow(self, stop: asyncio.Event) -> None:
        """Read the file again from time to time, until `stop`."""
        while not stop.is_set():
            try:
                async with asyncio.timeout(self._reread_s):
                    await stop.wait()
            except TimeoutError:
                await self._reread()

    async def _reread(self) -> None:
        if self._file is None:
            return
        try:
            text = await asyncio.to_thread(self._file.read_text)
            if text != self._text:
                self.verifier = Verifier(parse_secrets(text))
                self._text = text
                _log.info("channel_secrets_in_force", changed=True)
        except (OSError, UnicodeDecodeError, BadSecrets) as error:
            _log.error("channel_secrets_refused", reason=type(error).__name__)
