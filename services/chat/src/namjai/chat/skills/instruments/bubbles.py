"""What a person sees of the forms: the list, the beginning, one question a bubble, and the result in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from namjai.chat.content import Language, crisis_texts, ui_texts
from namjai.chat.domain import crisis
from namjai.chat.domain.composed import FIXED, Composed, Scene, View
from namjai.chat.domain.doing import do
from namjai.chat.domain.messages import (
    LABEL_GRAPHEMES_MAX,
    Action,
    Message,
    column,
    flex,
    graphemes,
    label,
    press,
    text,
    with_quick_replies,
)
from namjai.chat.skills.instruments import walk
from namjai.chat.skills.instruments.definition import Definition, Item
from namjai.chat.skills.instruments.filling import Filling, Note, is_about_death
from namjai.chat.skills.instruments.library import Library, group_of
from namjai.chat.skills.instruments.reading import marks_of
from namjai.chat.skills.instruments.score import Scored
from namjai.chat.skills.instruments.texts import InstrumentTexts, instrument_texts

NAME: Final = "instruments"
FORM_OPEN: Final = timedelta(days=3)
"""An unfinished form can be gone on with for so long: most ask about the last one or two weeks."""
ACCENT: Final = "#0F766E"
ROW: Final = "#F0FDFA"
ELLIPSIS: Final = "…"
SUBSTANCE: Final = "{substance}"
"""Stands in an item that is asked about every substance."""


def listed(library: Library, view: View) -> Composed:
    """Every form that can be filled in in the person's language."""
    texts, language = instrument_texts(view.language), view.language
    forms = library.offered(language)
    if not forms:
        return said([texts.none], [], view)
    rows = "\n".join(texts.list_row.format(name=form.name[language], about=form.about[language]) for form in forms)
    return said([texts.list.format(rows=rows)], [offer(form, language) for form in forms], view)


def introduced(form: Definition, view: View) -> Composed:
    """What the form is, and is not, before its first question."""
    texts, language = instrument_texts(view.language), view.language
    opening = texts.intro.format(
        name=form.name[language],
        version=form.version,
        about=form.about[language],
        recall=form.recall[language],
        days=FORM_OPEN.days,
    )
    notes = [texts.told_to_staff] if any(item.about_death for item in form.items) else []
    notes += [form.caution[language]] if form.caution else []
    notes += [] if form.is_verified(language) else [texts.unverified]
    buttons = [do(texts.labels.begin, NAME, "begin", form=form.id), _forms(texts)]
    return said(["\n".join([opening, *notes, form.licence[language]])], buttons, view, form)


def asked(filling: Filling, view: View, note: Note | None = None) -> Composed:
    """The open question. Where an answer is too long for a quick reply, the answers are rows of a card."""
    texts, item = instrument_texts(view.language), filling.item
    spoken = spoken_in(filling.form, view.language)
    notes: list[str | Message] = [getattr(texts, note)] if note else []
    labels = [option.label[spoken] for option in filling.form.choices(item)]
    moves = _moves(filling, item, texts)
    if any(graphemes(each) > LABEL_GRAPHEMES_MAX for each in labels):
        return said([*notes, _card(filling, item, view)], moves, view, filling.form)
    listed_answers = "\n".join(f"{mark} – {each}" for mark, each in zip(_marks(filling, item), labels, strict=True))
    words = "\n".join([*_question(filling, item, view), "", listed_answers])
    answers = [_answer(filling, item, option.value, option.label[spoken]) for option in filling.form.choices(item)]
    return said([*notes, words], [*answers, *moves], view, filling.form)


def cared(filling: Filling | None, view: View, scene: Scene) -> Composed:
    """After an answer about death: where there is help, before anything else; the form waits."""
    texts = instrument_texts(view.language)
    going_on = [do(texts.labels.resume, NAME, "resume"), do(texts.labels.stop, NAME, "stop")] if filling else []
    form = filling.form if filling else None
    waits = [texts.cared_wait] if filling else []
    return said([texts.cared, _lines(view, scene), *waits], [*going_on, _emergency(view)], view, form)


def finished(
    form: Definition,
    answers: walk.Answers,
    result: Scored,
    following: Definition | None,
    view: View,
    scene: Scene,
    *,
    care: bool,
) -> Composed:
    """The result: the score, what it says and does not say, and what can come next. With `care`, its last answer was
    about death and above zero, and nothing has been said to that yet."""
    texts, language = instrument_texts(view.language), view.language
    parts = [texts.finished, *_outcome(form, result, texts, language), result.band.means[language]]
    parts += [flag.says[language] for flag in result.flags]
    meaning = [texts.meaning.format(recall=form.recall[language])]
    meaning += [] if form.is_verified(language) else [texts.unverified]
    meaning += [form.caution[language]] if form.caution else []
    grave = is_about_death(form, answers)
    goes_on = texts.next_positive if result.positive or grave else texts.next_negative
    if following is not None:
        goes_on = f"{goes_on}\n{texts.next_form.format(name=following.name[language])}"
    caring = [texts.cared] if care else []
    help_lines = [_lines(view, scene)] if grave else []
    offers = [offer(following, language)] if following else []
    buttons = [*offers, _emergency(view), _forms(texts)]
    return said(["\n".join(parts), "\n".join(meaning), *caring, *help_lines, goes_on], buttons, view, form)


