"""Which moves a bug may make, and what each leaves behind. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bugs.choices import Resolution, Severity, Status

MOVES: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.TRIAGED, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED}),
    Status.TRIAGED: frozenset({Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED}),
    Status.IN_PROGRESS: frozenset({Status.TRIAGED, Status.RESOLVED, Status.CLOSED}),
    Status.RESOLVED: frozenset({Status.CLOSED, Status.REOPENED}),
    Status.CLOSED: frozenset({Status.REOPENED}),
    Status.REOPENED: frozenset({Status.TRIAGED, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED}),
}
OPEN = frozenset({Status.NEW, Status.TRIAGED, Status.IN_PROGRESS, Status.REOPENED})


class ForbiddenMove(Exception):
    """The lifecycle has no such move."""

    def __init__(self, old: Status, new: Status) -> None:
        ways = ", ".join(sorted(MOVES[old]))
        super().__init__(f"A bug that is {old} cannot become {new}; from here it can become: {ways}.")


class MisplacedResolution(ValueError):
    """Only bugs that are resolved or closed have a resolution."""

    def __init__(self, new: Status) -> None:
        super().__init__(f"A bug that becomes {new} has no resolution; resolved and closed ones have.")


def check_move(old: Status, new: Status) -> None:
    """Raises ForbiddenMove when a bug cannot go from old to new."""
    if new not in MOVES[old]:
        raise ForbiddenMove(old, new)


def resolution_after(new: Status, old: str, asked: Resolution | None) -> str:
    """The resolution a bug has after its move: chosen on resolving or closing, gone on reopening.

    Raises MisplacedResolution when one is asked for where none belongs.
    """
    if new in OPEN:
        if asked:
            raise MisplacedResolution(new)
        return ""
    return asked or old or Resolution.FIXED


@dataclass(frozen=True, slots=True)
class Times:
    """When a bug was first triaged, and when it was resolved and closed the last time."""

    triaged_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None


def times_after(new: Status, old: Times, now: datetime) -> Times:
    """The times after a move: triage happens once, reopening takes the end back."""
    triaged_at = old.triaged_at or (now if new != Status.NEW else None)
    if new in OPEN:
        return Times(triaged_at, None, None)
    closed_at = (old.closed_at or now) if new == Status.CLOSED else None
    return Times(triaged_at, old.resolved_at or now, closed_at)


def is_regression(status: str, resolution: str) -> bool:
    """Whether a new error of a bug in this state says that its fix did not hold."""
    return status in (Status.RESOLVED, Status.CLOSED) and resolution == Resolution.FIXED


def is_worse(severity: str, than: str) -> bool:
    """Whether one severity is above another."""
    order = Severity.values
    return order.index(severity) > order.index(than)
