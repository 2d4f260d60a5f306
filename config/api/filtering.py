"""Plain list parameters by django-filter, strictly: an unknown or wrong one is a 400 that names it."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from django_filters.rest_framework import DjangoFilterBackend

from config.api.problems import Problem

CONVENTIONS = frozenset({"limit", "cursor", "ordering", "format"})


def refuse_unknown(names: Collection[str], known: Collection[str], *, where: str = "") -> None:
    """Raises a 400 for the first name that is not known, with the nearest one that is."""
    for name in names:
        if name not in known:
            nearest = get_close_matches(name, known, 1)
            hint = f" Did you mean {nearest[0]}?" if nearest else ""
            raise Problem(
                400,
                "unknown_parameter",
                f"There is no parameter {name[:40]!r}.{hint}",
                pointer=f"{where}/{name[:40]}",
            )


class StrictFilterBackend(DjangoFilterBackend):
    """DjangoFilterBackend that ignores nothing."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        refuse_unknown(request.query_params, known | CONVENTIONS)
        return super().filter_queryset(request, queryset, view)
