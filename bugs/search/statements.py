"""A queryset as a part of a larger statement."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet


def statement(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]] | None:
    """Its SQL and parameters; None when it can have no rows, for which Django has no SQL."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return None
