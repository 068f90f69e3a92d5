"""The classifier raises and never lowers, says why, and leaves alone what a rule has read."""

from __future__ import annotations

import hashlib
from importlib import resources

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namjai.risk import learned, rules
from namjai.risk.domain.assess import assess
from namjai.risk.domain.model import Level
from namjai.risk.domain.policy import Policy
from namjai.risk.domain.screen import screen
from namjai.risk.learned import Classifier, Thresholds, load
from namjai.risk.learned.classifier import SORTS, judged_words
from namjai.risk.learned.features import BITS, grams
from namjai.risk.learned.weights import SORT_BITS, Answerer, Calibration, Model, Scorer, Sorter, Sorts, Table, coarse

WORDS = ["อยากตาย", "ไม่ได้", "เมื่อก่อน", "ยา", "想死", "笑死", "活著", "不", "my friend", "i want to die", "never"]
ANY_TEXT = st.text(st.characters(), max_size=200) | st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
EVEN = dict.fromkeys(("th", "zh", "en", "en-long"), 0.5)
PHRASE = "หิ่งห้อยสีม่วง"
"""Nothing that a rule knows of: a classifier made for the test takes it for danger."""
OTHER = "ดวงจันทร์เก้าดวง"
CHAT = "วันนี้ไปตลาดกับแม่มาค่ะ ซื้อผักกับปลา "
BOLD = load().with_thresholds(Thresholds(any=EVEN, high=EVEN, crisis=EVEN))


def made(answerer: Answerer) -> Model:
    return Model(any=answerer, high=answerer, crisis=answerer, sorts={})


@pytest.fixture(scope="module")
def watchful(policy: Policy) -> Classifier:
    """Knows `PHRASE` and `OTHER`, and nothing else."""
    weights = np.full(1 << BITS, -0.01)
    for known in (PHRASE, OTHER):
        phrase = policy.normalise(known).text
        weights[grams(phrase, 0, len(phrase)).cells] = 3.0
    for common in (CHAT, " ", "น"):
        view = policy.normalise(common).text
        weights[grams(view, 0, len(view)).cells] = -0.01
    answerer = Answerer(
        tables={"th": Table.packed(weights, -2.0)}, calibrations={"th": Calibration(slope=1.0, offset=0.0)}
    )
    return Classifier(made(answerer), "made", Thresholds(any=EVEN, high={}))


@settings(deadline=None)
@given(ANY_TEXT)
def test_every_text_has_probabilities_and_always_the_same(text: str) -> None:
    view = rules.load().normalise(text)
    scores = load().score(view)

    assert 0 <= scores.any <= 1
    assert 0 <= scores.high <= 1
    assert 0 <= scores.crisis <= 1
    assert load().score(view) == scores


@settings(deadline=None, max_examples=200)
@given(ANY_TEXT)
def test_no_text_is_lowered_and_the_rules_findings_stay(text: str) -> None:
    policy = rules.load()
    alone, both = assess(text, (), policy), assess(text, (), policy, BOLD)

    assert both.level >= alone.level
    assert set(alone.findings) <= set(both.findings)


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_raise_is_graver_than_all_else_and_points_into_the_text(text: str) -> None:
    policy = rules.load()
    findings = screen(text, policy)
    raised = BOLD.finding(text, findings, policy)

    if raised is not None:
        assert all(raised.level > finding.level for finding in findings)
        assert 0 <= raised.spans[0].start < raised.spans[0].end <= len(text)
        assert 0.5 <= raised.confidence <= 1


def test_a_raise_says_who_raised_and_what_it_saw(policy: Policy, watchful: Classifier) -> None:
    text = f"{CHAT}{PHRASE} {CHAT}"
    raised = watchful.finding(text, (), policy)

    assert raised is not None
    assert (raised.level, raised.rule, raised.changes) == (Level.MEDIUM, "learned:made", ("raised:model",))
    assert (raised.category, raised.subject, raised.policy) == ("suicide", "self", policy.version)
    assert abs(raised.spans[0].start - text.index(PHRASE)) <= 3
    assert abs(raised.spans[0].end - text.index(PHRASE) - len(PHRASE)) <= 3


def test_the_span_is_one_of_the_original_whatever_is_hidden_between_its_letters(
    policy: Policy, watchful: Classifier
) -> None:
    raised = watchful.finding("\u200b" * 9 + "\u200b".join(PHRASE), (), policy)

    assert raised is not None
    assert 9 <= raised.spans[0].start < 12
    assert raised.spans[0].end > 9 + len(PHRASE)


