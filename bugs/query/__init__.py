"""The filter language: one grammar, one table of fields, SQL and memory."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from audit.actors import Principal
from bugs.query import memory, sql
from bugs.query.binding import bound
from bugs.query.errors import BadQuery
from bugs.query.explaining import Explanation, check_list, check_live, explain

__all__ = [
    "BadQuery",
    "Explanation",
    "apply",
    "check",
    "check_list",
    "check_live",
    "condition",
    "explain",
    "matcher",
]
Row = TypeVar("Row", bound=Model)


def apply(queryset: QuerySet[Row], text: str, *, principal: Principal, now: datetime | None = None) -> QuerySet[Row]:
    """The bugs of a queryset that a filter leaves; raises BadQuery."""
    return queryset.filter(condition(text, principal=principal, now=now))


def condition(text: str, *, principal: Principal, now: datetime | None = None) -> Q:
    """A filter for querysets of bugs; raises BadQuery."""
    check_list(text)
    return sql.compiled(bound(text).condition, user_id=principal.user_id, now=now or timezone.now())


def matcher(text: str, *, principal: Principal, now: datetime | None = None) -> Callable[[Mapping[str, Any]], bool]:
    """A filter as a question to a filter document (`bugs.selectors.matching`); raises BadQuery.

    Without `now`, times are counted from the moment of each question.
    """
    predicate = memory.compiled(bound(text).condition, user_id=principal.user_id)
    return lambda document: predicate(document, now or timezone.now())


def check(text: str) -> None:
    """Raises BadQuery when a filter cannot be understood."""
    bound(text)
