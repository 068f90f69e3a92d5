"""What the chat service can be told from outside."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from namjai.chat.domain.decide import Rules
from namjai.chat.media.settings import MediaSettings
from namjai.events.media import MediaKind

GEMINI_MODEL: Final = "gemini-3.8-flash"


class ChatSettings(MediaSettings):
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
    timezone: str = Field("Asia/Bangkok", description="Time zone of the times that people read.")
    high_hold_hours: int = Field(
        24, ge=1, le=720, description="So long after the last danger a held conversation of level high ends by itself."
    )
    human_quiet_minutes: int = Field(
        10, ge=1, le=240, description="A clinician silent for so long does not keep a crisis card from being sent."
    )
    follow_up_quiet_hours: int = Field(
        12, ge=0, le=168, description="Somebody who wrote within so many hours gets no caring contact."
    )
    watch_poll_ms: int = Field(
        5_000, ge=100, le=60_000, description="How often to look whether somebody watches, milliseconds."
    )
    contact_policy: bool = Field(
        False, description="Tell the named contact at level crisis without asking: the clinic's own decision."
    )
    skills: str = Field(
        "all", description="What Namjai does here: `all`, or names with commas between them. Support is always on."
    )
    instruments_dir: Path | None = Field(
        None,
        description="Where the clinic keeps what it says about questionnaires: wording it may use, cut-offs, what not "
        "to offer; one YAML file a form (docs/instruments.md).",
    )
    loading_seconds: int = Field(20, ge=5, le=60, multiple_of=5, description="How long LINE shows the three dots.")

    model: Literal["offline", "fake", "gemini", "openai"] | None = Field(
        None,
        description="Who words supportive answers of people who agreed to it: gemini by default with a key, else "
        "offline (curated content). fake is Gemini played by the devkit, openai any compatible endpoint.",
    )
    model_api_key: SecretStr | None = Field(None, description="Key of the model's endpoint.")
    model_base_url: str | None = Field(
        None, description="Where the model is, such as http://127.0.0.1:8000/v1; Google's address for gemini."
    )
    model_name: str | None = Field(None, description=f"Which model; {GEMINI_MODEL} for gemini.")
    model_api_version: str = Field("v1beta", description="Version in the path of Gemini's API.")
    model_thinking: Literal["none", "minimal", "low", "medium", "high"] = Field(
        "low",
        description="How much Gemini thinks before it writes; none leaves it out, for models without levels.",
    )
    model_deadline_ms: int = Field(
        8_000, ge=100, le=20_000, description="How long a turn waits for a model before the offline answer stands, ms."
    )
    model_concurrency: int = Field(32, ge=1, le=1_000, description="Requests to the model at once, per process.")
    model_requests_per_minute: int = Field(
        300, ge=1, le=100_000, description="Requests to the model per minute and process; more are answered offline."
    )
    model_tokens_max: int = Field(
        2_048, ge=64, le=65_536, description="Tokens a model may write for one answer, its thinking included."
    )

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("unknown time zone") from None
        return name

    @model_validator(mode="after")
    def _model_is_complete(self) -> Self:
        """A model that was asked for and cannot be had stops the start: who answers never changes silently."""
        needed = {"gemini": ("model_api_key",), "openai": ("model_base_url", "model_name"), "fake": ("model_base_url",)}
        missing = [name for name in needed.get(self.model or "", ()) if getattr(self, name) is None]
        if missing:
            names = " and ".join(f"NAMJAI_{name.upper()}" for name in missing)
            # The start-up log shows an error's type only, so the type says what is missing.
            raise PydanticCustomError(f"{self.model} needs {names}", f"NAMJAI_MODEL={self.model} needs {names}")
        return self

    @property
    def responder(self) -> Literal["offline", "fake", "gemini", "openai"]:
        """The choice, or what follows from whether there is a key."""
        return self.model or ("gemini" if self.model_api_key else "offline")

    @property
    def model_named(self) -> str:
        """The model's name in the request."""
        return self.model_name or GEMINI_MODEL

    def skill_names(self, known: Iterable[str]) -> frozenset[str]:
        """The skills that are on, of those that are `known`."""
        if self.skills.strip() == "all":
            return frozenset(known)
        return frozenset(name for each in self.skills.split(",") if (name := each.strip()))

    def rules(self, *, perceives: frozenset[MediaKind] = frozenset()) -> Rules:
        """The times as the domain takes them, and the media that are read before their turn."""
        return Rules(
            perceives=perceives,
            coalesce=timedelta(milliseconds=self.coalesce_ms),
            throttled_coalesce=timedelta(milliseconds=self.throttled_coalesce_ms),
            screening_wait=timedelta(milliseconds=self.screening_wait_ms),
            high_hold=timedelta(hours=self.high_hold_hours),
            human_quiet=timedelta(minutes=self.human_quiet_minutes),
            follow_up_quiet=timedelta(hours=self.follow_up_quiet_hours),
        )
