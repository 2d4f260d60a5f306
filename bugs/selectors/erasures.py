"""Reads of erasures: for those who may have people forgotten in every project of it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audit.actors import Principal
from bugs import policy
from bugs.models import Erasure
from bugs.selectors.bugs import project_keys

_COLUMNS = ("id", "state", "stage", "counts", "actor", "created_at", "finished_at", "receipt")


def erasures_for(principal: Principal) -> QuerySet[Erasure, Any]:
    """The gate."""
    mine = [str(project_id) for project_id in policy.projects(principal, "privacy.erase")]
    return Erasure.objects.filter(project_ids__contained_by=mine)


def rows_of(erasures: QuerySet[Erasure, Any]) -> list[dict[str, Any]]:
    """Erasures of a gated queryset, in its order. Whom they are about is nowhere."""
    rows = list(erasures.values("project_ids", *_COLUMNS))
    keys = project_keys({UUID(each) for row in rows for each in row["project_ids"]})
    return [{**row, "projects": _keys(row.pop("project_ids"), keys)} for row in rows]


def _keys(project_ids: list[str], keys: dict[UUID, str]) -> list[str]:
    return sorted(keys[UUID(each)] for each in project_ids if UUID(each) in keys)
