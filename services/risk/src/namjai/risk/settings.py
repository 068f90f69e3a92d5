"""What the risk service can be told from outside."""

from datetime import timedelta
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from namjai.risk.domain.context import Watch
from namjai.runtime.settings import ServiceSettings

GEMINI_MODEL: Final = "gemini-3.8-flash"


class RiskSettings(ServiceSettings):
    """The common settings; a verdict takes milliseconds, so what was lost with a process comes back within a second."""

    ack_wait_s: float = Field(
        1.0, ge=0.5, le=60, description="When NATS delivers a message again that a killed process had, seconds."
    )
    watch_medium_hours: float = Field(
        72, gt=0, le=24 * 90, description="How long a person is watched more closely after a medium verdict, hours."
    )
    watch_high_hours: float = Field(24 * 7, gt=0, le=24 * 90, description="The same after a high one, hours.")
    watch_crisis_hours: float = Field(24 * 14, gt=0, le=24 * 90, description="The same after a crisis, hours.")
    silence_hours: float = Field(
        24,
        gt=0,
        le=24 * 30,
        description="After so long without a sign of a person at high risk, and without a human word to them, "
        "staff are asked to look, hours.",
    )

    opinion: Literal["off", "fake", "gemini", "openai"] = Field(
        "off",
        description="Who looks a second time at messages of people who agreed to it; it can raise a verdict and never "
        "lower one. fake is Gemini played by the devkit, openai any compatible endpoint.",
    )
    opinion_api_key: SecretStr | None = Field(None, description="Key of that model's endpoint.")
    opinion_base_url: str | None = Field(
        None, description="Where it is, such as http://127.0.0.1:8000/v1; Google's address for gemini."
    )
    opinion_model: str | None = Field(None, description=f"Which model; {GEMINI_MODEL} for gemini.")
    opinion_api_version: str = Field("v1beta", description="Version in the path of Gemini's API.")
    opinion_thinking: Literal["none", "minimal", "low", "medium", "high"] = Field(
        "low", description="How much Gemini thinks before it rates; none leaves it out, for models without levels."
    )
    opinion_tokens_max: int = Field(
        1_024, ge=64, le=65_536, description="Tokens a model may write for one rating, its thinking included."
    )
    opinion_deadline_ms: int = Field(
        10_000, ge=100, le=60_000, description="How long a second opinion may take, its repair included, ms."
    )
    opinion_requests_per_minute: int = Field(
        60, ge=1, le=100_000, description="Requests per minute and process; more messages get no second opinion."
    )
    opinion_concurrency: int = Field(8, ge=1, le=1_000, description="Second opinions at once, per process.")
    opinion_age_max_s: float = Field(
        120, gt=0, le=3_600, description="Older messages get no second opinion: the first verdict had to do, seconds."
    )
    opinion_confidence_min: float = Field(
        0.6, ge=0, le=1, description="How sure a model must be for its rating to raise a verdict."
    )

    @model_validator(mode="after")
    def _opinion_is_complete(self) -> Self:
        """A model that was asked for and cannot be had stops the start: who looks never changes silently."""
        needed = {
            "gemini": ("opinion_api_key",),
            "openai": ("opinion_base_url", "opinion_model"),
            "fake": ("opinion_base_url",),
        }
        missing = [name for name in needed.get(self.opinion, ()) if getattr(self, name) is None]
        if missing:
            names = " and ".join(f"NAMJAI_{name.upper()}" for name in missing)
            # The start-up log shows an error's type only, so the type says what is missing.
            raise PydanticCustomError(f"{self.opinion} needs {names}", f"NAMJAI_OPINION={self.opinion} needs {names}")
        return self

    @property
    def opinion_named(self) -> str:
        """The model's name in the request."""
        return self.opinion_model or GEMINI_MODEL

    def watch(self) -> Watch:
        """The windows as the domain takes them."""
        return Watch(
            medium=timedelta(hours=self.watch_medium_hours),
            high=timedelta(hours=self.watch_high_hours),
            crisis=timedelta(hours=self.watch_crisis_hours),
        )