def ended(key: str, form: Definition, view: View, *, again: bool) -> Composed:
    """A form that is over without a result, in the words of `key`."""
    texts = instrument_texts(view.language)
    words = str(getattr(texts, key)).format(name=form.name[view.language])
    begin = [do(texts.labels.begin, NAME, "begin", form=form.id)] if again else []
    return said([words], [*begin, _forms(texts)], view, form)


def said(
    words: Sequence[str | Message], buttons: Sequence[Action], view: View, form: Definition | None = None
) -> Composed:
    """Fixed words as a turn of this skill."""
    meta = instrument_texts(view.language).meta
    content = [f"{NAME}/{view.language}@{meta.version}"]
    content += [f"instrument/{form.id}/{view.language}@{form.version}"] if form else []
    messages = [text(each) if isinstance(each, str) else each for each in words]
    return Composed(with_quick_replies(messages, buttons), "skill", FIXED, view.speaks, tuple(content), meta.status)


def offer(form: Definition, language: Language) -> Action:
    """The button that shows a form."""
    return do(form.name[language], NAME, "open", form=form.id)


def resume(view: View) -> Action:
    """The button that leads back to the open question."""
    return do(instrument_texts(view.language).labels.resume, NAME, "resume")


def spoken_in(form: Definition, language: Language) -> Language:
    """The language of the form's own words: the person's, or one that it has where that is missing."""
    if form.speaks(language):
        return language
    return next((each for each in (form.first_in, *form.wording) if form.speaks(each)), form.first_in)


def _question(filling: Filling, item: Item, view: View) -> Iterator[str]:
    form, texts, spoken = filling.form, instrument_texts(view.language), spoken_in(filling.form, view.language)
    number, of = walk.place(form, filling.answers)
    progress = texts.progress if of else texts.progress_open
    yield progress.format(name=form.name[view.language], number=number + 1, of=of)
    if form.stem and not item.own_stem:
        yield form.stem[spoken]
    group = group_of(form, item)
    yield item.text[spoken].replace(SUBSTANCE, group.label[spoken]) if group else item.text[spoken]


def _card(filling: Filling, item: Item, view: View) -> Message:
    spoken = spoken_in(filling.form, view.language)
    head, *question = _question(filling, item, view)
    rows = [
        _row(f"{mark} – {option.label[spoken]}", _answer(filling, item, option.value, option.label[spoken]))
        for mark, option in zip(_marks(filling, item), filling.form.choices(item), strict=True)
    ]
    body = [label(head, size="xs", color=ACCENT), *(label(each, weight="bold") for each in question), *rows]
    alt_text = "\n".join([head, *question])
    return flex(alt_text, {"type": "bubble", "body": column(body, spacing="md")})


def _row(words: str, action: Action) -> Message:
    """One answer, the whole of it to be pressed."""
    style = {"backgroundColor": ROW, "cornerRadius": "md", "paddingAll": "md", "action": action}
    return column([label(words, color=ACCENT)], **style)


def _answer(filling: Filling, item: Item, value: int, words: str) -> Action:
    """A button's label has its limit; what then stands in the chat is the whole answer."""
    short = words if graphemes(words) <= LABEL_GRAPHEMES_MAX else f"{words[: LABEL_GRAPHEMES_MAX - 1]}{ELLIPSIS}"
    pressed = do(
        short, NAME, "answer", form=filling.form.id, v=filling.form.version, item=str(item.number), value=str(value)
    )
    return {**pressed, "displayText": words}


def _marks(filling: Filling, item: Item) -> tuple[str, ...]:
    return marks_of(filling.form.choices(item))


def _moves(filling: Filling, item: Item, texts: InstrumentTexts) -> list[Action]:
    number, labels = str(item.number), texts.labels
    back = [do(labels.back, NAME, "back", item=number)] if filling.answers else []
    skip = [do(labels.skip, NAME, "skip", item=number)] if walk.may_skip(filling.form, item) else []
    return [*back, *skip, do(labels.stop, NAME, "stop")]


def _outcome(form: Definition, result: Scored, texts: InstrumentTexts, language: Language) -> Iterator[str]:
    name, band, scoring = form.name[language], result.band.label[language], form.scoring
    match scoring.method:
        case "sum":
            yield texts.total.format(name=name, total=result.total, max=scoring.max, band=band)
            if result.sex_unknown:
                yield texts.sex_unknown.format(**scoring.cutoff_by_sex)
            elif result.positive and result.cutoff and (result.total or 0) >= result.cutoff:
                yield texts.cutoff.format(cutoff=result.cutoff)
        case "per_group":
            yield texts.outcome.format(name=name, band=band)
            for group in form.groups:
                if group.id in result.subscores:
                    yield texts.group_row.format(
                        substance=group.short[language],
                        total=result.subscores[group.id],
                        max=scoring.max_for.get(group.id, scoring.max),
                        band=form.band(result.bands_by_group[group.id]).label[language],
                    )
            if not result.subscores:
                yield texts.no_groups
        case "triage":
            yield texts.outcome.format(name=name, band=band)


def _lines(view: View, scene: Scene) -> Message:
    """The help lines that are open now, as on the card in a crisis."""
    chosen = crisis.lines_for(view.country, crisis.topics_for("suicide", "high"), scene.now)
    return crisis.lines_card(chosen, crisis_texts(view.language), view.language, scene.now)


def _emergency(view: View) -> Action:
    return press(ui_texts(view.language).labels["emergency"], "cmd=emergency")


def _forms(texts: InstrumentTexts) -> Action:
    return do(texts.labels.forms, NAME, "list")
