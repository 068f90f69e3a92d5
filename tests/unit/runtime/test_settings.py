"""Settings: limits hold, secrets stay secret, mistakes are said by name."""

import base64

import pytest
from pydantic import SecretStr, ValidationError

from namjai.runtime.settings import ServiceSettings, parse_master_keys

KEY = base64.b64encode(bytes(32)).decode()
OTHER_KEY = base64.b64encode(bytes(range(32))).decode()


def test_every_field_is_described_because_the_reference_is_generated_from_it() -> None:
    undescribed = [name for name, field in ServiceSettings.model_fields.items() if not field.description]
    assert undescribed == []


def test_every_number_has_a_limit() -> None:
    numbers = {name: field for name, field in ServiceSettings.model_fields.items() if field.annotation in (int, float)}
    unlimited = [name for name, field in numbers.items() if len(field.metadata) < 2]
    assert numbers
    assert unlimited == []


def test_settings_are_read_from_prefixed_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMJAI_NATS_URL", "nats://10.0.0.1:4222")
    monkeypatch.setenv("NAMJAI_CONSUMER_CONCURRENCY", "8")
    settings = ServiceSettings()
    assert (settings.nats_url, settings.consumer_concurrency) == ("nats://10.0.0.1:4222", 8)


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMJAI_REDIS_URL", "")
    assert ServiceSettings().redis_url is None


def test_settings_cannot_be_changed_after_start() -> None:
    with pytest.raises(ValidationError):
        ServiceSettings().batch_size = 5  # type: ignore[misc]  # the point of the test


def test_the_first_master_key_is_the_current_one() -> None:
    settings = ServiceSettings(master_keys=SecretStr(f"k2:{OTHER_KEY},k1:{KEY}"))
    assert [("k2", bytes(range(32))), ("k1", bytes(32))] == list(settings.master_key_ring().items())


def test_a_mistyped_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        ServiceSettings(master_keys=SecretStr("k1:hunter2hunter2"))
    assert "hunter2" not in str(refused.value)
    assert "master_keys" in str(refused.value)


def test_secrets_do_not_show_in_a_repr() -> None:
    settings = ServiceSettings(identity_key=SecretStr(KEY), redis_url=SecretStr("redis://:hunter2@cache"))
    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("text", ["", "k1", f":{KEY}", f"k1:{KEY},k1:{OTHER_KEY}", "k1:AAAA", "k1:%%%"])
def test_a_list_of_master_keys_that_is_not_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        parse_master_keys(text)


def test_a_missing_key_is_named_when_it_is_needed() -> None:
    with pytest.raises(LookupError, match="NAMJAI_MASTER_KEYS"):
        ServiceSettings().master_key_ring()
    with pytest.raises(LookupError, match="NAMJAI_IDENTITY_KEY"):
        ServiceSettings().identity_key_bytes()


def test_a_password_without_a_user_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="nats_user"):
        ServiceSettings(nats_password=SecretStr("x"))
