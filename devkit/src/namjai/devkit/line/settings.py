"""What the simulator is told at start: by arguments, or by environment variables of the same name."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

PREFIX = "NAMJAI_SIM_"


@dataclass(frozen=True, kw_only=True)
class SimSettings:
    """One simulated channel. Port 0 means: any free one."""

    host: str = "127.0.0.1"
    port: int = 0
    smtp_port: int = 0
    home: str = ""  # where simulator.json goes, if anywhere
    webhook_url: str = ""
    public_url: str = ""  # the bot's plain HTTP address on this machine that stands for its HTTPS one
    webhook_timeout_s: float = 10.0
    webhook_deadline_ms: int = 2_000  # LINE's own; slower answers count as failed
    channel_id: str = "1650000000"
    channel_secret: str = "8c570fa6dd201bb328f1c1eac23a96d8"
    access_token: str = "namjai-simulated-channel-access-token"
    bot_user_id: str = "U8e742f61d673b39c7fff3cecb7536ef0"
    monthly_quota: int = 0  # 0: no limit
    reply_token_s: float = 60.0  # after the webhook
    reply_token_hard_s: float = 1_200.0  # after the event
    retry_key_s: float = 86_400.0
    unsent_grace_s: float = 1.0  # a reply this soon after an unsend was already on its way
    redelivery: bool = False
    redelivery_attempts_max: int = 6
    redelivery_after_s: float = 1.0  # doubles with every attempt
    menu_batch_s: float = 0.2  # how long LINE takes to change many people's menus
    calls_max: int = 100_000
    calls_body_bytes_max: int = 128 * 1024 * 1024
    chats_max: int = 20_000
    chat_entries_max: int = 500
    tokens_max: int = 200_000
    content_bytes_max: int = 256 * 1024 * 1024
    upload_bytes_max: int = 32 * 1024 * 1024


def parse_settings(argv: Sequence[str]) -> SimSettings:
    """`--webhook-url X` or `NAMJAI_SIM_WEBHOOK_URL=X`; secrets are better given by environment than by argument."""
    parser = argparse.ArgumentParser(prog="python -m namjai.devkit.line", description="The LINE platform, simulated.")
    for field in fields(SimSettings):
        default = os.environ.get(PREFIX + field.name.upper(), field.default)
        convert = _truth if field.type is bool else field.type
        assert callable(convert)
        parser.add_argument("--" + field.name.replace("_", "-"), default=default, type=convert)
    given = parser.parse_args(argv)
    return SimSettings(**vars(given))


def _truth(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "yes", "on")


def note_of_start(settings: SimSettings) -> Path | None:
    """The file that tells the supervisor which ports were chosen."""
    return Path(settings.home) / "simulator.json" if settings.home else None
