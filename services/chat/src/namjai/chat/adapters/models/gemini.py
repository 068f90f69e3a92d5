"""Gemini through google-genai, with the SDK's own waiting, repeating and continuing switched off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import aiohttp

from namjai.chat.adapters.models.fence import named
from namjai.chat.adapters.models.status import failure
from namjai.chat.ports import ModelAnswer, ModelRequest, ModelUnavailable

if TYPE_CHECKING:
    from google.genai import Client, types

Thinking = Literal["minimal", "low", "medium", "high"]
_HARMS: Final = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_THRESHOLD: Final = "BLOCK_ONLY_HIGH"
"""People here speak of drugs and self-harm; risk and the guard decide about that, the filter only about extremes."""
_BLOCKED: Final = frozenset({"SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "LANGUAGE"})
_FINISHED: Final = (None, "STOP")


@dataclass(frozen=True, kw_only=True)
class GeminiOptions:
    """Where and how. Thinking None sends no thinking level, for models that know none."""

    api_key: str
    model: str
    api_version: str
    base_url: str | None
    tokens_max: int
    connections: int
    thinking: Thinking | None


@asynccontextmanager
async def gemini(options: GeminiOptions) -> AsyncIterator[Gemini]:
    """One client a process. The import costs 2 s and 60 MB, so it happens here, in a thread, and nowhere else."""
    # The session is ours: the SDK's own has no limit of connections.
    connector = aiohttp.TCPConnector(limit=options.connections)
    async with aiohttp.ClientSession(connector=connector, trust_env=True) as session:
        client = await asyncio.to_thread(_client, options, session)
        try:
            yield Gemini(client, options)
        finally:
            await client.aio.aclose()


class Gemini:
    """No time-out is given to the SDK: it would send a server deadline, which Google refuses below 10 s."""

    def __init__(self, client: Client, options: GeminiOptions) -> None:
        self._models = client.aio.models
        self._options = options

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """One call, one request on the wire. `from None` throughout: Google's errors may quote what we sent."""
        from google.genai import errors, types  # in memory since `gemini`

        words = types.Content(role="user", parts=[types.Part(text=request.text)])
        try:
            response = await self._models.generate_content(
                model=self._options.model, contents=[words], config=self._config(request)
            )
        except errors.APIError as refused:
            raise ModelUnavailable(failure(refused.code)) from None
        except TimeoutError:
            raise ModelUnavailable("deadline") from None
        except (aiohttp.ClientError, OSError):
            raise ModelUnavailable("unreachable") from None
        except ValueError:  # a 200 that is no JSON, or JSON of another shape
            raise ModelUnavailable("unreadable") from None
        return _read(response, self._options.model)

    def _config(self, request: ModelRequest) -> types.GenerateContentConfig:
        from google.genai import types

        thinking = self._options.thinking
        return types.GenerateContentConfig(
            system_instruction=request.system,
            max_output_tokens=self._options.tokens_max,
            thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel(thinking)) if thinking else None,
            safety_settings=[
                types.SafetySetting(
                    category=types.HarmCategory(f"HARM_CATEGORY_{harm}"),
                    threshold=types.HarmBlockThreshold(_THRESHOLD),
                )
                for harm in _HARMS
            ],
            automatic_continuation=False,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )


def _client(options: GeminiOptions, session: aiohttp.ClientSession) -> Client:
    from google import genai
    from google.genai import types

    return genai.Client(
        api_key=options.api_key,
        vertexai=False,  # whatever the environment says
        http_options=types.HttpOptions(
            base_url=options.base_url,
            api_version=options.api_version,
            aiohttp_client=session,
            retry_options=types.HttpRetryOptions(attempts=1),  # without it a broken connection sleeps 1–10 s
        ),
    )


def _read(response: types.GenerateContentResponse, configured: str) -> ModelAnswer:
    """The text, without thoughts, of an answer that came to its own end."""
    if not response.candidates:
        feedback = response.prompt_feedback
        raise ModelUnavailable("blocked" if feedback and feedback.block_reason else "empty")
    candidate = response.candidates[0]
    reason = candidate.finish_reason.value if candidate.finish_reason else None
    if reason == "MAX_TOKENS":
        raise ModelUnavailable("truncated")
    if reason not in _FINISHED:
        raise ModelUnavailable("blocked" if reason in _BLOCKED else "stopped")
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought).strip()
    if not text:
        raise ModelUnavailable("empty")
    used = response.usage_metadata
    return ModelAnswer(
        text=text,
        model=named(response.model_version, configured),
        tokens_in=(used.prompt_token_count or 0) if used else 0,
        tokens_out=((used.candidates_token_count or 0) + (used.thoughts_token_count or 0)) if used else 0,
    )
