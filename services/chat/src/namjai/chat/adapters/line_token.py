"""The channel access token with which chat fetches content; it is told of it exactly as notify is."""

from __future__ import annotations

import json
from typing import Final

import aiohttp

from namjai.chat.settings import ChatSettings
from namjai.runtime.channel_tokens import FileToken, FixedToken, Issued, IssuedToken, TokenSource

ISSUE: Final = "/oauth2/v3/token"
ANSWER_BYTES_MAX: Final = 16_384


def token_source(settings: ChatSettings, session: aiohttp.ClientSession) -> TokenSource | None:
    """A rotated file, tokens that LINE issues, or a fixed token, in this order; None where nothing is configured."""
    channel_id, secret = settings.line_channel_id, settings.line_channel_secret
    if settings.line_channel_access_token_file is not None:
        return FileToken(settings.line_channel_access_token_file)
    if channel_id is not None and secret is not None:
        url = settings.line_api_url.rstrip("/") + ISSUE
        return IssuedToken(lambda: issue(session, url, channel_id, secret.get_secret_value()))
    if settings.line_channel_access_token is not None:
        return FixedToken(settings.line_channel_access_token.get_secret_value())
    return None


async def issue(session: aiohttp.ClientSession, url: str, channel_id: str, channel_secret: str) -> Issued | None:
    """A stateless token (15 min); None when LINE gave none."""
    form = {"grant_type": "client_credentials", "client_id": channel_id, "client_secret": channel_secret}
    try:
        async with session.post(url, data=form, allow_redirects=False) as answer:
            granted = json.loads(await answer.content.read(ANSWER_BYTES_MAX))
            return Issued(str(granted["access_token"]), float(granted["expires_in"]))
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError):
        return None
