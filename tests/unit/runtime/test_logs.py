"""Logs: one JSON object a line, with the correlation id, and never a person's words, LINE id or token."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import ValidationError

from namjai.runtime.logs import configure_logs, correlated, exception_handler, get_logger
from namjai.runtime.redact import describe, mask, mask_foreign
from namjai.runtime.settings import ServiceSettings
from namjai.runtime.tracing import UNTRACED, from_traceparent

LINE_ID = "U" + "4af4980629" * 3 + "ab"
WORDS = "อยากตาย คืนนี้จะทำแน่ๆ"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What this process logs during a test; the configuration before it is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("risk", "1.2.3", level="info", log_format="json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def records(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_line_that_says_who_where_and_in_which_matter(lines: io.StringIO) -> None:
    with correlated("c-1", type="message.received.v1"):
        get_logger("namjai.risk").info("assessed", level_found="high", ms=1.5)
    (record,) = records(lines)
    expected = {
        "event": "assessed",
        "level": "info",
        "logger": "namjai.risk",
        "service": "risk",
        "version": "1.2.3",
        "correlation_id": "c-1",
        "type": "message.received.v1",
        "level_found": "high",
        "ms": 1.5,
    }
    assert expected == {key: value for key, value in record.items() if key != "time"}


async def test_the_correlation_id_follows_into_the_tasks_started_inside(lines: io.StringIO) -> None:
    async def work() -> None:
        get_logger("t").info("inside")

    with correlated("c-2"):
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
    get_logger("t").info("outside")
    assert [record.get("correlation_id") for record in records(lines)] == ["c-2", None]


@pytest.mark.parametrize(
    "key", ["text", "Authorization", "reply_token", "X-Line-Signature", "userId", "channel_secret"]
)
def test_a_field_with_a_forbidden_name_is_redacted_at_any_depth(lines: io.StringIO, key: str) -> None:
    get_logger("t").info("seen", **{key: WORDS}, nested={"deep": [{key: WORDS}]})
    (record,) = records(lines)
    assert "[redacted]" == record[key] == record["nested"]["deep"][0][key]


def test_a_line_id_is_masked_wherever_it_stands(lines: io.StringIO) -> None:
    get_logger("t").info(f"to {LINE_ID}", who=LINE_ID, many=[f"push/{LINE_ID}"])
    logging.getLogger("aiohttp.client").warning("slow %s", LINE_ID)
    assert LINE_ID not in lines.getvalue()
    assert len(records(lines)) == 2


def test_an_unknown_object_is_named_by_its_type_and_never_by_its_repr(lines: io.StringIO) -> None:
    class Message:
        def __repr__(self) -> str:
            return WORDS

    get_logger("t").info("seen", thing=Message(), raw=WORDS.encode())
    (record,) = records(lines)
    assert (record["thing"], record["raw"]) == ("<Message>", "<bytes>")


def test_an_exception_is_logged_with_place_and_fingerprint_but_without_words(lines: io.StringIO) -> None:
    secret_local = WORDS
    try:
        try:
            int(f"please {LINE_ID}")
        except ValueError as error:
            raise KeyError(secret_local) from error
    except KeyError:
        get_logger("t").exception("failed")
    (record,) = records(lines)
    exception = record["exception"]
    assert (exception["error"], exception["error_message"]) == ("KeyError", "[redacted]")
    assert exception["caused_by"] == ["ValueError: invalid literal for int() with base 10: [redacted]"]
    assert any("test_logs.py" in frame for frame in exception["frames"])
    assert "อยาก" not in lines.getvalue()
    assert LINE_ID not in lines.getvalue()


def _fingerprint(source: str, words: str = "") -> str:
    """Of what goes wrong in a module of ours with this source."""
    frame: dict[str, Any] = {"words": words}
    try:
        exec(compile(source, "/srv/lib/namjai/risk/handlers.py", "exec"), frame)
    except Exception as error:
        return str(describe(error)["fingerprint"])
    raise AssertionError("nothing went wrong")


JUDGE = "def judge():\n    raise ValueError(words)\njudge()"


def test_the_fingerprint_is_that_of_the_function_whatever_the_data_and_wherever_the_line() -> None:
    known = _fingerprint(JUDGE, "one")
    assert len(known) == 12
    assert _fingerprint(JUDGE, "two") == known
    assert _fingerprint(f"# a line more\n\n{JUDGE}") == known
    assert _fingerprint(JUDGE.replace("judge", "weigh")) != known
    assert _fingerprint(JUDGE.replace("ValueError", "KeyError")) != known


def test_what_a_library_raises_is_known_by_what_of_ours_asked_for_it() -> None:
    source = "import json\ndef read():\n    json.loads(words)\nread()"
    assert _fingerprint(source, "{") == _fingerprint(source, "[1,")  # from different depths of the library
    assert _fingerprint(source, "{") != _fingerprint(source.replace("read", "look"), "{")


def test_a_group_is_known_by_what_is_in_it_however_many() -> None:
    source = "def work(n):\n    raise ExceptionGroup(words, [ValueError()] * n)\nwork({n})"
    assert _fingerprint(source.format(n=1), "a") == _fingerprint(source.format(n=3), "b")


def test_whoever_counts_errors_hears_the_fingerprint_that_is_in_the_log() -> None:
    heard: list[str] = []
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs("risk", "1", log_format="json", stream=stream, on_error=heard.append)
    try:
        get_logger("t").exception("failed", exc_info=ValueError(WORDS))
        get_logger("t").info("fine")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    assert heard == [records(stream)[0]["exception"]["fingerprint"]]


def test_a_line_leads_to_the_trace_that_it_belongs_to(lines: io.StringIO) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with UNTRACED.consumer("a.b.v1", message_id="e", parent=from_traceparent(parent)):
        get_logger("t").info("inside")
    get_logger("t").info("outside")
    inside, outside = records(lines)
    assert f"00-{inside['trace_id']}-{inside['span_id']}-01" == parent
    assert "trace_id" not in outside


def test_a_refused_value_is_named_by_field_and_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMJAI_BATCH_SIZE", "many")
    with pytest.raises(ValidationError) as refused:
        ServiceSettings()
    assert describe(refused.value)["faults"] == ["batch_size: int_parsing"]


def test_a_librarys_record_has_the_same_shape_and_its_words_are_masked(lines: io.StringIO) -> None:
    logging.getLogger("nats.aio.client").error("bad payload %r", WORDS)
    (record,) = records(lines)
    assert (record["logger"], record["level"], record["service"]) == ("nats.aio.client", "error", "risk")
    assert "อยาก" not in record["event"]


def test_records_below_the_level_are_not_written(lines: io.StringIO) -> None:
    get_logger("t").debug("not")
    logging.getLogger("nats").debug("not")
    assert lines.getvalue() == ""


async def test_what_nobody_awaited_is_logged_without_reprs(lines: io.StringIO) -> None:
    handle = exception_handler(get_logger("loop"))
    handle(
        asyncio.get_running_loop(), {"message": "Task exception was never retrieved", "exception": ValueError(WORDS)}
    )
    (record,) = records(lines)
    assert (record["event"], record["exception"]["error"]) == ("unhandled_in_event_loop", "ValueError")
    assert "อยาก" not in lines.getvalue()


def test_the_console_format_is_text_with_the_same_care() -> None:
    stream = io.StringIO()
    configure_logs("risk", "1", log_format="console", stream=stream)
    try:
        raise ValueError(WORDS)
    except ValueError:
        get_logger("t").exception("failed", text=WORDS)
    finally:
        logging.getLogger().handlers.clear()
        structlog.reset_defaults()
    assert "failed" in stream.getvalue()
    assert "ValueError: [redacted]" in stream.getvalue()
    assert "อยาก" not in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"user {LINE_ID} left", "user [redacted] left"),
        ("Bearer abcdefghij.klm", "Bearer [redacted]"),
        ("cannot reach redis://me:hunter2@cache:6379/0", "cannot reach redis://me:[redacted]@cache:6379/0"),
        ("nats: timeout", "nats: timeout"),
    ],
)
def test_mask_takes_out_ids_and_credentials_and_leaves_the_rest(text: str, expected: str) -> None:
    assert expected == mask(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("invalid literal: 'I want to die'", "invalid literal: [redacted]"),
        (f"cannot parse {WORDS} at 3", "cannot parse [redacted] at 3"),
        ("duplicate key\nDETAIL: Key (name)=(Somchai)", "duplicate key"),
        ("no column 'level'", "no column 'level'"),
        ("我想死 bad", "[redacted] bad"),
    ],
)
def test_mask_foreign_takes_out_what_may_be_somebodys_words(text: str, expected: str) -> None:
    assert expected == mask_foreign(text)
