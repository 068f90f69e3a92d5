"""Opens the models that the settings name, in their order; none where the offline responder does all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from namjai.chat.adapters.models.backend import Backend
from namjai.chat.adapters.models.fence import Limits
from namjai.chat.adapters.models.gemini import GeminiOptions, gemini
from namjai.chat.adapters.models.models import Models
from namjai.chat.adapters.models.openai import OpenAIOptions, openai
from namjai.chat.domain.faults import guard_texts
from namjai.chat.domain.guard import model_texts
from namjai.chat.model_settings import BackendSettings
from namjai.chat.settings import ChatSettings
from namjai.runtime.logs import get_logger
from namjai.runtime.metrics import Metrics
from namjai.runtime.tracing import UNTRACED, Tracing

_FAKE_KEY = "fake"

_log = get_logger(__name__)


@asynccontextmanager
async def open_models(
    settings: ChatSettings, metrics: Metrics, tracing: Tracing = UNTRACED
) -> AsyncIterator[Models | None]:
    """Once at start; it asks nothing of the other side, so that a model that is down delays no start."""
    model_texts()
    guard_texts()  # a broken file stops the start
    chosen = settings.backends
    _log.info("models_chosen", kinds=[each.kind for each in chosen], names=[each.models["text"] for each in chosen])
    if not chosen:
        yield None
        return
    limits = Limits(concurrency=settings.model_concurrency, requests_per_minute=settings.model_requests_per_minute)
    async with AsyncExitStack() as opened:
        backends = [await opened.enter_async_context(_adapter(each, settings)) for each in chosen]
        yield Models(backends, limits, metrics, tracing)


def _adapter(chosen: BackendSettings, settings: ChatSettings) -> AbstractAsyncContextManager[Backend]:
    key = chosen.api_key.get_secret_value() if chosen.api_key else None
    if chosen.kind == "openai":
        return openai(
            OpenAIOptions(
                base_url=chosen.base_url or "",
                models=chosen.models,
                api_key=key,
                tokens_max=settings.model_tokens_max,
                connections=settings.model_concurrency,
                schemas=settings.openai_schemas,
                voice=settings.openai_voice,
            )
        )
    return gemini(
        GeminiOptions(
            api_key=_FAKE_KEY if chosen.kind == "fake" else key or "",
            models=chosen.models,
            api_version=settings.model_api_version,
            base_url=chosen.base_url,
            tokens_max=settings.model_tokens_max,
            connections=settings.model_concurrency,
            thinking=None if settings.model_thinking == "none" else settings.model_thinking,
            voice=settings.gemini_voice,
            cache_chars_min=settings.model_cache_chars_min,
            cache_ttl_s=settings.model_cache_ttl_s,
        )
    )
