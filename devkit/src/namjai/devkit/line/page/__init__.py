"""The pages of the simulator, put together from the files of this folder into self-contained documents."""

import html
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from namjai.devkit.mail import Letter


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def phone_page() -> str:
    """One document: no request but for the simulator's own data."""
    page = _text("phone.html")
    for mark, names in (
        ("/*styles*/", ("phone.css", "flex.css", "menu.css")),
        ("/*script*/", ("flex.js", "message.js", "menu.js", "phone.js", "app.js")),
    ):
        page = page.replace(mark, "\n".join(_text(name) for name in names))
    return page


def mail_page(letters: Sequence[Letter]) -> str:
    """The inbox, newest first."""
    items = "".join(
        f"<article><h2>{html.escape(letter.subject) or '(no subject)'}</h2>"
        f"<p>{html.escape(letter.sender)} → {html.escape(', '.join(letter.to))}"
        f" · <time data-ms='{letter.time}'></time></p><pre>{html.escape(letter.text or letter.html)}</pre></article>"
        for letter in reversed(letters)
    )
    return _text("mail.html").replace("<!--letters-->", items or "<p class='none'>No mail yet.</p>")
