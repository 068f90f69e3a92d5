"""Makes the response cache that the settings describe; none where no model writes what could be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from namjai.chat.adapters.answers.asked import AskedMost
from namjai.chat.adapters.answers.common import CommonAnswers, Terms
from namjai.chat.adapters.answers.vault import Vault
from namjai.chat.adapters.models.account import Note
from namjai.chat.ports import Mind, Writer
from namjai.chat.settings import ChatSettings
from namjai.runtime.cache import Cache, RedisLevel
from namjai.runtime.limiter import LocalLimiter, Rate
from namjai.runtime.metrics import Metrics
from namjai.runtime.redis_link import RedisLink


def common_answers(
    settings: ChatSettings,
    metrics: Metrics,
    redis: RedisLink,
    mind: Callable[[Note], Mind] | None,
    writers: Mapping[str, Writer],
    clock: Callable[[], datetime],
) -> CommonAnswers | None:
    """The answers of this process, shared with others through Redis where there is one."""
    if mind is None:
        return None
    kept_s = settings.answers_kept_hours * 3_600
    vault = Vault(
        next(iter(settings.master_key_ring().values())),
        models="+".join(each.models["text"] for each in settings.backends),
    )
    cache = Cache(
        "answers",
        metrics,
        shared=RedisLevel(redis),
        ttl_s=kept_s,
        local_ttl_s=kept_s,
        bytes_max=settings.answers_bytes_max,
        load_deadline_s=settings.model_work_deadline_ms / 1_000 + 1,
    )
    return CommonAnswers(
        cache,
        vault,
        AskedMost(redis, vault, clock=clock),
        mind,
        writers,
        terms=Terms(fresh_s=settings.answers_fresh_hours * 3_600, warm_max=settings.answers_warm_max),
        limiter=LocalLimiter("answers", Rate(settings.answers_ahead_per_minute, 60.0), metrics),
        metrics=metrics,
        clock=clock,
    )
