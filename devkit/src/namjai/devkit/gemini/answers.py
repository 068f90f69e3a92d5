"""Answers as Gemini shapes them: text, structure, grounding, speech, embeddings."""

import base64
import io
import math
import re
import struct
import wave
from hashlib import blake2b
from typing import Any

from namjai.devkit.gemini import wire
from namjai.devkit.gemini.replies import Question, reply
from namjai.devkit.gemini.script import Script

SAMPLES_PER_S = 24_000
_S_PER_LETTER = 0.06
_SPEECH_S_MAX = 20.0
_REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect"
_SENTENCE = re.compile(r"\S[^.!?。！？\n]*[.!?。！？]?")


def generate(model: str, request: dict[str, Any], script: Script, kept: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of an answer to generateContent; `kept` is the cached content that goes before the request."""
    turns = wire.contents(request)
    asked = _question(turns, request, kept or {})
    line = script.find(asked.text, asked.system, model)
    if line and line.response is not None:
        return line.response
    candidate: dict[str, Any] = {"finishReason": "STOP", "index": 0}
    if "AUDIO" in ((request.get("generationConfig") or {}).get("responseModalities") or []):
        part: dict[str, Any] = {"inlineData": _speech(model, line.words if line else asked.text)}
    else:
        text = line.words if line else reply(asked)
        part = {"text": text}
        if asked.searches:
            candidate["groundingMetadata"] = _grounding(asked.text, text)
    candidate["content"] = {"role": "model", "parts": [part]}
    usage = _usage(turns, request, candidate, kept)
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": _mark(asked.text)}


def _question(turns: list[dict[str, Any]], request: dict[str, Any], kept: dict[str, Any]) -> Question:
    config = request.get("generationConfig") or {}
    instruction = request.get("systemInstruction") or kept.get("systemInstruction") or {}
    blobs = [found for part in turns[-1]["parts"] if (found := wire.blob(part))]
    hints = (config.get("audioTranscriptionConfig") or {}).get("languageCodes") or []
    return Question(
        system=wire.words(instruction) if instruction.get("parts") else "",
        text=wire.words(turns[-1]) + " ".join(map(str, hints)),
        blobs=tuple(blobs),
        schema=config.get("responseSchema") or config.get("responseJsonSchema"),
        mime=config.get("responseMimeType", ""),
        searches=any("googleSearch" in tool for tool in request.get("tools") or []),
    )


def _usage(
    turns: list[dict[str, Any]], request: dict[str, Any], candidate: dict[str, Any], kept: dict[str, Any] | None
) -> dict[str, Any]:
    instruction = request.get("systemInstruction") or {}
    cached = int(kept["usageMetadata"]["totalTokenCount"]) if kept else 0
    asked = wire.token_count(turns) + (wire.token_count([instruction]) if instruction.get("parts") else 0) + cached
    said = wire.token_count([candidate["content"]])
    thinking = (request.get("generationConfig") or {}).get("thinkingConfig") or {}
    thought = 0 if thinking.get("thinkingBudget") == 0 else 16
    usage = {
        "promptTokenCount": asked,
        "candidatesTokenCount": said,
        "thoughtsTokenCount": thought,
        "totalTokenCount": asked + said + thought,
    }
    return {**usage, "cachedContentTokenCount": cached} if kept else usage


def _mark(question: str) -> str:
    return blake2b(question.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _grounding(question: str, text: str) -> dict[str, Any]:
    """A source for each sentence; offsets are bytes of UTF-8 within the part."""
    mark = _mark(question)
    hosts = ("who.int", "example.org")
    supports = []
    for place, found in enumerate(_SENTENCE.finditer(text)):
        start, said = len(text[: found.start()].encode()), found.group()
        segment = {"partIndex": 0, "startIndex": start, "endIndex": start + len(said.encode()), "text": said}
        supports.append({"segment": segment, "groundingChunkIndices": [place % len(hosts)]})
    return {
        "webSearchQueries": [question[:80]],
        "searchEntryPoint": {"renderedContent": "<div>search suggestions</div>"},
        "groundingChunks": [{"web": {"uri": f"{_REDIRECT}/{mark}-{host}", "title": host}} for host in hosts],
        "groundingSupports": supports,
    }


def _speech(model: str, text: str) -> dict[str, str]:
    """A low tone as long as the text would take: raw PCM from older models, a WAV file from 3.8 on."""
    count = int(min(_SPEECH_S_MAX, 0.3 + len(text) * _S_PER_LETTER) * SAMPLES_PER_S)
    tone = [round(3_000 * math.sin(2 * math.pi * 220 * index / SAMPLES_PER_S)) for index in range(SAMPLES_PER_S // 220)]
    pcm = struct.pack(f"<{len(tone)}h", *tone) * (count // len(tone) + 1)
    pcm = pcm[: count * 2]
    mime = f"audio/L16;codec=pcm;rate={SAMPLES_PER_S}"
    if "3.8" in model:
        file = io.BytesIO()
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLES_PER_S)
            sound.writeframes(pcm)
        pcm, mime = file.getvalue(), "audio/wav"
    return {"mimeType": mime, "data": base64.b64encode(pcm).decode()}


def chunks(answer: dict[str, Any], pieces: int = 3) -> list[dict[str, Any]]:
    """The answer as a stream gives it: the text in pieces, the reason and the bill with the last."""
    candidate = (answer.get("candidates") or [{}])[0]
    parts = candidate.get("content", {}).get("parts", [])
    if len(parts) != 1 or "text" not in parts[0]:
        return [answer]
    text, step = parts[0]["text"], max(1, -(-len(parts[0]["text"]) // pieces))
    cut = [text[start : start + step] for start in range(0, len(text), step)] or [""]
    streamed: list[dict[str, Any]] = [
        {"candidates": [{"content": {"role": "model", "parts": [{**parts[0], "text": piece}]}, "index": 0}]}
        for piece in cut
    ]
    last = {**candidate, **streamed[-1]["candidates"][0]}
    streamed[-1] = {**answer, "candidates": [last]}
    return streamed


def embedding(text: str, dimensions: int) -> list[float]:
    """A unit vector in which texts that share letters in a row lie near each other."""
    vector = [0.0] * dimensions
    padded = f" {text.lower()} "
    for start in range(len(padded) - 2):
        digest = blake2b(padded[start : start + 3].encode("utf-8", "surrogatepass"), digest_size=8).digest()
        place, sign = int.from_bytes(digest[:6], "big") % dimensions, 1 if digest[7] & 1 else -1
        vector[place] += sign
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]
