"""LINE's content API in all its moods (LINE.md, P7): each has one name, comes in time, and costs no memory."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from namjai.chat.adapters.content import ContentUnavailable, LineContents, elsewhere, open_contents
from namjai.chat.settings import ChatSettings
from namjai.runtime.metrics import Metrics
from tests.integration.chat_media.conftest import FROM_LINE, Line

MB = 1_000_000
VOICE = bytes(range(256)) * 1_000


async def reason(line: Line, message_id: str, raw: str = FROM_LINE, **more: Any) -> str:
    """Why there was nothing to be had."""
    with pytest.raises(ContentUnavailable) as unavailable:
        await line.fetch(message_id, raw, **more)
    return unavailable.value.reason


async def test_content_that_is_there_comes_whole_with_its_type(line: Line) -> None:
    message = await line.upload(VOICE)
    assert await line.fetch(message) == (VOICE, "audio/x-m4a")
    assert line.asked() == [("content", 200)]
    assert line.findings() == []


async def test_content_that_line_still_prepares_is_waited_for(line: Line) -> None:
    message = await line.upload(VOICE, processing_ms=300)
    assert (await line.fetch(message)).data == VOICE
    asked = line.asked()
    assert (asked[0], asked[-1]) == (("content", 202), ("content", 200))
    assert set(asked[1:-1]) == {("transcoding", 200)}
    assert 2 <= len(asked) - 2 <= 8


async def test_a_picture_that_is_not_ready_is_asked_for_again_since_it_is_not_transcoded(line: Line) -> None:
    message = await line.upload(VOICE, "image/jpeg")
    await line.fault(status=202, times=2)
    assert (await line.fetch(message)).mime == "image/jpeg"
    assert [path for path, _ in line.asked()] == ["content", "transcoding", "content", "transcoding", "content"]


async def test_content_that_is_never_ready_is_given_up_and_said_to_be_so(line: Line) -> None:
    message = await line.upload(VOICE, processing_ms=60_000)
    started = time.monotonic()
    assert await reason(line, message, content_deadline_s=0.6) == "not_ready"
    assert time.monotonic() - started < 2


async def test_content_that_line_could_not_prepare_has_failed(line: Line) -> None:
    message = await line.upload(VOICE, failed="yes")
    assert await reason(line, message) == "failed"
    slow = await line.upload(VOICE, failed="yes")
    await line.fault(status=202, times=1)
    assert await reason(line, slow) == "failed"
    assert line.asked()[-1] == ("transcoding", 200)


async def test_content_that_line_no_longer_keeps_is_gone(line: Line) -> None:
    assert await reason(line, "123456789012345678") == "gone"


async def test_content_that_was_unsent_says_so(line: Line) -> None:
    message = await line.upload(VOICE)
    line.sim.platform.contents.unsend(message, line.sim.platform.now())
    assert await reason(line, message) == "unsent"


@pytest.mark.parametrize("odd", ["", "1/../../../v2/bot/info", "12 34", "๑๒๓", "1?x=y"])
async def test_an_id_that_line_could_not_have_made_is_never_asked_for(line: Line, odd: str) -> None:
    assert await reason(line, odd) == "gone"
    assert line.asked() == []


async def test_a_wrong_token_is_refused_once_and_not_tried_in_a_loop(line: Line) -> None:
    message = await line.upload(VOICE)
    assert await reason(line, message, line_channel_access_token="wrong") == "refused"
    assert line.asked() == [("content", 401)]


async def test_a_token_that_was_rotated_is_read_again_and_the_content_comes(line: Line, tmp_path: Path) -> None:
    message = await line.upload(VOICE)
    file = tmp_path / "token"
    file.write_text("old\n")
    async with line.contents(line_channel_access_token_file=file) as contents:
        with pytest.raises(ContentUnavailable):
            await contents.fetch(message, FROM_LINE)
        file.write_text(line.sim.platform.settings.access_token)
        assert (await contents.fetch(message, FROM_LINE)).data == VOICE
    assert [status for _, status in line.asked()] == [401, 401, 200]


async def test_a_token_is_issued_by_line_where_the_clinic_wants_it_so(line: Line) -> None:
    message = await line.upload(VOICE)
    settings = line.sim.platform.settings
    keys = {"line_channel_id": settings.channel_id, "line_channel_secret": settings.channel_secret}
    assert (await line.fetch(message, **keys)).data == VOICE


async def test_forbidden_is_refused_and_not_tried_again(line: Line) -> None:
    message = await line.upload(VOICE)
    await line.fault(status=403)
    assert await reason(line, message) == "refused"
    assert len(line.asked()) == 1


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 503}, {"status": 429}, {"reset": True}])
async def test_what_fails_once_is_tried_once_more(line: Line, fault: dict[str, Any]) -> None:
    message = await line.upload(VOICE)
    await line.fault(**fault, times=1)
    assert (await line.fetch(message)).data == VOICE
    assert len(line.asked()) == 2


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 503}, {"status": 429}, {"reset": True}])
async def test_what_fails_twice_has_failed(line: Line, fault: dict[str, Any]) -> None:
    message = await line.upload(VOICE)
    await line.fault(**fault)
    assert await reason(line, message) == "failed"
    # Where the connection broke, aiohttp had tried each GET once more by itself.
    assert len(line.asked()) == (4 if "reset" in fault else 2)


async def test_content_that_breaks_off_is_fetched_again_and_never_taken_for_whole(line: Line) -> None:
    message = await line.upload(VOICE)
    await line.fault(stop_after=100_000, reset=True, times=1)
    assert (await line.fetch(message)).data == VOICE
    await line.fault(stop_after=100_000, reset=True)
    assert await reason(line, message) == "failed"


async def test_content_that_stalls_is_given_up_in_time_and_leaves_no_connection(line: Line) -> None:
    message = await line.upload(VOICE)
    await line.fault(stop_after=1_000)
    started = time.monotonic()
    assert await reason(line, message, content_deadline_s=0.5) == "deadline"
    assert time.monotonic() - started < 2


async def test_a_server_that_does_not_answer_is_given_up_in_time(line: Line) -> None:
    message = await line.upload(VOICE)
    await line.fault(delay_ms=3_000)
    assert await reason(line, message, content_deadline_s=0.4) == "deadline"


async def test_nobody_at_lines_address_is_a_failure_and_no_crash(line: Line) -> None:
    assert await reason(line, "1", line_data_url="http://127.0.0.1:9") == "failed"


async def test_a_film_of_200_mb_is_never_read(line: Line) -> None:
    message = await line.upload(b"\0\0\0\x18ftypmp42", "video/mp4", zeros=200 * MB)
    started = time.monotonic()
    assert await reason(line, message) == "too_large"
    assert time.monotonic() - started < 2
    (call,) = line.sim.platform.calls.since(0, 10)
    assert call.sent < 8 * MB


async def test_the_largest_that_is_read_is_read_and_one_byte_more_is_not(line: Line) -> None:
    assert len((await line.fetch(await line.upload(bytes(10_000)), content_bytes_max=10_000)).data) == 10_000
    assert await reason(line, await line.upload(bytes(10_001)), content_bytes_max=10_000) == "too_large"


async def test_many_are_fetched_over_few_connections(line: Line) -> None:
    messages = [await line.upload(VOICE + bytes([n])) for n in range(30)]
    async with line.contents(content_at_once=4) as contents:
        found = await asyncio.gather(*(contents.fetch(message, FROM_LINE) for message in messages))
    assert [each.data for each in found] == [VOICE + bytes([n]) for n in range(30)]


async def test_no_token_no_fetching() -> None:
    async with open_contents(ChatSettings(), Metrics("chat")) as contents:
        assert contents is None


async def test_what_came_of_it_is_counted(line: Line) -> None:
    metrics = Metrics("chat")
    message = await line.upload(VOICE)
    given: dict[str, Any] = {"line_data_url": line.sim.url, "line_channel_access_token": "wrong"}
    async with open_contents(ChatSettings(**given), metrics) as contents:
        assert isinstance(contents, LineContents)
        with pytest.raises(ContentUnavailable):
            await contents.fetch(message, FROM_LINE)
    assert metrics.registry.get_sample_value("namjai_content_fetches_total", {"outcome": "refused"}) == 1


@pytest.mark.parametrize(
    ("message", "address"),
    [
        ({"contentProvider": {"type": "line"}}, None),
        ({"fileName": "a.pdf"}, None),
        ({"contentProvider": {}}, None),
        ([], None),
        ({"contentProvider": {"type": "external", "originalContentUrl": "https://a.example/b"}}, "https://a.example/b"),
        ({"contentProvider": {"type": "external"}}, ""),
        ({"contentProvider": {"type": "external", "originalContentUrl": 5}}, ""),
        ({"contentProvider": {"type": "something new"}}, ""),
    ],
)
def test_only_what_line_keeps_is_asked_of_line(message: Any, address: str | None) -> None:
    assert elsewhere(json.dumps(message)) == address
    assert elsewhere("{") is None
