"""Channel access tokens: rotated without a restart, renewed once and never in a loop."""

import asyncio
from pathlib import Path

from namjai.runtime.channel_tokens import FileToken, FixedToken, Issued, IssuedToken


async def test_a_token_in_a_file_is_read_again_when_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old\n")
    source = FileToken(path)
    assert await source.current() == "old"
    assert await source.renewed("old") is None
    path.write_text("new\n")
    assert await source.renewed("old") == "new"
    assert await source.current() == "new"
    path.unlink()
    assert await source.renewed("new") is None
    assert await source.current() == "new"


async def test_a_fixed_token_cannot_be_renewed() -> None:
    assert await FixedToken("t").renewed("t") is None


async def test_many_refusals_ask_for_one_new_token() -> None:
    asked: list[str] = []

    async def issue() -> Issued:
        asked.append(f"t{len(asked)}")
        await asyncio.sleep(0)
        return Issued(asked[-1], 900.0)

    source = IssuedToken(issue)
    assert await asyncio.gather(*(source.current() for _ in range(5))) == ["t0"] * 5
    assert asked == ["t0"]
    assert await asyncio.gather(*(source.renewed("t0") for _ in range(5))) == [None] * 5, "not again so soon"


async def test_an_issuer_that_is_down_leaves_the_old_token() -> None:
    async def issue() -> None:
        return None

    assert await IssuedToken(issue).current() == ""
