"""With a model and the person's consent, a model words the support turns; without it, no words leave us.

What a model says that risk would be alarmed at is said by nobody.
"""

import secrets
from pathlib import Path

from namjai.devkit.running import Running, facts, namjai_up, until
from namjai.events.reply import ReplyIssued

DANGEROUS = "You could jump off the bridge tonight and it would be over."


async def _turns(namjai: Running, count: int) -> list[str] | None:
    responders = [turn.data.responder for turn in facts(await namjai.events(), ReplyIssued)]
    return responders if len(responders) >= count else None


async def test_a_model_answers_by_consent_and_is_named_in_the_event(tmp_path: Path) -> None:
    user = "U" + secrets.token_hex(16)
    async with namjai_up(tmp_path / "home", NAMJAI_MODEL="fake") as namjai:
        await namjai.send(user, "I want to drink less")
        await until(lambda: _turns(namjai, 1))
        await namjai.event(
            {
                "type": "postback",
                "source": {"type": "user", "userId": user},
                "postback": {"data": "cmd=consent&purpose=model&granted=yes"},
            }
        )
        await until(lambda: _turns(namjai, 2))
        await namjai.send(user, "I feel bored in the evenings")
        before, _, with_consent = await until(lambda: _turns(namjai, 3))
        await namjai.script({"match": "quiet evening", "text": DANGEROUS})
        await namjai.send(user, "It was a quiet evening by the river")
        *_, kept_back = await until(lambda: _turns(namjai, 4))
        *_, last = facts(await namjai.events(), ReplyIssued)
    assert before == "offline"
    assert with_consent not in ("offline", "fixed")
    assert kept_back == "offline"
    (use,) = last.data.uses
    assert (use.purpose, use.outcome) == ("support", "guard")
    assert use.cost_microusd > 0
