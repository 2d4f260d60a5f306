"""Keyset pages with signed cursors: page 10,000 costs what page 1 costs."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.parameters import PAGING
from config.api.problems import Problem

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
COUNT_MAX = 10_000
_UNBOUND = ("cursor", "limit", "count", "fields", "expand")  # may change from page to page
_SALT = "bugwire.cursor"
_ROWS = re.compile(r"rows=(\d+)")
Place = tuple[Any, UUID]
Row = tuple[Any, UUID, Any]  # a place and its result


def paginate(
    request: Request,
    queryset: QuerySet[Any],
    *,
    order: str = "-created_at",
    render: Callable[[QuerySet[Any], list[UUID]], Sequence[Any]] | None = None,
    read: Callable[[QuerySet[Any], str], list[Row]] | None = None,
) -> Response:
    """One page of a queryset ordered by (order, id), with links to its neighbours in body and `Link` header.

    order: an allow-listed column, `-` for descending.
    render: turns the page, given as a queryset and as ids in their order, into results.
    read: instead of render, for those who get places and results in one statement, from the queryset of the page and
    the name of the column.
    """
    limit = limit_of(request)
    column, descending = order.removeprefix("-"), order.startswith("-")
    scope = _scope(request)
    cursor = _read(request.query_params.get("cursor"), scope)
    backward = cursor is not None and cursor["back"]
    rows = queryset if cursor is None else queryset.filter(_after(column, descending != backward, cursor))
    sign = "-" if descending != backward else ""
    page = rows.order_by(f"{sign}{column}", f"{sign}id")[: limit + 1]
    found: list[Any] = read(page, column) if read else list(page.values_list(column, "id"))
    more, found = len(found) > limit, found[:limit]
    if backward:
        found.reverse()
    places: list[Place] = [row[:2] for row in found]
    if render:
        ids = [place[1] for place in places]
        results = list(render(queryset.filter(pk__in=ids).order_by(order, _tie(order)), ids))
    else:
        results = [row[2] for row in found]
    has_next, has_previous = (cursor is not None, more) if backward else (more, cursor is not None)
    response = _answer(request, results, places, scope, has_next=has_next, has_previous=has_previous)
    response.data |= _count(request, queryset)
    return response


def _count(request: Request, queryset: QuerySet[Any]) -> dict[str, Any]:
    """How many rows there are in all, as far as the caller wants to wait for it."""
    match request.query_params.get("count", "none"):
        case "none":
            return {}
        case "exact":
            number = queryset.order_by()[: COUNT_MAX + 1].count()
            if number > COUNT_MAX:
                return {"count": COUNT_MAX, "count_is": "at_least"}
            return {"count": number, "count_is": "exact"}
        case "estimate":
            return {"count": _estimate(queryset), "count_is": "estimate"}
    raise Problem(400, "invalid_count", "count is exact, estimate or none.", pointer="/count")


def _estimate(queryset: QuerySet[Any]) -> int:
    """The rows that the planner expects."""
    try:
        sql, values = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        found = _ROWS.search(cursor.fetchone()[0])
    return int(found[1]) if found else 0


class Pages(BasePagination):
    """How OpenAPI describes a page; the pages themselves are made above."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": each.name, "in": "query", "description": each.description, "schema": _schema_of(each)}
            for each in PAGING
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        counted = {"type": "string", "enum": ["exact", "at_least", "estimate"], "example": "exact"}
        number = {"type": "integer", "description": "When `count` was asked for.", "example": 1}
        return {
            "type": "object",
            "required": ["results"],
            "properties": {
                "results": schema,
                "next": link,
                "previous": link,
                "count": number,
                "count_is": counted,
            },
        }


def _schema_of(parameter: Any) -> dict[str, Any]:
    kind = {"type": "integer" if parameter.type is int else "string"}
    return {**kind, "enum": parameter.enum} if parameter.enum else kind


@dataclass(frozen=True, slots=True)
class Found:
    """Places in the order they were found, and the last one looked at when the end was not reached."""

    places: Sequence[Place]
    stopped_at: Place | None = None


