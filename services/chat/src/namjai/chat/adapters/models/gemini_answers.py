"""What came back from Gemini: words with their sources, a transcript, a sound, or why there is nothing to use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from namjai.chat.adapters.models.backend import Voiced, named
from namjai.chat.adapters.models.gemini_requests import NOTHING_SAID
from namjai.chat.ports import Attachment, Citation, ModelAnswer, ModelFailure, ModelUnavailable, Source

if TYPE_CHECKING:
    from google.genai import types

_BLOCKED: Final = frozenset({"SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "LANGUAGE"})
_FINISHED: Final = (None, "STOP")
_RATE: Final = re.compile(r"rate=(\d+)", re.IGNORECASE)
_RATE_SPOKEN: Final = 24_000
"""What Gemini speaks at where its answer does not say."""
_RIFF: Final = b"RIFF"


def words(response: types.GenerateContentResponse, configured: str) -> ModelAnswer:
    """The text of an answer that came to its own end, without thoughts, and what it rests on."""
    candidate, account = _finished(response, configured)
    parts = _parts(candidate)
    spoken = [part.text if part.text and not part.thought else "" for part in parts]
    joined = "".join(spoken)
    text = joined.strip()
    if not text:
        raise ModelUnavailable("empty", account)
    stripped = len(joined[: len(joined) - len(joined.lstrip())].encode())
    sources, citations = _grounding(candidate, spoken, stripped, len(text.encode()))
    return ModelAnswer(
        text=text,
        model=account.model,
        tokens_in=account.tokens_in,
        tokens_out=account.tokens_out,
        tokens_cached=account.tokens_cached,
        sources=sources,
        citations=citations,
        searches=_searches(candidate),
    )


def transcript(response: types.GenerateContentResponse, configured: str) -> ModelAnswer:
    """What was heard. Raises `ModelUnavailable("empty")` where nobody spoke."""
    heard = words(response, configured)
    if heard.text == NOTHING_SAID:
        raise ModelUnavailable("empty", heard)
    return heard


def sound(response: types.GenerateContentResponse, configured: str) -> Voiced:
    """A whole WAV file from newer models, raw samples from older ones: the bytes tell, not the model's name."""
    candidate, account = _finished(response, configured)
    blobs = [part.inline_data for part in _parts(candidate) if part.inline_data and part.inline_data.data]
    data = b"".join(blob.data or b"" for blob in blobs)
    if not data:
        raise ModelUnavailable("empty", account)
    if data.startswith(_RIFF):
        return Voiced(Attachment(data, "audio/wav"), account)
    rate = _RATE.search(blobs[0].mime_type or "")
    return Voiced(Attachment(data, f"audio/L16;rate={rate.group(1) if rate else _RATE_SPOKEN}"), account)


def _finished(response: types.GenerateContentResponse, configured: str) -> tuple[types.Candidate, ModelAnswer]:
    """The candidate, and what the call cost. Raises `ModelUnavailable` for one that did not come to its own end."""
    account = _account(response, configured)
    if not response.candidates:
        feedback = response.prompt_feedback
        raise ModelUnavailable("blocked" if feedback and feedback.block_reason else "empty", account)
    candidate = response.candidates[0]
    if (ended := _ended(candidate)) is not None:
        raise ModelUnavailable(ended, account)
    return candidate, account


def _ended(candidate: types.Candidate) -> ModelFailure | None:
    reason = candidate.finish_reason.value if candidate.finish_reason else None
    if reason in _FINISHED:
        return None
    if reason == "MAX_TOKENS":
        return "truncated"
    return "blocked" if reason in _BLOCKED else "stopped"


def _parts(candidate: types.Candidate) -> list[types.Part]:
    return (candidate.content.parts if candidate.content else None) or []


def _account(response: types.GenerateContentResponse, configured: str) -> ModelAnswer:
    used = response.usage_metadata
    read = ((used.prompt_token_count or 0) + (used.tool_use_prompt_token_count or 0)) if used else 0
    written = ((used.candidates_token_count or 0) + (used.thoughts_token_count or 0)) if used else 0
    return ModelAnswer(
        text="",
        model=named(response.model_version, configured),
        tokens_in=max(0, read),
        tokens_out=max(0, written),
        tokens_cached=max(0, (used.cached_content_token_count or 0) if used else 0),
    )


def _grounding(
    candidate: types.Candidate, spoken: list[str], stripped: int, size: int
) -> tuple[tuple[Source, ...], tuple[Citation, ...]]:
    """Sources, and citations moved from bytes of a part to bytes of the whole text without its outer white space."""
    found = candidate.grounding_metadata
    chunks = (found.grounding_chunks if found else None) or []
    places: dict[int, int] = {}
    sources: list[Source] = []
    for index, chunk in enumerate(chunks):
        if chunk.web and chunk.web.uri:
            places[index] = len(sources)
            sources.append(Source(uri=chunk.web.uri, title=chunk.web.title or ""))
    begins = list(_begins(spoken))
    citations = []
    for support in (found.grounding_supports if found else None) or []:
        segment = support.segment
        cited = tuple(places[index] for index in support.grounding_chunk_indices or () if index in places)
        part = (segment.part_index or 0) if segment else 0
        if segment is None or not cited or not 0 <= part < len(spoken):
            continue
        own = len(spoken[part].encode())
        start = begins[part] + min(own, max(0, segment.start_index or 0)) - stripped
        end = begins[part] + min(own, max(0, segment.end_index or 0)) - stripped
        start, end = max(0, start), min(size, end)
        if start < end:
            citations.append(Citation(start, end, cited))
    return tuple(sources), tuple(citations)


def _searches(candidate: types.Candidate) -> tuple[str, ...]:
    found = candidate.grounding_metadata
    return tuple((found.web_search_queries if found else None) or ())


def _begins(spoken: list[str]) -> Iterator[int]:
    """The byte at which each part begins in the joined text."""
    at = 0
    for text in spoken:
        yield at
        at += len(text.encode())
