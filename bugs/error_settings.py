"""What a project sets for its errors, and within which bounds. Pure."""

from collections.abc import Callable
from typing import Any

from bugs.choices import BugsFrom

EVENTS_PER_MINUTE_MAX = 1_000_000
RETENTION_DAYS_MAX = 3_650
FIELDS = ("bugs_from", "attaches_similar", "events_per_minute", "retention_days")


class BadSetting(ValueError):
    """A value that is out of its bounds; `name` is the setting's."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def bugs_from(value: Any) -> str:
    """The least level whose new groups bear a bug. Raises BadSetting."""
    if value not in BugsFrom.values:
        raise BadSetting("bugs_from", f"It is one of {', '.join(BugsFrom.values)}.")
    return str(value)


def attaches_similar(value: Any) -> bool:
    """Whether a new group may stand behind one with a similar stack. Raises BadSetting."""
    if not isinstance(value, bool):
        raise BadSetting("attaches_similar", "It is true or false.")
    return value


def _number(name: str, most: int) -> Callable[[Any], int | None]:
    def check(value: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise BadSetting(name, f"It is a number from 1 to {most}, or null for no bound.")
        return value

    return check


events_per_minute = _number("events_per_minute", EVENTS_PER_MINUTE_MAX)
retention_days = _number("retention_days", RETENTION_DAYS_MAX)
