"""Filtered pages of growing tables: a page looks at a bounded number of rows, and says where it stopped."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from config.api import pagination
from config.api.pagination import Found, Place

ROWS_MAX = 20_000  # that one page looks at


def paginate(request: Request, rows: QuerySet[Any], *, render: Any, by: dict[str, Any]) -> Response:
    """Newest first. by: conditions of `rows` that have an index together with the id; the bound counts only those."""

    def find(place: Place | None, backward: bool, limit: int) -> Found:
        return _found(rows, by, place[1] if place else None, backward, limit)

    return pagination.paginate_found(request, find, render)


def _found(rows: QuerySet[Any], by: dict[str, Any], place: UUID | None, backward: bool, limit: int) -> Found:
    order, beyond, within = ("id", "gt", "lte") if backward else ("-id", "lt", "gte")
    ahead = Q() if place is None else Q(**{f"id__{beyond}": place})
    border = _border(rows.model.objects.filter(ahead, **by), order)
    bounded = rows.filter(ahead, **by).filter(**({f"id__{within}": border} if border else {}))
    ids = list(bounded.order_by(order).values_list("id", flat=True)[:limit])
    stopped = border if border and len(ids) < limit else None
    return Found([("", one) for one in ids], ("", stopped) if stopped else None)


def _border(rows: QuerySet[Any], order: str) -> UUID | None:
    """The last row that this page looks at; None when there are fewer."""
    found: UUID | None = rows.order_by(order).values_list("id", flat=True)[ROWS_MAX - 1 : ROWS_MAX].first()
    return found
