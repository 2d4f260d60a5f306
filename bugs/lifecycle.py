"""Which moves a bug may make. Pure."""

from bugs.choices import Resolution, Status

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


def check_move(old: Status, new: Status) -> None:
    """Raises ForbiddenMove when a bug cannot go from old to new."""
    if new not in MOVES[old]:
        raise ForbiddenMove(old, new)


def resolution_after(new: Status, old: str, asked: Resolution | None) -> str:
    """The resolution a bug has after its move: chosen on resolving or closing, gone on reopening."""
    if new in OPEN:
        return ""
    return asked or old or Resolution.FIXED
