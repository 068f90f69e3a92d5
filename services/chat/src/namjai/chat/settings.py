"""What the chat service can be told from outside."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from namjai.chat.domain.decide import Rules
from namjai.chat.domain.image_sets import SetRules
from namjai.chat.media.settings import MediaSettings
from namjai.chat.model_settings import ModelSettings
from namjai.chat.skills.diary.reminding import Rhythm
from namjai.events.media import MediaKind


class ChatSettings(ModelSettings, MediaSettings):
    """The common settings, those of models, and the times and defaults of a conversation."""

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
    context_tokens_max: int = Field(
        1_200, ge=0, le=100_000, description="How much of earlier talk a model reads at most in a turn, tokens."
    )
    memory_summaries_per_minute: int = Field(
        6, ge=1, le=10_000, description="Conversations summed up per minute and process: a part of the model's limit."
    )
    answers_kept_hours: float = Field(
        168.0, ge=1, le=8_760, description="How long an answer that is the same for everybody is kept, hours."
    )
    answers_fresh_hours: float = Field(
        120.0, ge=0.5, le=8_760, description="Once so old it is written again behind the next who ask for it, hours."
    )
    answers_bytes_max: int = Field(
        16_000_000, ge=100_000, le=1_000_000_000, description="How much of them a process keeps in memory, bytes."
    )
    answers_warm_max: int = Field(
        20, ge=0, le=500, description="So many of the most asked are there before anybody asks, after a start."
    )
    answers_ahead_per_minute: int = Field(
        4, ge=1, le=10_000, description="Answers written ahead or again per minute and process, of the model's limit."
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
    services_file: Path | None = Field(
        None,
        description="The clinic's own list of places where people near it find help, in place of the one that comes "
        "along; its shape is that of skills/nearby/services.yaml.",
    )
    plants_file: Path | None = Field(
        None,
        description="The clinic's or co-op's own table of plants, what ails them and what helps, YAML or CSV, in place "
        "of the one that comes along (docs/pictures.md).",
    )
    taigi_url: str | None = Field(None, description="Address of a service for Taigi; without it Taigi is not offered.")
    taigi_api_key: SecretStr | None = Field(None, description="Key of that service, sent as a bearer token.")
    taigi_attribution: str = Field("Taigi service", description="How that service wants to be named.")
    taigi_deadline_ms: int = Field(8_000, ge=100, le=30_000, description="How long it may take, milliseconds.")
    taigi_requests_per_minute: int = Field(30, ge=1, le=10_000, description="Requests to it per minute and process.")
    mail_dns: str = Field(
        "system",
        pattern=r"^(system|off|[0-9a-fA-F.:]+@\d{1,5})$",
        description="Who is asked whether a domain takes mail: `system`, `off`, or address@port of a name server.",
    )
    registration_tries_per_minute: int = Field(
        60, ge=1, le=10_000, description="Registration codes that all people together may try in a minute."
    )
    reminders_every_s: float = Field(
        86_400, ge=0.5, le=86_400, description="A reminder comes once a day; shorter, for trying out, keeps no hour."
    )
    reminders_quiet_s: float = Field(
        1_200, ge=0, le=7_200, description="Somebody who wrote within so many seconds is not interrupted by a reminder."
    )
    loading_seconds: int = Field(20, ge=5, le=60, multiple_of=5, description="How long LINE shows the three dots.")

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("unknown time zone") from None
        return name

    def skill_names(self, known: Iterable[str]) -> frozenset[str]:
        """The skills that are on, of those that are `known`."""
        if self.skills.strip() == "all":
            return frozenset(known)
        return frozenset(name for each in self.skills.split(",") if (name := each.strip()))

    def rhythm(self) -> Rhythm:
        """How reminders come."""
        return Rhythm(
            zone=ZoneInfo(self.timezone),
            every=timedelta(seconds=self.reminders_every_s),
            quiet=timedelta(seconds=self.reminders_quiet_s),
        )

    def rules(self, *, perceives: frozenset[MediaKind] = frozenset()) -> Rules:
        """The times as the domain takes them, and the media that are read before their turn."""
        return Rules(
            perceives=perceives,
            sets=SetRules(pause=timedelta(milliseconds=self.image_set_wait_ms), read_max=self.image_set_read_max),
            coalesce=timedelta(milliseconds=self.coalesce_ms),
            throttled_coalesce=timedelta(milliseconds=self.throttled_coalesce_ms),
            screening_wait=timedelta(milliseconds=self.screening_wait_ms),
            high_hold=timedelta(hours=self.high_hold_hours),
            human_quiet=timedelta(minutes=self.human_quiet_minutes),
            follow_up_quiet=timedelta(hours=self.follow_up_quiet_hours),
        )
