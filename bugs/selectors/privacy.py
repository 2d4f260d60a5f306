"""The rules of redaction that a project has now, and how far the work is that a change of them began."""

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from bugs.models import Project
from bugs.privacy import redaction

KEPT = 1.0  # seconds in which a process uses what it read
PROJECTS_MAX = 1_000  # that a process knows the rules of
STEP = 100_000  # changes of rules that one version of the detectors has room for


@dataclass(frozen=True, slots=True)
class Active:
    """What texts are written by. version: what their rows are stamped with."""

    rules: redaction.Rules
    version: int


_known: dict[UUID, tuple[float, Active]] = {}
_lock = threading.Lock()


def active(project_id: UUID) -> Active:
    """As they were a second ago at most."""
    now = time.monotonic()
    known = _known.get(project_id)
    if known is not None and now - known[0] < KEPT:
        return known[1]
    found = present(project_id)
    with _lock:
        if len(_known) >= PROJECTS_MAX:
            _known.clear()
        _known[project_id] = (now, found)
    return found


def present(project_id: UUID) -> Active:
    """As they are in this transaction."""
    row = Project.objects.filter(pk=project_id).values_list("privacy", "privacy_version").first()
    privacy, changes = row or ({}, 0)
    return Active(redaction.Rules.of(privacy), version_of(changes))


def version_of(changes: int) -> int:
    """What rows are stamped with: under these detectors, after so many changes of a project's rules."""
    return redaction.VERSION * STEP + changes


def forget(project_id: UUID) -> None:
    """Read the rules again at the next write; other processes do within `KEPT`."""
    with _lock:
        _known.pop(project_id, None)
