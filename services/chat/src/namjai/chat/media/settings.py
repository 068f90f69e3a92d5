"""What chat can be told about pictures, voices and files: where they come from, how large, how many, how long."""

from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from yarl import URL

from namjai.runtime.media_links import MediaSecret
from namjai.runtime.settings import ServiceSettings


class MediaSettings(ServiceSettings):
    """LINE's content API as notify is told of its send API, the limits of media, and the links that we offer."""

    line_api_url: str = Field("https://api.line.me", description="LINE's API; the simulator's address in tests.")
    line_data_url: str = Field("https://api-data.line.me", description="LINE's host for content; likewise.")
    line_channel_access_token: SecretStr | None = Field(None, description="A long-lived channel access token.")
    line_channel_access_token_file: Path | None = Field(
        None, description="File with the token, read again when LINE refuses it: rotation without a restart."
    )
    line_channel_id: str | None = Field(None, description="With the channel secret: stateless tokens are issued.")
    line_channel_secret: SecretStr | None = Field(None, description="Channel secret, for issuing stateless tokens.")

    content_bytes_max: int = Field(
        20_000_000, ge=1_000, le=30_000_000, description="Largest picture or voice that is read, bytes."
    )
    content_outside_bytes_max: int = Field(
        5_000_000, ge=1_000, le=30_000_000, description="The same for content that LINE only points at, bytes."
    )
    content_deadline_s: float = Field(
        25.0, gt=0, le=300, description="How long the content of one message may take in all, seconds."
    )
    content_connect_s: float = Field(3.0, gt=0, le=30, description="How long a connection for it may take, seconds.")
    content_poll_ms: int = Field(
        700, ge=50, le=10_000, description="How often LINE is asked whether it has prepared a voice, milliseconds."
    )
    content_at_once: int = Field(
        8, ge=1, le=200, description="Messages whose content is fetched at the same time; bounds the memory it takes."
    )

    media_at_once: int = Field(
        2, ge=1, le=64, description="Pictures and sounds converted at the same time, in threads."
    )
    picture_side_px_max: int = Field(1_920, ge=256, le=8_192, description="Longest side of a picture for a model, px.")
    picture_pixels_max: int = Field(
        30_000_000, ge=1_000_000, le=200_000_000, description="Pixels unpacked of one picture at most; 5 bytes each."
    )
    picture_kept_hours: float = Field(
        24.0, gt=0, le=24 * 30, description="How long what was read in a picture is kept for who shows the same, hours."
    )
    picture_kept_bytes_max: int = Field(
        8_000_000, ge=10_000, le=1_000_000_000, description="Memory for that in each process, bytes."
    )
    picture_open_s: float = Field(
        300.0, ge=0.1, le=86_400, description="How long a picture is remembered that we have a question about, seconds."
    )
    image_set_wait_ms: int = Field(
        4_000, ge=0, le=30_000, description="How long the next of pictures sent together is waited for, milliseconds."
    )
    image_set_read_max: int = Field(3, ge=1, le=10, description="Pictures that are read of those sent together.")
    sound_minutes_max: float = Field(5.0, gt=0, le=30, description="Longest voice that is listened to, minutes.")

    public_url: str | None = Field(
        None,
        description="Where LINE reaches the gateway: https, or http on this very machine where LINE is the simulator.",
    )
    media_secret: MediaSecret | None = Field(
        None, description="Secret under the links to pictures and voices, the same as the gateway's; or two of them."
    )
    media_link_hours: float = Field(
        24.0, gt=0, le=24 * 30, description="How long a link to a picture or a voice is good, hours."
    )

    @field_validator("public_url")
    @classmethod
    def _line_can_fetch_it(cls, url: str | None) -> str | None:
        """LINE takes HTTPS only. What begins on this machine and ends on it cannot be production, nor be overheard."""
        if url is None:
            return None
        address = URL(url)
        plain_at_home = address.scheme == "http" and _is_this_machine(address.host)
        if address.host is None or not (address.scheme == "https" or plain_at_home):
            raise ValueError("must be https")
        if address.query_string or address.fragment or address.user:
            raise ValueError("must be an address and nothing more")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _links_are_complete(self) -> Self:
        """A secret without an address, or an address without a secret, is half a setting: nobody would notice."""
        if (self.public_url is None) != (self.media_secret is None):
            raise ValueError("public_url and media_secret belong together")
        return self


def _is_this_machine(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
