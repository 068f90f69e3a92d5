"""What the operations can be told from outside."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from namjai.runtime.settings import ServiceSettings

PLACES = ("s3://", "file://")


def _checked_place(place: str) -> str:
    if not place.startswith(PLACES):
        raise ValueError("a place of backups is s3://bucket/prefix or file:///folder")
    return place.rstrip("/")


Place = Annotated[str, AfterValidator(_checked_place)]


class OperationsSettings(ServiceSettings):
    """The common settings, and those of backup, restore, rehearsal and retention. A command says which it misses."""

    postgres_dsn: SecretStr | None = Field(
        None, description="PostgreSQL 15 or newer: postgresql://user:password@host:port/database."
    )
    postgres_bin: Path | None = Field(
        None, description="Folder of `pg_dump` and `pg_restore`, not older than the server. Without it they are found."
    )
    postgres_connect_deadline_s: float = Field(
        10.0, gt=0, le=60, description="How long opening a connection to PostgreSQL may take, seconds."
    )

    backup_place: Place | None = Field(
        None, description="Where backups go: s3://bucket/prefix, any S3-compatible service, or file:///folder."
    )
    backup_recipients: str = Field(
        "", description="age public keys (age1…), comma separated: their owners can read a backup, the job cannot."
    )
    backup_keep_days: int = Field(
        35, ge=1, le=3_650, description="Backups older than this are removed, unless too few would be left, days."
    )
    backup_keep_count_min: int = Field(7, ge=1, le=1_000, description="Newest backups that stay, however old they are.")
    backup_keys_place: Place | None = Field(
        None, description="Where the members' keys go: another bucket, or another prefix, than everything else."
    )
    backup_keys_recipients: str = Field(
        "", description="age public keys of those who may read the members' keys; other people than above, if you can."
    )
    backup_keys_keep_days: int = Field(
        7,
        ge=1,
        le=90,
        description="How long a copy of the keys is kept, days: so long it undoes an erasure for whoever has it.",
    )
    backup_keys_keep_count_min: int = Field(
        2, ge=1, le=100, description="Newest copies of the keys that stay, however old they are."
    )

    backup_s3_endpoint: str | None = Field(
        None, description="Address of the S3-compatible service, such as https://s3.example.org. Without it: AWS."
    )
    backup_s3_region: str = Field("auto", description="Region of the buckets; most S3-compatible services take any.")
    backup_s3_virtual_hosted: bool = Field(
        False, description="Whether the bucket is a part of the host's name instead of the path."
    )
    backup_s3_ca_file: Path | None = Field(
        None, description="CA certificate of an S3-compatible service with an authority of its own."
    )
    backup_s3_access_key: str | None = Field(None, description="Access key of the S3-compatible service.")
    backup_s3_secret_key: SecretStr | None = Field(None, description="Secret key of the S3-compatible service.")
    backup_keys_s3_access_key: str | None = Field(
        None, description="Access key for the place of the keys, where it is another one."
    )
    backup_keys_s3_secret_key: SecretStr | None = Field(
        None, description="Secret key for the place of the keys, where it is another one."
    )
    backup_upload_part_bytes: int = Field(
        8 * 1024**2,
        ge=5 * 1024**2,
        le=512 * 1024**2,
        description="Size of one part of an upload, bytes; S3 takes 10,000 parts an object. Memory is some of these.",
    )
    backup_request_deadline_s: float = Field(
        60.0, gt=0, le=3_600, description="How long one request to the place of the backups may take, seconds."
    )
    backup_request_retries_max: int = Field(
        5, ge=0, le=20, description="How often such a request is tried again, with growing pauses."
    )
    backup_deadline_s: float = Field(
        6 * 3_600.0, gt=0, le=7 * 86_400, description="How long a whole backup or restore may take, seconds."
    )

    restore_identity_files: str = Field(
        "", description="Files with age secret keys, comma separated; `--identity` names more."
    )
    rehearsal_nats_url: str | None = Field(
        None, description="A throw-away NATS for the rehearsal of a restore. All streams in it are deleted."
    )
    rehearsal_postgres_dsn: SecretStr | None = Field(
        None, description="A throw-away PostgreSQL for the rehearsal of a restore. All tables in it are dropped."
    )

    retain_media_days: int = Field(
        31, ge=1, le=31, description="Pictures and voices older than this go; each has an end of its own, sooner, days."
    )
    retain_dead_letter_days: int = Field(
        90, ge=7, le=90, description="Dead letters older than this go, read or not, days; the stream keeps 90 at most."
    )
    retain_snapshot_days: int = Field(
        90, ge=1, le=3_650, description="Folded states of people who have not written for so long go, days."
    )
    retain_timer_days: int = Field(
        30, ge=1, le=3_650, description="Timers that came, and were dealt with, so long ago go, days."
    )
    retain_erased_row_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="Rows of the read models about people erased so long ago go, days. Without it they stay.",
    )
    retain_silent_people_days: int | None = Field(
        None,
        ge=365,
        le=36_500,
        description="People of whom nothing was heard for so long are erased, days. Without it nobody is. "
        "The clinic decides, after a look at the law on medical records.",
    )
    retain_people_per_run_max: int = Field(
        50, ge=1, le=10_000, description="People that one run erases at most: a wrong number must not cost everybody."
    )

    def environment_of_tools(self) -> Mapping[str, str]:
        """What PostgreSQL's programs get to see: how to find things, and none of our secrets."""
        found = {name: value for name, value in os.environ.items() if not name.startswith("NAMJAI_")}  # noqa: TID251
        return {**found, "PGCONNECT_TIMEOUT": str(max(1, int(self.postgres_connect_deadline_s)))}
