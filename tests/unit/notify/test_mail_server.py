"""Mail servers by URL: the scheme says how it is guarded, and a mistake never repeats the password."""

import pytest

from namjai.notify.domain.mail_server import MailServer


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525, False, False, None, None)),
        ("smtps://mail.example", MailServer("mail.example", 465, True, False, None, None)),
        ("smtp+starttls://u%40x:p%3Aw@mail.example", MailServer("mail.example", 587, False, True, "u@x", "p:w")),
    ],
)
def test_a_url_says_where_and_how(url: str, expected: MailServer) -> None:
    assert MailServer.parse(url) == expected


@pytest.mark.parametrize("url", ["http://u:secret@mail.example", "smtp://", "secret"])
def test_a_mistake_is_named_without_the_url(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with") as caught:
        MailServer.parse(url)
    assert "secret" not in str(caught.value)
