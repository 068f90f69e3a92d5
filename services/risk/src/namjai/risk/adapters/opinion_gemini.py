"""A second opinion from Gemini, with the SDK's own waiting, repeating and continuing switched off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import aiohttp

from namjai.risk.adapters.opinion_status import failure
from namjai.risk.domain.opinion import SCHEMA
from namjai.risk.ports import OpinionUnavailable
from namjai.risk.settings import RiskSettings

if TYPE_CHECKING:
    from google.genai import Client, types

_FAKE_KEY: Final = "fake"
_HARMS: Final = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_FINISHED: Final = (None, "STOP")


@asynccontextmanager
async def gemini(settings: RiskSettings) -> AsyncIterator[Gemini]:
    """One client a process. The import costs 2 s and 60 MB, so it happens here, in a thread, and nowhere else."""
    connector = aiohttp.TCPConnector(limit=settings.opinion_concurrency)  # the SDK's own session has no limit
    async with aiohttp.ClientSession(connector=connector, trust_env=True) as session:
        client = await asyncio.to_thread(_client, settings, session)
        try:
            yield Gemini(client, settings)
        finally:
            await client.aio.aclose()


class Gemini:
    """No time-out is given to the SDK: it would send a server deadline, which Google refuses below 10 s."""

    def __init__(self, client: Client, settings: RiskSettings) -> None:
        self._models = client.aio.models
        self._settings = settings

    async def ask(self, system: str, words: str) -> str:
        """One call, one request on the wire. `from None` throughout: Google's errors may quote what we sent."""
        from google.genai import errors, types  # in memory since `gemini`

        contents = types.Content(role="user", parts=[types.Part(text=words)])
        try:
            response = await self._models.generate_content(
                model=self._settings.opinion_named, contents=[contents], config=self._config(system)
            )
        except errors.APIError as refused:
            raise OpinionUnavailable(failure(refused.code)) from None
        except (aiohttp.ClientError, ConnectionError):
            raise OpinionUnavailable("unreachable") from None
        except ValueError:  # a 200 that is no JSON, or JSON of another shape
            raise OpinionUnavailable("invalid") from None
        return _text(response)

    def _config(self, system: str) -> types.GenerateContentConfig:
        from google.genai import types

        thinking = self._settings.opinion_thinking
        return types.GenerateContentConfig(
            system_instruction=system,
            temperature=0.0,
            max_output_tokens=self._settings.opinion_tokens_max,
            response_mime_type="application/json",
            response_json_schema=SCHEMA,
            thinking_config=None
            if thinking == "none"
            else types.ThinkingConfig(thinking_level=types.ThinkingLevel(thinking)),
            # What must be rated is what a filter would keep back.
            safety_settings=[
                types.SafetySetting(
                    category=types.HarmCategory(f"HARM_CATEGORY_{harm}"), threshold=types.HarmBlockThreshold.BLOCK_NONE
                )
                for harm in _HARMS
            ],
            automatic_continuation=False,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )


def _client(settings: RiskSettings, session: aiohttp.ClientSession) -> Client:
    from google import genai
    from google.genai import types

    key = settings.opinion_api_key.get_secret_value() if settings.opinion_api_key else _FAKE_KEY
    return genai.Client(
        api_key=key,
        vertexai=False,  # whatever the environment says
        http_options=types.HttpOptions(
            base_url=settings.opinion_base_url,
            api_version=settings.opinion_api_version,
            aiohttp_client=session,
            retry_options=types.HttpRetryOptions(attempts=1),  # without it a broken connection sleeps 1–10 s
        ),
    )


def _text(response: types.GenerateContentResponse) -> str:
    """The text, without thoughts, of an answer that came to its own end."""
    candidate = response.candidates[0] if response.candidates else None
    reason = candidate.finish_reason.value if candidate and candidate.finish_reason else None
    if candidate is None or reason not in _FINISHED:
        raise OpinionUnavailable("blocked")
    parts = (candidate.content.parts if candidate.content else None) or []
    return "".join(part.text for part in parts if part.text and not part.thought)
