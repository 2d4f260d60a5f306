"""Query parameters that are not known are a 400 that names them, with the nearest one that is."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django_filters.rest_framework import DjangoFilterBackend

from config.api.problems import Problem

CONVENTIONS = frozenset({"limit", "cursor", "ordering", "count", "format"})


def refuse_unknown(names: Collection[str], known: Collection[str], *, where: str = "") -> None:
    """Raises a 400 for the first name that is not known."""
    for name in names:
        if name not in known:
            detail = f"There is no parameter {name[:40]!r}.{nearest(name, known)}"
            raise Problem(400, "unknown_parameter", detail, pointer=f"{where}/{name[:40]}")


def nearest(name: str, known: Collection[str]) -> str:
    """A hint for whoever mistyped a name."""
    found = get_close_matches(name[:100], known, 1)
    return f" Did you mean {found[0]}?" if found else ""


class AskedFilters(DjangoFilterBackend):
    """The filters of a view, made only for calls that use one: without any they change nothing."""

    def filter_queryset(self, request: HttpRequest, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filters = self.get_filterset_class(view, queryset)
        if filters is None or filters.base_filters.keys().isdisjoint(request.GET):
            return queryset
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found
