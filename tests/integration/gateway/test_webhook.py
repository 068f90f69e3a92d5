"""The webhook against LINE's checklist, on a real gateway process and a real NATS."""

from namjai.events.message import MessageReceived
from tests.integration.gateway.kit import Gateway, text_event, webhook


async def test_a_signed_message_is_in_the_log_when_it_is_answered(gateway: Gateway) -> None:
    before = await gateway.position()
    assert await gateway.send(webhook(text_event("อยากเลิกเหล้า"))) == 200
    [event] = await gateway.since(before)
    assert isinstance(event.data, MessageReceived)
    assert event.data.text is not None
    assert event.data.text.value == "อยากเลิกเหล้า"
