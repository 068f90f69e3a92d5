"""The channel access token, from wherever the settings say it comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from namjai.notify.settings import NotifySettings
from namjai.runtime.channel_tokens import FileToken, FixedToken, Issued, IssuedToken, TokenSource

Issue = Callable[[str, str], Awaitable[Issued | None]]


def token_source(settings: NotifySettings, issue: Issue) -> TokenSource:
    """`issue` asks LINE for a token with the channel's id and secret. Raises LookupError when nothing is configured."""
    channel_id, secret = settings.line_channel_id, settings.line_channel_secret
    if settings.line_channel_access_token_file is not None:
        return FileToken(settings.line_channel_access_token_file)
    if channel_id is not None and secret is not None:
        return IssuedToken(lambda: issue(channel_id, secret.get_secret_value()))
    if settings.line_channel_access_token is not None:
        return FixedToken(settings.line_channel_access_token.get_secret_value())
    raise LookupError("NAMJAI_LINE_CHANNEL_ACCESS_TOKEN, its _FILE, or the channel's id and secret must be set")
