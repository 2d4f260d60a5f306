"""Changes of one bug, the moment at which each was committed, and the event that each became."""

import time
from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import transaction

from audit import replays
from audit import selectors as history
from audit.actors import Principal
from bugs import selectors, services
from bugs.choices import Status

TYPE = "bug.status_changed"
BETWEEN = (Status.TRIAGED, Status.IN_PROGRESS)


class Changes:
    """Moves a bug back and forth. committed: of each change, on the monotonic clock."""

    def __init__(self, by: Principal, bug_id: UUID | None = None) -> None:
        self.by = by
        fresh = selectors.bugs_for(by).filter(status__in=BETWEEN).order_by("-created_at", "-id")
        self.bug_id: UUID = bug_id or fresh[0].pk
        self.refresh()

    def refresh(self) -> None:
        """Somebody else may have moved it."""
        self.status = Status(selectors.bugs_for(self.by).get(pk=self.bug_id).status)
        self.forget()

    def forget(self) -> None:
        self.committed: list[float] = []
        self._start = history.position()

    def make(self) -> None:
        to = BETWEEN[self.status == BETWEEN[0]]
        with transaction.atomic():
            transaction.on_commit(lambda: self.committed.append(time.monotonic()))  # before anybody is told
            services.change_status(self.bug_id, to=to, by=self.by)
        self.status = to

    def commits(self) -> Mapping[str, float]:
        """When each event was committed."""
        facts = replays.facts_since(self._start, types=(TYPE,), limit=100_000) or []
        ids = [fact["id"] for fact in facts if fact["subject"] == f"bug:{self.bug_id}"]
        return dict(zip(ids[-len(self.committed) :], self.committed, strict=True))


def paced(change: Callable[[], None], count: int, per_second: float) -> None:
    """So many, each at its time, however long the one before took."""
    begin = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begin + number / per_second - time.monotonic()))
        change()
