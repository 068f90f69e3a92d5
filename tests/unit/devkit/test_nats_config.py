"""The generated NATS configuration says what production says."""

import json
from pathlib import Path

from namjai.devkit.embedded.nats import NatsUser, Route, nats_config


def config(*users: NatsUser) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(nats_config(4222, 8222, Path("/home/น้ำใจ/store"), users))
    return loaded


def test_every_write_is_on_the_disk_before_it_is_acknowledged() -> None:
    jetstream = config()["jetstream"]
    assert isinstance(jetstream, dict)
    assert jetstream["sync_interval"] == "always"
    assert jetstream["store_dir"] == "/home/น้ำใจ/store"


def test_only_loopback_is_listened_on() -> None:
    assert config()["listen"] == "127.0.0.1:4222"
    assert config()["http"] == "127.0.0.1:8222"


def test_without_users_nobody_has_to_log_in() -> None:
    assert "authorization" not in config()


def test_a_user_gets_its_subjects_and_may_answer_when_it_says_so() -> None:
    user = NatsUser(name="chat", password="p", publish=("evt.reply.>",), subscribe=("_INBOX.chat.>",), responds=True)
    assert config(user)["authorization"] == {
        "users": [
            {
                "user": "chat",
                "password": "p",
                "permissions": {
                    "publish": {"allow": ["evt.reply.>"]},
                    "subscribe": {"allow": ["_INBOX.chat.>"]},
                    "allow_responses": {"max": 1000, "expires": "2m"},
                },
            }
        ]
    }


def test_a_user_without_subjects_may_do_nothing_instead_of_everything() -> None:
    authorization = config(NatsUser(name="nobody", password="p"))["authorization"]
    assert isinstance(authorization, dict)
    assert authorization["users"][0]["permissions"] == {
        "publish": {"deny": [">"]},
        "subscribe": {"deny": [">"]},
    }


def test_a_password_is_not_in_the_representation() -> None:
    assert "hush" not in repr(NatsUser(name="chat", password="hush"))


def test_a_server_of_a_cluster_finds_the_others_on_loopback_and_only_with_the_password() -> None:
    route = Route(port=6222, others=(6223, 6224), password="hush")
    loaded = json.loads(nats_config(4222, 8222, Path("/store"), name="nats-2", route=route))
    assert loaded["server_name"] == "nats-2"
    assert loaded["cluster"] == {
        "name": "namjai",
        "listen": "127.0.0.1:6222",
        "authorization": {"user": "namjai", "password": "hush"},
        "routes": ["nats://namjai:hush@127.0.0.1:6223", "nats://namjai:hush@127.0.0.1:6224"],
    }
    assert "hush" not in repr(route)