def paginate_found(
    request: Request,
    find: Callable[[Place | None, bool, int], Found],
    render: Callable[[list[UUID]], Sequence[Any]],
) -> Response:
    """One page of rows that no queryset finds, in descending order of their places (value, id).

    find: called with the place to go on from, whether to go back from there, and how many are wanted. A page at
    which it stopped early may be short, or empty, and has a next one all the same.
    """
    if request.query_params.get("count", "none") != "none":
        raise Problem(400, "invalid_count", "The rows of this list are not counted.", pointer="/count")
    limit, scope = limit_of(request), _scope(request)
    cursor = _read(request.query_params.get("cursor"), scope)
    backward = cursor is not None and cursor["back"]
    found = find(_place(cursor) if cursor else None, backward, limit + 1)
    places = list(found.places[:limit])
    ids = [identifier for _, identifier in (reversed(places) if backward else places)]
    more = len(found.places) > limit or found.stopped_at is not None
    if found.stopped_at and len(found.places) <= limit:
        places.append(found.stopped_at)  # a border of the page, not a part of it
    if backward:
        places.reverse()
    has_next, has_previous = (cursor is not None, more) if backward else (more, cursor is not None)
    return _answer(request, list(render(ids)), places, scope, has_next=has_next, has_previous=has_previous)


def _place(cursor: dict[str, Any]) -> Place:
    value = datetime.fromisoformat(cursor["value"]) if cursor["time"] else cursor["value"]
    return value, UUID(cursor["id"])


def _tie(order: str) -> str:
    return "-id" if order.startswith("-") else "id"


def _after(column: str, descending: bool, cursor: dict[str, Any]) -> Q:
    value: Any = cursor["value"]
    if cursor["time"]:
        value = datetime.fromisoformat(value)
    beyond = "lt" if descending else "gt"
    # The first condition is implied by the second; it is what the index can seek by.
    return Q(**{f"{column}__{beyond}e": value}) & (
        Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, f"id__{beyond}": cursor["id"]})
    )


def limit_of(request: Request) -> int:
    """How many rows the caller wants to a page."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_LIMIT):
        raise Problem(400, "invalid_limit", f"limit is a number from 1 to {MAX_LIMIT}.", pointer="/limit")
    return int(text)


def _scope(request: Request) -> str:
    """What a cursor is bound to: the caller, the path, and every parameter that chooses rows."""
    parameters = sorted((name, request.query_params.getlist(name)) for name in request.query_params)
    kept = [pair for pair in parameters if pair[0] not in _UNBOUND]
    return salted_hmac(_SALT, f"{request.path}|{kept}|{request.auth or request.user}").hexdigest()[:16]


def _read(text: str | None, scope: str) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        cursor: dict[str, Any] = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        cursor = {}
    if cursor.get("scope") != scope:
        detail = "This cursor is not of this list: it was changed, or belongs to another filter or another key."
        raise Problem(400, "invalid_cursor", detail, pointer="/cursor")
    return cursor


def _write(place: Place, scope: str, *, back: bool) -> str:
    value, identifier = place
    is_time = isinstance(value, datetime)
    cursor = {
        "value": value.isoformat() if is_time else value,
        "time": is_time,
        "id": str(identifier),
        "back": back,
        "scope": scope,
    }
    return signing.dumps(cursor, salt=_SALT)


def _answer(
    request: Request,
    results: list[Any],
    places: list[Place],
    scope: str,
    *,
    has_next: bool,
    has_previous: bool,
) -> Response:
    following = _url(request, _write(places[-1], scope, back=False)) if places and has_next else None
    preceding = _url(request, _write(places[0], scope, back=True)) if places and has_previous else None
    links = [f'<{url}>; rel="{rel}"' for url, rel in ((following, "next"), (preceding, "prev")) if url]
    headers = {"Link": ", ".join(links)} if links else None
    return Response({"results": results, "next": following, "previous": preceding}, headers=headers)


def _url(request: Request, cursor: str) -> str:
    parameters = dict(request.query_params.lists()) | {"cursor": [cursor]}
    return request.build_absolute_uri(f"{request.path}?{urlencode(parameters, doseq=True)}")
