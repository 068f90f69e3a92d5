"""Which models there are, in which order they are asked, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Self, cast

from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from namjai.runtime.settings import ServiceSettings

Kind = Literal["gemini", "fake", "openai"]
Work = Literal["text", "search", "vision", "listen", "speak"]
"""What a model may be good at; an endpoint may use another model for each."""
GEMINI_MODEL: Final = "gemini-3.8-flash"
GEMINI_SPEAKER: Final = "gemini-3.8-flash-tts"
_NEEDED: Final = {"gemini": ("api_key",), "openai": ("base_url", "name"), "fake": ("base_url",)}


@dataclass(frozen=True)
class BackendSettings:
    """One endpoint: `fake` is Gemini played by the devkit."""

    kind: Kind
    api_key: SecretStr | None
    base_url: str | None
    models: dict[Work, str]


class ModelSettings(ServiceSettings):
    """`NAMJAI_MODEL_*` is said of the first model of the order, `NAMJAI_GEMINI_*` and `NAMJAI_OPENAI_*` of that one
    wherever it stands."""

    model: Literal["offline", "fake", "gemini", "openai"] | None = Field(
        None,
        description="Who words answers for people who agreed to it: gemini by default with a key, else "
        "offline (curated content). fake is Gemini played by the devkit, openai any compatible endpoint.",
    )
    models: str = Field(
        "",
        pattern=r"^\s*(?:(?:gemini|fake|openai)\s*(?:,\s*(?:gemini|fake|openai)\s*)*)?$",
        description="Several of them in the order in which they are asked, such as `gemini,openai`; it goes before "
        "NAMJAI_MODEL.",
    )
    model_api_key: SecretStr | None = Field(None, description="Key of the first model's endpoint.")
    model_base_url: str | None = Field(
        None, description="Where the first model is, such as http://127.0.0.1:8000/v1; Google's address for gemini."
    )
    model_name: str | None = Field(None, description=f"Which model; {GEMINI_MODEL} for gemini.")
    gemini_api_key: SecretStr | None = Field(None, description="Key for Gemini.")
    gemini_base_url: str | None = Field(None, description="Where Gemini is, if it is not Google's address.")
    gemini_name: str | None = Field(None, description=f"Gemini's model for words; {GEMINI_MODEL}.")
    gemini_vision_name: str | None = Field(None, description="Its model for pictures; the one for words.")
    gemini_listen_name: str | None = Field(None, description="Its model for voice messages; the one for words.")
    gemini_speak_name: str = Field(GEMINI_SPEAKER, description="Its model that speaks.")
    gemini_voice: str = Field("Kore", description="Whose voice it speaks with.")
    openai_api_key: SecretStr | None = Field(None, description="Key of the compatible endpoint.")
    openai_base_url: str | None = Field(None, description="Where it is, such as http://127.0.0.1:8000/v1.")
    openai_name: str | None = Field(None, description="Its model for words.")
    openai_vision_name: str | None = Field(None, description="Its model for pictures; without it there is none.")
    openai_listen_name: str | None = Field(None, description="Its model for voice messages; without it there is none.")
    openai_speak_name: str | None = Field(None, description="Its model that speaks; without it there is none.")
    openai_voice: str = Field("alloy", description="Whose voice it speaks with.")
    openai_schemas: bool = Field(
        True, description="Whether it can be held to a JSON schema; else the schema goes into the instruction."
    )
    model_api_version: str = Field("v1beta", description="Version in the path of Gemini's API.")
    model_thinking: Literal["none", "minimal", "low", "medium", "high"] = Field(
        "low",
        description="How much Gemini thinks before it writes; none leaves it out, for models without levels.",
    )
    model_deadline_ms: int = Field(
        8_000, ge=100, le=20_000, description="How long a turn waits for models before the offline answer stands, ms."
    )
    model_work_deadline_ms: int = Field(
        20_000,
        ge=100,
        le=50_000,
        description="The same where they write a document, translate, look at a picture, listen or speak, ms.",
    )
    model_concurrency: int = Field(32, ge=1, le=1_000, description="Requests to a model at once, per process.")
    model_requests_per_minute: int = Field(
        30, ge=1, le=100_000, description="Requests per minute, model and process; more are answered offline."
    )
    model_tokens_max: int = Field(
        2_048, ge=64, le=65_536, description="Tokens a model may write for one answer, its thinking included."
    )
    model_work_tokens_max: int = Field(
        8_192, ge=64, le=65_536, description="The same for a document, a translation, or data."
    )
    model_cache_chars_min: int = Field(
        18_000, ge=1, le=10_000_000, description="Instructions as long as this are kept on Gemini's side, characters."
    )
    model_cache_ttl_s: int = Field(600, ge=60, le=86_400, description="How long they are kept unused, seconds.")

    @model_validator(mode="after")
    def _models_are_complete(self) -> Self:
        """A model that was asked for and cannot be had stops the start: who answers never changes silently."""
        for kind in self._order:
            missing = [name for name in _NEEDED[kind] if self._said(kind, name) is None]
            if missing:
                prefix = "MODEL" if kind == self._order[0] else _group(kind).upper()
                names = " and ".join(f"NAMJAI_{prefix}_{name.upper()}" for name in missing)
                # The start-up log shows an error's type only, so the type says what is missing.
                raise PydanticCustomError(f"{kind} needs {names}", f"the model {kind} needs {names}")
        return self

    @property
    def backends(self) -> tuple[BackendSettings, ...]:
        """The models in the order in which they are asked; none: the offline responder does all."""
        return tuple(
            BackendSettings(kind, self._said(kind, "api_key"), self._said(kind, "base_url"), self._names(kind))
            for kind in self._order
        )

    @property
    def _order(self) -> tuple[Kind, ...]:
        """As said, or what follows from whether there is a key."""
        if self.models.strip():
            kinds = [each.strip() for each in self.models.split(",")]
            return tuple(cast(Kind, kind) for kind in dict.fromkeys(kinds))
        if self.model is None:
            return ("gemini",) if self.model_api_key or self.gemini_api_key else ()
        return () if self.model == "offline" else (self.model,)

    def _said(self, kind: Kind, name: str) -> Any:
        """What was said of this model itself, or of the first one when that is it."""
        own = getattr(self, f"{_group(kind)}_{name}")
        return own if own is not None or kind != self._order[0] else getattr(self, f"model_{name}")

    def _names(self, kind: Kind) -> dict[Work, str]:
        name = self._said(kind, "name")
        if kind == "openai":
            own = {
                "vision": self.openai_vision_name,
                "listen": self.openai_listen_name,
                "speak": self.openai_speak_name,
            }
            return {"text": name, **{cast(Work, work): given for work, given in own.items() if given}}
        name = name or GEMINI_MODEL
        return {
            "text": name,
            "search": name,
            "vision": self.gemini_vision_name or name,
            "listen": self.gemini_listen_name or name,
            "speak": self.gemini_speak_name,
        }


def _group(kind: Kind) -> str:
    """Whose settings hold for it: the played Gemini has Gemini's."""
    return "gemini" if kind == "fake" else kind
