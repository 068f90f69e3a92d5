"""One voice in all that Namjai says: nothing gives the writer a sex, one "you", the words of the place, no labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec
import pytest

from namjai.chat.content import LANGUAGES, Language

TYPED = frozenset({"words", "onward", "courtesies", "nothing_words"})
"""What people type stands under these: they may speak as they like."""

UNWANTED: dict[Language, dict[str, str]] = {
    "th": {
        "a word that gives the writer a sex": r"ค่ะ|คะ(?!แนน)|ครับ|ดิฉัน|กระผม",
        "a label instead of a person": r"ขี้ยา|ขี้เมา|คนติดยา|คนขี้เหล้า|ไอ้ขี้|สิงห์อมควัน",
        "a person who is a danger, where one in danger is meant": r"(?:คุณ|เขา|ใคร)อาจเป็นอันตราย",
    },
    "en": {"a label instead of a person": r"\b(?:addicts?|junkies?|alcoholics?|druggies?|abusers?)\b"},
    "zh-TW": {
        "the other word for you": "您",
        "a label instead of a person": "毒蟲|毒鬼|酒鬼|癮君子|吸毒者|毒癮",
        "a word of another place": (
            "視頻|信息|短信|網絡|軟件|程序|默認|用戶|鏈接|屏幕|打印|登錄|郵箱|賬號|質量|菜單|立馬|咨詢|計劃"
        ),
    },
}


def _files(folder: Traversable) -> Iterator[Traversable]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each)
        else:
            yield each


def _said(part: Any) -> Iterator[str]:
    match part:
        case dict():
            for key, inner in part.items():
                yield from () if key in TYPED else _said(inner)
        case list():
            for inner in part:
                yield from _said(inner)
        case str():
            yield part


def _texts(language: Language) -> list[Traversable]:
    names = (f"{language}.yaml", f"{language}.ftl")
    return [
        file for package in ("namjai.chat", "namjai.notify") for file in _files(files(package)) if file.name in names
    ]


def _words(file: Traversable) -> str:
    whole = file.read_text("utf-8")
    return "\n".join(_said(msgspec.yaml.decode(whole))) if file.name.endswith(".yaml") else whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_namjai_speaks_with_one_voice(language: Language) -> None:
    found = [
        (str(file).partition("/namjai/")[2], what, hit[0])
        for file in _texts(language)
        for what, pattern in UNWANTED[language].items()
        for hit in re.finditer(pattern, _words(file), re.IGNORECASE)
    ]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_text_is_looked_at(language: Language) -> None:
    seen = {str(file).partition("/namjai/")[2] for file in _texts(language)}
    assert {f"chat/content/crisis/{language}.yaml", f"chat/content/ui/{language}.ftl"} < seen
    assert {f"chat/skills/diary/texts/{language}.yaml", f"notify/menus/texts/{language}.yaml"} < seen
