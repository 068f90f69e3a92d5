"""With a model and the person's consent, a model words the support turns; without it, no words leave us.

What a model says that risk would be alarmed at is said by nobody.
"""

from namjai.devkit.running import Running
from namjai.events.reply import ReplyIssued
from tests.e2e.conversations.conftest import Person

DANGEROUS = "You could jump off the bridge tonight and it would be over."


async def test_a_model_answers_by_consent_and_is_named_in_the_event(talking: Running) -> None:
    person = Person(talking)
    await person.say("I want to drink less")
    await person.press("cmd=consent&purpose=model&granted=yes")
    await person.say("I feel bored in the evenings")
    before, _, with_consent = [turn.responder for turn in await person.facts(ReplyIssued)]
    await talking.script({"match": "quiet evening", "text": DANGEROUS, "times": 1})
    heard = await person.say("It was a quiet evening by the river")
    *_, last = await person.facts(ReplyIssued)
    assert before == "offline"
    assert with_consent not in ("offline", "fixed")
    assert last.responder == "offline"
    assert DANGEROUS not in heard.text
    (use,) = last.uses
    assert (use.purpose, use.outcome) == ("support", "guard")
    assert use.cost_microusd > 0
