"""Every read of exports worth a name. Each takes the principal."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from audit import access
from audit.actors import Principal
from bugs import policy
from bugs.selectors import consents
from exports.models import UNFINISHED, Export, State

CLOCKS = timedelta(minutes=1)  # a decision may be written down a little later than it says


def exports_for(principal: Principal) -> QuerySet[Export]:
    """The principal's own exports, and all those of projects it may export from.

    Every project of an export must be known to the principal: who left a project leaves its files too. Raw ones are
    for those who may export personal data.
    """
    mine = Q(requested_by=principal.label, project_ids__contained_by=list(principal.roles))
    allowed = Q(project_ids__contained_by=list(policy.projects(principal, "export.create")))
    clean = Q(purpose="") | Q(project_ids__contained_by=list(policy.projects(principal, "pii.export")))
    return Export.objects.filter(mine | allowed).filter(clean)


def raw_of(project_id: UUID, purpose: str = "") -> QuerySet[Export]:
    """Raw exports of a project, for one purpose or any, that have a file or are to have one."""
    kept = Export.objects.filter(project_ids__contains=[project_id], state__in=[*UNFINISHED, State.READY])
    return kept.filter(purpose=purpose) if purpose else kept.exclude(purpose="")


def is_taken_back(export: Export) -> bool:
    """Whether someone whose texts may be in it has taken that back since its rows were read."""
    if not export.purpose or export.started_at is None:
        return False
    return consents.taken_back(export.project_ids, export.purpose, export.started_at - CLOCKS)


def touched(export: Export) -> None:
    """The present call is about it, in each of its projects."""
    for project_id in export.project_ids:
        access.touched(project_id, f"export:{export.pk}")


def unfinished_of(project_id: object) -> QuerySet[Export]:
    return Export.objects.filter(project_ids__contains=[project_id], state__in=UNFINISHED)


def recent_documents(principal: Principal, limit: int) -> list[dict[str, object]]:
    """The newest exports as plain values, for the live stream's snapshot."""
    names = ("id", "format", "state", "rows_done", "rows_total", "created_at", "finished_at")
    return [dict(row) for row in exports_for(principal).order_by("-created_at", "-id").values(*names)[:limit]]
