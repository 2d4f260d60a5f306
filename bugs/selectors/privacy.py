"""The rules of redaction that a project has now, and how far the work is that a change of them began."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from bugs.models import Project, Redaction
from bugs.privacy import placeholders, redaction

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
    privacy, changes = row or ({}, 0)  # of no project: the rules of nobody
    return Active(redaction.Rules.of(privacy), version_of(changes))


def version_of(changes: int) -> int:
    """What rows are stamped with: under these detectors, after so many changes of a project's rules."""
    return redaction.VERSION * STEP + changes


def kept(project_id: UUID) -> tuple[dict[str, Any], int]:
    """The rules of a project as they are kept, and how often they were changed."""
    return Project.objects.values_list("privacy", "privacy_version").get(pk=project_id)


def tried(text: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    """What a text would become under rules, and what was found in it; raises redaction.BadRules."""
    clean = redaction.text(text, redaction.Rules.of(rules))
    found = Counter(placeholders.PLACEHOLDER.findall(clean))
    found.subtract(placeholders.PLACEHOLDER.findall(text))
    kinds = {placeholders.kind_of(name): count for name, count in found.items() if count > 0}
    return {"text": clean, "found": kinds}


def state(project_id: UUID) -> dict[str, Any] | None:
    """How far the newest work over the texts of a project is; None when there was none."""
    work = newest(project_id)
    if work is None:
        return None
    shown = {name: getattr(work, name) for name in ("state", "version", "stage", "created_at", "finished_at")}
    counts = {"done": 0, "total": None, "changed": 0} | work.counts
    return {**shown, **{name: counts[name] for name in ("done", "total", "changed")}}


def newest(project_id: UUID, *, version: int | None = None) -> Redaction | None:
    """The newest work over the texts of a project; version: under those rules."""
    rows = Redaction.objects.filter(project_id=project_id)
    return (rows if version is None else rows.filter(version=version)).order_by("-id").first()


def outdated(limit: int) -> QuerySet[Project, UUID]:
    """Projects whose newest work was for other detectors or rules than they have; some of them."""
    last = Redaction.objects.filter(project=OuterRef("pk")).order_by("-id").values("version")[:1]
    wanted = F("privacy_version") + redaction.VERSION * STEP
    projects = Project.objects.annotate(read_under=Subquery(last))
    behind = projects.filter(Q(read_under=None) | ~Q(read_under=wanted))
    return behind.order_by("pk").values_list("pk", flat=True)[:limit]


def clean(project_id: UUID, value: str, limit: int | None = None) -> str:
    """A text without what is personal, for tables that keep no originals; limit: that its column has room for."""
    found = redaction.text(value, active(project_id).rules)
    return found if limit is None else placeholders.fitting(found, limit)


def clean_label(project_id: UUID, value: str, limit: int) -> str:
    """The same of the name of a release or an environment, where four numbers are a version and no address."""
    return placeholders.fitting(redaction.label(value, active(project_id).rules), limit)


def clean_filter(project_id: UUID, q: str) -> str:
    """A filter that is kept. What is taken out of it finds nothing anyway: no text has it."""
    found = clean(project_id, q)
    return q if found == q else placeholders.quoted(found)


def forget(project_id: UUID) -> None:
    """Read the rules again at the next write; other processes do within `KEPT`."""
    with _lock:
        _known.pop(project_id, None)
