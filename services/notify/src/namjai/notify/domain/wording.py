"""What staff reads on a phone that others can see: a level, a time, a link; nothing clinical, and nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from namjai.events.risk import Level

REFERENCE_CHARS = 8


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
        return self.alert.replace("-", "")[:REFERENCE_CHARS].upper()

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
