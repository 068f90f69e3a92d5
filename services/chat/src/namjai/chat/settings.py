"""What the chat service can be told from outside."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from namjai.chat.domain.decide import Rules
from namjai.runtime.settings import ServiceSettings


class ChatSettings(ServiceSettings):
    """The common settings, and the times and defaults of a conversation."""

    consumer_concurrency: int = Field(
        1_000, ge=1, le=10_000, description="People waited for at once: a turn waits for its pause and its verdict."
    )
    coalesce_ms: int = Field(
        600, ge=0, le=10_000, description="Messages closer together than this are answered in one turn, milliseconds."
    )
    throttled_coalesce_ms: int = Field(
        5_000, ge=0, le=60_000, description="The same for somebody who writes faster than the throttle, milliseconds."
    )
    screening_wait_ms: int = Field(
        2_000, ge=100, le=10_000, description="How long a turn waits for its verdict before the crisis lines go along."
    )
    states_max: int = Field(20_000, ge=100, le=1_000_000, description="People whose state is kept in memory.")
    default_language: Literal["th", "en", "zh-TW"] = Field(
        "th", description="The language for somebody who has written nothing that tells theirs."
    )
    country: str = Field(
        "TH", min_length=2, max_length=2, description="Whose crisis lines to show when the language does not tell."
    )
    loading_seconds: int = Field(20, ge=5, le=60, multiple_of=5, description="How long LINE shows the three dots.")

    def rules(self) -> Rules:
        """The times as the domain takes them."""
        return Rules(
            coalesce=timedelta(milliseconds=self.coalesce_ms),
            throttled_coalesce=timedelta(milliseconds=self.throttled_coalesce_ms),
            screening_wait=timedelta(milliseconds=self.screening_wait_ms),
        )
