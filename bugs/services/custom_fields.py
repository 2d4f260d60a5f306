"""Values of custom fields against the definitions of their project, which hold still meanwhile."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from bugs import custom
from bugs.models import Bug, Project

_LOCK = 7_003_002  # advisory, beside a number made from the project's id


def hold(project_ids: Iterable[UUID], *, exclusive: bool = False) -> None:
    """Let definitions hold still until the transaction ends: writers of values share, who redefines is alone.

    Taken before any row is locked, so that nobody waits in a circle.
    """
    lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        for project_id in sorted(project_ids):
            cursor.execute(f"SELECT {lock}(%s, hashtext(%s))", [_LOCK, str(project_id)])


def merged(project_id: UUID, current: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values after a change; raises custom.BadValue. Call `hold` first."""
    definitions = Project.objects.values_list("custom_fields", flat=True).get(pk=project_id)
    return custom.merged(definitions, current, changes)


def project_of(bug_id: UUID) -> UUID | None:
    """Whose definitions a bug's values follow; a bug never changes its project."""
    return Bug.objects.filter(pk=bug_id).values_list("project_id", flat=True).first()


def texts_of(project_id: UUID) -> frozenset[str]:
    """The fields of a project that take any text."""
    definitions = Project.objects.values_list("custom_fields", flat=True).get(pk=project_id)
    return frozenset(name for name, definition in definitions.items() if definition["type"] == "text")
