"""The gateway's settings: described, limited, and refused at start where they could never work."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from namjai.gateway.settings import GatewaySettings


def test_every_field_is_described_and_every_number_limited() -> None:
    fields = GatewaySettings.model_fields
    assert [name for name, field in fields.items() if not field.description] == []
    numbers = {name: field for name, field in fields.items() if field.annotation in (int, float)}
    assert [name for name, field in numbers.items() if len(field.metadata) < 2] == []


def test_without_a_channel_secret_it_does_not_start() -> None:
    for secrets in (None, SecretStr(""), SecretStr("one,two,three")):
        with pytest.raises(ValidationError) as refused:
            GatewaySettings(channel_secrets=secrets)
        assert "two,three" not in str(refused.value)
    assert GatewaySettings(channel_secrets_file=Path("secrets")).channel_secrets is None


def test_line_gets_its_answer_before_it_stops_waiting() -> None:
    with pytest.raises(ValidationError):
        GatewaySettings(channel_secrets=SecretStr("x"), webhook_deadline_ms=2_000)
