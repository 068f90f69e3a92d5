"""Opens the model that the settings name, inside its fence; none where the offline responder does all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from namjai.chat.adapters.models.fence import Fenced, Limits
from namjai.chat.adapters.models.gemini import GeminiOptions, gemini
from namjai.chat.adapters.models.openai import OpenAIOptions, openai
from namjai.chat.ports import Model
from namjai.chat.settings import ChatSettings
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics

_FAKE_KEY = "fake"

_log = get_logger(__name__)


@asynccontextmanager
async def open_model(settings: ChatSettings, metrics: Metrics) -> AsyncIterator[Model | None]:
    """Once at start; it asks nothing of the other side, so that a model that is down delays no start."""
    opened = _adapter(settings)
    _log.info("model_chosen", model=settings.responder, name=settings.model_named)
    if opened is None:
        yield None
        return
    limits = Limits(
        deadline_s=settings.model_deadline_ms / 1_000,
        concurrency=settings.model_concurrency,
        requests_per_minute=settings.model_requests_per_minute,
    )
    async with opened as adapter:
        yield Fenced(adapter, limits, metrics)


def _adapter(settings: ChatSettings) -> AbstractAsyncContextManager[Model] | None:
    key = settings.model_api_key.get_secret_value() if settings.model_api_key else None
    match settings.responder:
        case "offline":
            return None
        case "openai":
            return openai(
                OpenAIOptions(
                    base_url=settings.model_base_url or "",
                    model=settings.model_named,
                    api_key=key,
                    tokens_max=settings.model_tokens_max,
                    connections=settings.model_concurrency,
                )
            )
        case "gemini" | "fake" as chosen:
            return gemini(
                GeminiOptions(
                    api_key=_FAKE_KEY if chosen == "fake" else key or "",
                    model=settings.model_named,
                    api_version=settings.model_api_version,
                    base_url=settings.model_base_url,
                    tokens_max=settings.model_tokens_max,
                    connections=settings.model_concurrency,
                    thinking=None if settings.model_thinking == "none" else settings.model_thinking,
                )
            )