def test_what_the_rules_know_already_is_not_said_again(policy: Policy, watchful: Classifier) -> None:
    known = screen("อยากตาย", policy)

    assert watchful.finding(PHRASE, (), policy) is not None
    assert watchful.finding(PHRASE, known, policy) is None


@pytest.mark.parametrize("text", ["笑死我了哈哈哈", "i'm not suicidal", "ขำจนอยากตาย", "以前想過自殺，現在很好"])
def test_words_that_a_rule_has_let_go_speak_for_nothing(text: str, policy: Policy) -> None:
    view, findings = policy.normalise(text), screen(text, policy)
    judged = judged_words(view, findings, policy)
    everything = Scorer(Table.packed(np.ones(1 << BITS), 0.0))
    read = grams(view.text, 0, len(view.text))

    assert not [f for f in findings if f.level >= Level.MEDIUM]
    assert everything.score(read, judged) <= everything.score(read)


def test_a_denied_wish_alone_is_not_raised(policy: Policy, shipped: Classifier) -> None:
    for text in ("ไม่ได้อยากตายนะ", "i don't want to die", "我不想死"):
        assert assess(text, (), policy, shipped).level < Level.MEDIUM


def test_a_crisis_takes_more_than_one_part_of_a_message(policy: Policy, watchful: Classifier) -> None:
    ready = watchful.with_thresholds(Thresholds(any=EVEN, high=EVEN, crisis=EVEN))
    once, twice = ready.finding(PHRASE, (), policy), ready.finding(f"{PHRASE} {CHAT[:9]} {OTHER}", (), policy)

    assert once is not None
    assert once.level == Level.HIGH
    assert twice is not None
    assert twice.level == Level.CRISIS


def test_a_danger_is_of_the_sort_that_its_words_are(policy: Policy) -> None:
    sorts = Sorts.packed(("other", "overdose"), np.ones((2, 1 << SORT_BITS)))
    likely = np.zeros((2, 1 << SORT_BITS))
    view = policy.normalise(PHRASE).text
    likely[1, coarse(grams(view, 0, len(view)))] = 1.0
    about = Sorter(Sorts.packed(sorts.names, likely))

    assert about.sort(grams(view, 0, len(view))) == "overdose"
    assert set(load().sorts) <= set(SORTS)


def test_a_kind_without_a_threshold_is_never_raised(policy: Policy, watchful: Classifier) -> None:
    assert watchful.with_thresholds(Thresholds(any={"zh": 0.1}, high={})).finding(PHRASE, (), policy) is None
    assert watchful.finding(PHRASE, (), policy) is not None


def test_a_language_that_was_not_learned_scores_nothing(policy: Policy) -> None:
    nothing = Answerer(tables={}, calibrations={})
    empty = Classifier(made(nothing), "0", Thresholds(any=EVEN, high=EVEN))

    assert empty.finding(PHRASE, (), policy) is None
    assert empty.score(policy.normalise("hello")).any == 0


def test_one_bad_sentence_is_not_drowned_by_a_long_text(policy: Policy, watchful: Classifier) -> None:
    assert watchful.finding(f"{CHAT * 60}{PHRASE} {CHAT * 60}", (), policy) is not None
    assert watchful.finding(CHAT * 120, (), policy) is None


def test_the_version_is_the_hash_of_the_file(shipped: Classifier) -> None:
    content = resources.files(learned).joinpath(learned.MODEL_FILE).read_bytes()

    assert shipped.version == hashlib.sha256(content).hexdigest()[:12]


def test_a_file_that_is_no_model_is_refused(shipped: Classifier) -> None:
    with pytest.raises(msgspec.ValidationError):
        Classifier.parse(msgspec.msgpack.encode({"format": "another-9"}), shipped.thresholds)
    with pytest.raises(ValueError, match="cells"):
        Scorer(Table(weights=b"\0", largest=1.0, bias=0.0))
    with pytest.raises(msgspec.ValidationError):
        Thresholds.parse(b'{"any": {}, "high": {}, "sure": {}}')


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 100), st.floats(-100, 100))
def test_a_probability_is_one_for_any_score(score: float, slope: float, offset: float) -> None:
    assert 0 <= Calibration(slope=slope, offset=offset).probability(score) <= 1
