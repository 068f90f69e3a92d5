"""Erased means gone (G7): no store of a run holds a person's words in the clear, and none can be opened any more."""

import secrets
from pathlib import Path

from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.events.member import ErasureRequested, MemberErased
from namjai.events.message import MessageReceived


def holding(folder: Path, *words: str) -> list[str]:
    """Files below a folder with any of these words in them, in UTF-8 or as JSON escapes."""
    needles = [form for word in words for form in (word.encode(), word.encode("unicode_escape"), word.encode("utf-16"))]
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(needle in content for needle in needles):
                found.append(str(path.relative_to(folder)))
    return found


async def _erased(namjai: Running, member: str) -> bool:
    return any(event.subject == member for event in facts(await namjai.events(), MemberErased))


async def test_no_store_of_a_run_has_an_erased_persons_words(tmp_path: Path) -> None:
    home, user, other = tmp_path / "home", "U" + secrets.token_hex(16), "U" + secrets.token_hex(16)
    secret = f"ความลับของฉันคือ {secrets.token_hex(8)}"
    async with namjai_up(home, NAMJAI_ERASURE_GRACE_S="1") as namjai:
        for person in (user, other):
            await namjai.send(person, secret)
        await until(lambda: namjai.chat(other))
        await until(lambda: namjai.chat(user))
        before = len(await namjai.chat(user))
        await namjai.event(
            {
                "type": "postback",
                "source": {"type": "user", "userId": user},
                "replyToken": secrets.token_hex(16),
                "postback": {"data": "cmd=erase_confirm"},
            }
        )
        request = await until(lambda: _request(namjai))
        await until(lambda: _erased(namjai, request), 20)
        assert len(await namjai.chat(user)) > before, "the person is told before their key goes"
        kept = [e.subject for e in facts(await namjai.events(), MessageReceived)]
        assert len(set(kept)) == 2, "the fact that somebody wrote stays"
        await namjai.send(user, "hello again")
        await until(lambda: _third(namjai))  # a new person, who starts from nothing
        assert holding(home, secret, user) == []
        database = await namjai.namjai("verify")
        assert database[0] == 0, database[1]
    assert holding(home, secret, user) == []


async def _request(namjai: Running) -> str | None:
    requests = facts(await namjai.events(), ErasureRequested)
    return requests[0].subject if requests else None


async def _third(namjai: Running) -> bool:
    return len({e.subject for e in facts(await namjai.events(), MessageReceived)}) == 3
