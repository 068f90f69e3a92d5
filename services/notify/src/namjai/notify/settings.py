"""What the notify service can be told from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator

from namjai.notify.domain.mail_server import MailServer
from namjai.notify.domain.roster import Staff
from namjai.runtime.settings import ServiceSettings


class NotifySettings(ServiceSettings):
    """The common settings, LINE's send API, and who is told of alerts."""

    ack_wait_s: float = Field(
        8.0, ge=1, le=60, description="When NATS delivers a reply again that a killed process had, seconds."
    )
    max_deliveries: int = Field(
        1_000,
        ge=1,
        le=100_000,
        description="Deliveries of one event before it goes to DEAD: LINE may be down for hours.",
    )
    consumer_concurrency: int = Field(256, ge=1, le=10_000, description="Replies a process handles at the same time.")
    alert_concurrency: int = Field(64, ge=1, le=1_000, description="Alerts a process handles at the same time.")

    order_wait_s: float = Field(
        10.0, gt=0, le=60, description="How long a turn waits for the one before it; then late beats never, seconds."
    )

    line_api_url: str = Field("https://api.line.me", description="LINE's API; the simulator's address in tests.")
    line_data_url: str = Field(
        "https://api-data.line.me", description="LINE's host for pictures; the simulator's address in tests."
    )
    line_channel_access_token: SecretStr | None = Field(None, description="A long-lived channel access token.")
    line_channel_access_token_file: Path | None = Field(
        None, description="File with the token, read again when LINE refuses it: rotation without a restart."
    )
    line_channel_id: str | None = Field(None, description="With the channel secret: stateless tokens are issued.")
    line_channel_secret: SecretStr | None = Field(None, description="Channel secret, for issuing stateless tokens.")
    line_connections: int = Field(160, ge=40, le=2_000, description="Connections to LINE a process may hold open.")
    line_connect_s: float = Field(2.0, gt=0, le=30, description="How long a connection to LINE may take, seconds.")
    line_deadline_s: float = Field(5.0, gt=0, le=60, description="How long one call to LINE may take, seconds.")
    line_reply_per_s: int = Field(
        800, ge=1, le=1_900, description="Replies a second of this process; all replicas together stay below 2,000."
    )
    line_push_per_s: int = Field(
        800, ge=1, le=1_900, description="Pushes a second of this process; all replicas together stay below 2,000."
    )
    line_loading_per_s: int = Field(
        40, ge=1, le=95, description="Loading animations a second of this process; all replicas stay below 100."
    )
    quota_every_s: float = Field(300.0, ge=1, le=86_400, description="How often LINE is asked for the quota, seconds.")

    default_language: Literal["th", "en", "zh-TW"] = Field(
        "th", description="The clinic's language: whose rich menu everybody sees who has none of their own yet."
    )
    country: str = Field(
        "TH", min_length=2, max_length=2, description="Whose crisis lines the English crisis menu shows."
    )
    line_menu_per_s: int = Field(
        200, ge=1, le=1_900, description="Rich menus given to people a second, of this process; replies do not wait."
    )
    menu_deadline_s: float = Field(3.0, gt=0, le=30, description="How long one call about a menu may take, seconds.")
    menus_remembered: int = Field(
        20_000, ge=100, le=1_000_000, description="People of whom is remembered which menu they were given."
    )

    staff: tuple[Staff, ...] = Field(
        (),
        max_length=200,
        description="Who is told of alerts, as JSON: name, line_user, email, webhook, webhook_kind, webhook_secret.",
    )
    watchdog_every_s: float = Field(
        30.0, ge=0.1, le=300, description="How often it is looked for steps that were due and left no trace, seconds."
    )
    heartbeat_url: str | None = Field(
        None, pattern=r"^https?://", description="Outside dead-man's switch, asked each time when all is well."
    )
    console_url: str = Field("http://127.0.0.1/console/", description="Address of the inbox, for the links in alerts.")
    timezone: str = Field("Asia/Bangkok", description="Time zone of the times that staff reads.")
    smtp_url: SecretStr | None = Field(
        None, description="Mail server: smtp://host:port, smtp+starttls://user:password@host:587, smtps://…"
    )
    smtp_sender: str = Field("Namjai <namjai@localhost>", description="From address of all mails.")
    smtp_reply_to: str | None = Field(None, description="Where answers go to mails that people asked for.")
    mail_deadline_s: float = Field(15.0, gt=0, le=60, description="How long one mail to a person may take, seconds.")
    mails_per_address_per_day: int = Field(
        20, ge=1, le=1_000, description="Letters that this process sends to one address a day, whoever asked for them."
    )
    channel_deadline_s: float = Field(
        5.0, gt=0, le=30, description="How long one mail or webhook to staff may take, seconds."
    )

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            MailServer.parse(url.get_secret_value())
        return url

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("unknown time zone") from None
        return name
