"""Every write that a caller asks of exports; the runner does the rest."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from audit.actors import SYSTEM, Principal
from bugs import policy
from bugs import selectors as bugs_selectors
from bugs.privacy.identity import Person, Step
from exports import columns, events, files, selectors
from exports import filters as filters_of_bugs
from exports.formats import Format
from exports.models import UNFINISHED, Export, State

MAX_UNFINISHED = 3


class NotThere(LookupError):
    """Missing, or not this principal's to know of."""


class NoProject(ValueError):
    """Nothing is left to export from."""


class TooManyExports(Exception):
    """A project's exports wait in line; another one would only wait longer."""

    def __init__(self) -> None:
        super().__init__(
            f"A project may have {MAX_UNFINISHED} unfinished exports; wait for one to finish or cancel one."
        )


class AlreadyFinished(Exception):
    """Nothing is left to cancel."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This export is {state}; only a queued or running one can be cancelled.")


@transaction.atomic
def request_export(
    *,
    by: Principal,
    project_ids: Collection[UUID],
    format: Format,
    filters: Mapping[str, Any] | None = None,
    fields: Sequence[str] = (),
    purpose: str = "",
) -> Export:
    """Put an export in line. With a purpose it is raw: texts of those who agreed to that are as they were written.

    Raises policy.Refused, NoProject, columns.UnknownColumn, filters.BadFilters or TooManyExports.
    """
    projects = sorted(set(project_ids))
    if not projects:
        raise NoProject
    for project_id in projects:
        policy.check(by, "export.create", project_id)
        if purpose:
            policy.check(by, "pii.export", project_id)
    filters_of_bugs.matching(filters or {}, bugs_selectors.bugs_for(by), by=by)
    _take_places(projects)
    export = Export.objects.create(
        project_ids=projects,
        requested_by=by.label,
        user_id=by.user_id,
        format=format,
        filters=filters_of_bugs.kept(filters or {}, projects),
        fields=columns.chosen(fields),
        purpose=purpose,
    )
    events.requested(export, by=by)
    return export


@transaction.atomic
def cancel(export_id: UUID, *, by: Principal) -> Export:
    """Stop an export; whoever runs it notices at its next chunk.

    Raises NotThere or AlreadyFinished.
    """
    export = selectors.exports_for(by).select_for_update().filter(pk=export_id).first()
    if export is None:
        raise NotThere
    selectors.touched(export)
    if export.state not in UNFINISHED:
        raise AlreadyFinished(export.state)
    export.state = State.CANCELLED
    Export.objects.filter(pk=export.pk).update(state=State.CANCELLED, finished_at=Now())
    events.progress(export)
    return export


@transaction.atomic
def revoke_raw(project_id: UUID, *, purpose: str = "", by: Principal) -> int:
    """Take raw exports of a project back, with their files: someone withdrew what allowed them. How many."""
    raw = list(selectors.raw_of(project_id, purpose).select_for_update().order_by("pk"))
    for export in raw:
        Export.objects.filter(pk=export.pk).update(state=State.REVOKED, file="", finished_at=Now())
        transaction.on_commit(partial(files.discard_all, export.pk), robust=True)
        events.revoked(export, by=by)
    return len(raw)


def forget(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """Raw exports may have a forgotten person in them: they all go."""
    return Step(None, sum(revoke_raw(project_id, by=SYSTEM) for project_id in project_ids))


def _take_places(project_ids: Collection[UUID]) -> None:
    """Count under a lock per project, in one order, so that two requests cannot both be the last allowed."""
    with connection.cursor() as cursor:
        for project_id in project_ids:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"exports:{project_id}"])
            if selectors.unfinished_of(project_id).count() >= MAX_UNFINISHED:
                raise TooManyExports
