"""What staff reads on a phone that others can see: a level, a time, a link; nothing clinical, and nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from namjai.events.risk import Level

REFERENCE_CHARS: Final = 8
STAFF_DATA: Final = "staff"
"""The first field of what a staff button sends; chat leaves such buttons to us."""
COLOURS: Final = {"crisis": "#B91C1C", "high": "#C2410C"}
PLAIN_COLOUR: Final = "#475569"

Button = Literal["claim", "ack"]


@dataclass(frozen=True)
class Notice:
    """One alert as staff is told of it. The time stands for its age: a retry must say the same words."""

    alert: str
    level: Level
    merge_key: str
    raised_at: datetime
    link: str
    zone: ZoneInfo

    @property
    def reference(self) -> str:
        """Short enough to be said on the telephone."""
        return reference(self.alert)

    @property
    def title(self) -> str:
        """One line."""
        return f"Namjai alert {self.reference}: {self.level}"

    @property
    def text(self) -> str:
        """Thai and English, since staff is of both."""
        at = self.raised_at.astimezone(self.zone).strftime("%H:%M:%S (%d.%m.)")
        lines = [
            f"🔔 Namjai · {self.level.upper()} · {self.reference}",
            f"มีการแจ้งเตือนที่ต้องมีคนดู เมื่อ {at}",
            f"Somebody must look. Raised at {at}.",
            self.link,
        ]
        return "\n".join(lines)

    @property
    def card(self) -> dict[str, Any]:
        """The same as a LINE message with the two buttons that matter, and the way to the inbox."""
        colour = COLOURS.get(self.level, PLAIN_COLOUR)
        spoken = [line for line in self.text.splitlines()[1:] if line != self.link]
        return {
            "type": "flex",
            "altText": self.text,
            "contents": {
                "type": "bubble",
                "body": {
                    "type": "box",
                    "layout": "vertical",
                    "spacing": "sm",
                    "contents": [
                        _label(
                            f"🔔 {self.level.upper()} · {self.reference}",
                            weight="bold",
                            size="lg",
                            color=colour,
                            wrap=True,
                        ),
                        *(_label(line, size="sm", wrap=True) for line in spoken),
                    ],
                },
                "footer": {
                    "type": "box",
                    "layout": "vertical",
                    "spacing": "sm",
                    "contents": [
                        _button(_press("รับเคส · Claim", "claim", self.alert), style="primary", color=colour),
                        _button(_press("รับทราบ · Acknowledge", "ack", self.alert), style="secondary"),
                        _button({"type": "uri", "label": "เปิดดู · Open", "uri": self.link}, style="link"),
                    ],
                },
            },
        }


def reference(alert: str) -> str:
    """The beginning of an alert's id, as people say it."""
    return alert.replace("-", "")[:REFERENCE_CHARS].upper()


def pressed(data: str) -> tuple[Button, str] | None:
    """Which staff button was pressed, and about which alert; None if it is none of ours."""
    fields = dict(parse_qsl(data[:300]))
    alert = fields.get("alert", "")
    match fields.get(STAFF_DATA):
        case "claim" | "ack" as button if alert:
            return button, alert
    return None


def _press(label: str, button: Button, alert: str) -> dict[str, Any]:
    data = urlencode({STAFF_DATA: button, "alert": alert})
    return {"type": "postback", "label": label, "data": data, "displayText": label}


def _button(action: dict[str, Any], **look: Any) -> dict[str, Any]:
    return {"type": "button", "height": "sm", "action": action, **look}


def _label(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **look}
