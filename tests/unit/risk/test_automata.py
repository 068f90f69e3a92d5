"""Automata read texts in an alphabet of their own: what they find, and where, is what they would find without it."""

from __future__ import annotations

import pytest

from namjai.risk.domain.automata import Alphabet, AnyOf, Automaton, Sieve

MIXED = "หมอ says 我想 (ไม่ 不想) — 7 次，\u0301 ok? 😶 想 😶想\n死"
PATTERNS = [
    *(
        "想",
        "不?想",
        "[^想]想",
        ".想",
        r"\s想",
        r"\b想",
        r"想\b",
        r"\w+",
        r"[ก-๙]+",
        "[^ก-๙]{3}",
        "(?:หมอ|我).{0,9}不",
        r"\W+",
    ),
    *("[一-龥]+", r"\p{Han}+", r"\x{6B7B}", r"(?i)OK", "[a-想]+", "^ห", "死$", "死?", r"[๐-๙7-9]", "ไม่*", "[“”」']|我"),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_the_same_places_in_any_alphabet(pattern: str) -> None:
    plain, coded = Automaton(pattern), Automaton(pattern, Alphabet([pattern, "หมอ我不"]))

    for start in range(len(MIXED) + 1):
        for end in range(start, len(MIXED) + 1, 3):
            expected = [place for place in plain.finditer(MIXED, start, end) if place[0] < place[1]]
            found = [place for place in coded.finditer(MIXED, start, end) if place[0] < place[1]]
            assert found == expected
            assert (coded.search(MIXED, start, end) is None) == (plain.search(MIXED, start, end) is None)


def test_a_stretch_is_read_as_if_there_were_nothing_around_it() -> None:
    assert list(Automaton(r"^想\b|死$").finditer("我想死了", 1, 3)) == [(2, 3)]
    assert Automaton(r"\bกิน\b|กิน$").search("ไม่กินยา", 3, 6) == (3, 6)
    assert Automaton("a").search("aba", 1, 2) is None


def test_what_no_pattern_names_is_one_byte_and_every_place_is_kept() -> None:
    alphabet = Alphabet(["想死"])

    text = alphabet.text("我真的想死")

    assert text.read == b"\x01\x01\x01" + alphabet.pattern("想死").encode()
    assert len(text.read) == 3 + 2 + 2
    assert text.place(3, 7) == (3, 5)


def test_the_sieve_knows_every_letter_of_an_alphabet() -> None:
    letters = [chr(0x4E00 + n) for n in range(2_500)]
    alphabet = Alphabet([*letters, "的"])
    patterns = [f"{letter}的{letter}" for letter in letters]

    sieve = Sieve(patterns, [Automaton(pattern, alphabet) for pattern in patterns])

    for index, letter in enumerate(letters):
        assert sieve.matching(f"我{letter}的{letter}") == [index]
    assert sieve.matching("我") == []
    assert alphabet.text("的" + letters[-1]).place(0, 5) == (0, 2)


def test_the_matches_of_several_parts_come_in_order_and_the_longer_first() -> None:
    parts = AnyOf([Automaton("想死"), Automaton("我?想"), Automaton("我想死")])

    assert list(parts.finditer("想死，我想死")) == [(0, 2), (0, 1), (3, 6), (3, 5), (4, 6)]
