"""Reads of saved views, and of the bugs that they find."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from audit.actors import Principal
from bugs import policy, query
from bugs.models import Bug, SavedView
from bugs.selectors.bugs import bugs_for

_DOCUMENTS = """
    SELECT row_to_json(t)::text FROM (
        SELECT v.id, v.name, v.q, v.ordering, p.key AS project, v.is_shared, u.username AS owner, v.version,
               v.created_at, v.updated_at
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place)
        JOIN bugs_savedview v ON v.id = wanted.id
        JOIN bugs_user u ON u.id = v.owner_id
        LEFT JOIN bugs_project p ON p.id = v.project_id
        ORDER BY wanted.place
    ) t
"""


def visible(principal: Principal) -> QuerySet[SavedView]:
    """The gate: the principal's own views, and those that are shared with projects they see.

    A key that is for some projects has no views of others, whoever owns both.
    """
    projects = policy.projects(principal, "view.read")
    own = Q(owner_id=principal.user_id)
    if principal.key_id:
        own &= Q(project_id=None) | Q(project_id__in=projects)
    return SavedView.objects.filter(own | Q(is_shared=True, project_id__in=projects))


def find(principal: Principal, name: str) -> SavedView | None:
    return visible(principal).filter(pk=name).first()


def documents_of(view_ids: Sequence[UUID]) -> list[str]:
    """Views as JSON texts in the order of their ids, which a gate let through."""
    if not view_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS, [list(view_ids)])
        return [row[0] for row in cursor.fetchall()]


def bugs_of(view: SavedView, principal: Principal) -> QuerySet[Bug]:
    """What a view finds for whoever looks; `assignee:me` is them. Raises query.BadQuery."""
    bugs = bugs_for(principal)
    if view.project_id:
        bugs = bugs.filter(project_id=view.project_id)
    return query.apply(bugs, view.q, principal=principal) if view.q else bugs
