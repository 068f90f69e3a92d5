"""Citations count UTF-8 bytes: in Thai, Japanese and emoji the stretch is cut where it was meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from namjai.chat.ports import Citation, ModelAnswer, Source
from namjai.chat.skills.education import cite
from tests.unit.chat.education.minds import CITED, LINK, grounded

TEXT = st.text(st.sampled_from("กำลังใจ่้ดี日本語のテキスト台語🫀👩‍👩‍👧é aZ\n"), max_size=60)


@given(TEXT, TEXT, TEXT)
def test_a_stretch_is_cut_by_its_bytes(before: str, meant: str, after: str) -> None:
    start = len(before.encode())
    assert cite.cut(before + meant + after, start, start + len(meant.encode())) == meant


@given(TEXT, st.integers(-10, 300), st.integers(-10, 300))
def test_wrong_offsets_cut_whole_letters_of_the_text_and_never_fail(text: str, start: int, end: int) -> None:
    found = cite.cut(text, start, end)
    assert found in text
    assert "\ufffd" not in found


@given(TEXT, st.lists(st.tuples(st.integers(-5, 200), st.integers(-5, 200), st.integers(-2, 9)), max_size=20))
def test_whatever_a_model_cites_points_at_sources_that_are_there(text: str, spans: list[tuple[int, int, int]]) -> None:
    answer = ModelAnswer(
        text=text,
        model="m",
        sources=(Source("https://a.example/", "a.example"), Source("https://b.example/", "b.example")),
        citations=tuple(Citation(start, end, (number,)) for start, end, number in spans),
    )
    for each in cite.cited(answer):
        assert set(each.references) <= {0, 1}
        assert len(each.text) <= cite.CITED_CHARS_MAX


def test_thai_with_an_emoji_in_it_is_cut_behind_the_emoji() -> None:
    [found] = cite.cited(grounded())
    assert (found.text, found.references) == (CITED, (0,))


def test_only_web_addresses_become_links() -> None:
    good, bad = cite.references(grounded())
    assert (good.title, good.uri) == ("who.int", LINK)
    assert (bad.title, bad.uri) == ("bad.example", None)
    odd = ["ftp://a.example", "https://", "https://a b.example", "https://[", "https://a.example/" + "x" * 1_000, ""]
    answer = ModelAnswer(text="", model="m", sources=tuple(Source(uri, "") for uri in odd))
    assert [each.uri for each in cite.references(answer)] == [None] * len(odd)
    assert all(each.title for each in cite.references(answer))


def test_no_grounding_is_no_crash() -> None:
    answer = ModelAnswer(text="words", model="m")
    assert (cite.references(answer), cite.cited(answer), cite.searches(answer)) == ((), (), ())
