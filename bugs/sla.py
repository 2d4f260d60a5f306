"""How soon bugs are to be triaged and resolved, by severity. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bugs.choices import Severity

MAX_HOURS = 8_760  # a year
PARTS = ("triage_hours", "resolve_hours")
# What a new project starts with; its admins change it.
DEFAULTS: dict[str, dict[str, int]] = {
    Severity.CRITICAL.value: {"triage_hours": 1, "resolve_hours": 24},
    Severity.HIGH.value: {"triage_hours": 8, "resolve_hours": 72},
    Severity.MEDIUM.value: {"triage_hours": 24, "resolve_hours": 240},
    Severity.LOW.value: {"triage_hours": 72, "resolve_hours": 720},
}
Targets = Mapping[str, Mapping[str, int]]


class BadTarget(ValueError):
    """A target cannot be like that; `pointer` leads to the fault below the targets."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class Due:
    """When a bug is to be triaged and to be resolved; None where its project has no target."""

    triage_at: datetime | None
    resolve_at: datetime | None


def check(raw: Any) -> dict[str, dict[str, int]]:
    """Targets as they are kept; raises BadTarget. A severity or part that is missing has no target."""
    if not isinstance(raw, Mapping):
        raise BadTarget("", "Targets are an object: severity to hours.")
    return {severity: _target(severity, target) for severity, target in raw.items()}


def _target(severity: str, raw: Any) -> dict[str, int]:
    at = f"/{severity[:20]}"
    if severity not in Severity.values:
        raise BadTarget(at, f"There is no such severity; there are: {', '.join(Severity.values)}.")
    if not isinstance(raw, Mapping):
        raise BadTarget(at, f"A target is an object of {' and '.join(PARTS)}.")
    for part, hours in raw.items():
        if part not in PARTS:
            raise BadTarget(f"{at}/{part[:20]}", f"A target has {' and '.join(PARTS)}.")
        if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= MAX_HOURS:
            raise BadTarget(f"{at}/{part}", f"Hours are a whole number from 1 to {MAX_HOURS}.")
    if raw.get("triage_hours", 0) > raw.get("resolve_hours", MAX_HOURS):
        raise BadTarget(f"{at}/triage_hours", "A bug is triaged before it is resolved.")
    return dict(raw)


def due(targets: Targets, severity: str, created_at: datetime) -> Due:
    """The moments by which a bug that was reported then is to be triaged and resolved."""
    target = targets.get(severity, {})
    return Due(*(created_at + timedelta(hours=target[part]) if part in target else None for part in PARTS))
