"""Bugs as JSON texts that PostgreSQL writes itself, no model instance per row; the public columns, named once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from audit import access
from audit.actors import Principal
from bugs import policy
from bugs.models import Bug
from bugs.selectors.pieces import Piece

_STORED = (
    *("title", "description", "steps", "expected", "actual", "status", "severity", "priority", "bug_type"),
    *("resolution", "component", "environment", "release", "tags", "custom", "due_on"),
)
_KEPT = (
    *("error_level", "error_count", "user_count", "comment_count", "attachment_count", "reopen_count", "version"),
    *("created_at", "updated_at", "last_error_at", "triaged_at", "resolved_at", "closed_at"),
)
# Public name: its expression. In this order everywhere. (Joins instead of sub-selects took twice as long to plan.)
_COLUMNS = {
    "id": "b.id",
    "reference": "p.key || '-' || b.number",
    "project": "p.key",
    **{name: f"b.{name}" for name in _STORED},
    "reporter": "(SELECT r.username FROM bugs_user r WHERE r.id = b.reporter_id)",
    "assignee": "(SELECT a.username FROM bugs_user a WHERE a.id = b.assignee_id)",
    # Merges stay within a project.
    "merged_into": "(SELECT p.key || '-' || m.number FROM bugs_bug m WHERE m.id = b.merged_into_id)",
    **{name: f"b.{name}" for name in _KEPT},
}
# The public columns of a bug, in the order of every format (REST, stream, webhook, export).
BUG_FIELDS = tuple(_COLUMNS)


def documents_of(bug_ids: Sequence[UUID], fields: Collection[str] | None = None) -> list[str]:
    """Bugs as JSON texts in the order of their ids. For callers who hold ids that a gate let through.

    fields: the public columns wanted, all of them when None; the caller has compared them with BUG_FIELDS.
    """
    if not bug_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_statement(_ordered(fields)), [list(bug_ids)])
        return [row[0] for row in cursor.fetchall()]


Line = tuple[datetime, UUID, str, Sequence[Any]]


def page(
    bugs: QuerySet[Bug], column: str, fields: Collection[str] | None = None, beside: Sequence[Piece] = ()
) -> list[Line]:
    """An ordered slice of a gated queryset in one statement.

    Of each bug: the column it is ordered by (a time), id, JSON text, and what the pieces beside it said.
    """
    try:
        inner, parameters = bugs.values("id").query.sql_with_params()
    except EmptyResultSet:
        return []
    # Naming every column through the ORM took as long as PostgreSQL needs for the page. The id stays the first one,
    # which the statement may order by as `1`.
    inner = inner.replace('"bugs_bug"."id" AS "id"', '"bugs_bug".*', 1)
    descending = inner.rpartition("ORDER BY")[2].count("DESC") == 2
    head, tail = _page(_ordered(fields), column, "DESC" if descending else "ASC", _more(beside))
    with connection.cursor() as cursor:
        cursor.execute(f"{head}{inner}{tail}", [*_values(beside), *parameters])
        return [(datetime.fromisoformat(at), bug_id, text, cells) for at, bug_id, text, *cells in cursor.fetchall()]


def documents(bugs: QuerySet[Bug]) -> list[str]:
    """The bugs of a gated queryset as JSON texts, in its order."""
    return documents_of(list(bugs.values_list("pk", flat=True)))


def documents_by_id(bug_ids: Collection[UUID]) -> dict[str, str]:
    """JSON documents of bugs for those who have tested membership themselves (the live hub); none of deleted ones."""
    there = list(Bug.objects.filter(pk__in=bug_ids, deleted_at=None).values_list("pk", flat=True))
    return dict(zip(map(str, there), documents_of(there), strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """One bug behind the gate, as JSON text, with what a door needs to know of it."""

    id: UUID
    version: int
    text: str
    cells: Sequence[Any]  # what the pieces beside it said


def found(
    principal: Principal, name: str, fields: Collection[str] | None = None, beside: Sequence[Piece] = ()
) -> Found | None:
    """A bug by UUID or reference (`WEB-42`) in one statement, when the principal may see it."""
    named = name_parts(name)
    if named is None:
        return None
    where = "b.id = %s" if len(named) == 1 else "p.key = %s AND b.number = %s"
    with connection.cursor() as cursor:
        projects = list(policy.projects(principal, "bug.read"))
        cursor.execute(_one(_ordered(fields), where, _more(beside)), [*_values(beside), *named, projects])
        row = cursor.fetchone()
    if row is None:
        return None
    access.touched(row[2], f"bug:{row[0]}")
    return Found(row[0], row[1], row[3], row[4:])


def name_parts(name: str) -> tuple[UUID] | tuple[str, int] | None:
    """What a bug is called: its id, or the key of its project and its number; None when it cannot be a bug's name."""
    try:
        return (UUID(name),)
    except ValueError:
        key, _, number = name.rpartition("-")
        if not (key and number.isascii() and number.isdigit() and len(number) < 10):
            return None
        return key, int(number)


def _ordered(fields: Collection[str] | None) -> tuple[str, ...]:
    return BUG_FIELDS if fields is None else tuple(name for name in BUG_FIELDS if name in fields)


def _more(beside: Sequence[Piece]) -> str:
    return "".join(f", {piece.sql}" for piece in beside)


def _values(beside: Sequence[Piece]) -> list[Any]:
    return [value for piece in beside for value in piece.values]


_PROJECT = "JOIN bugs_project p ON p.id = b.project_id"


# Constant statements: building one anew through the ORM cost more than PostgreSQL needs to answer it.
@lru_cache(maxsize=256)
def _statement(fields: tuple[str, ...]) -> str:
    wanted = "unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, place) JOIN bugs_bug b ON b.id = wanted.id"
    rows = f"SELECT {_list(fields)} FROM {wanted} {_PROJECT} ORDER BY wanted.place"  # noqa: S608
    return f"SELECT row_to_json(t)::text FROM ({rows}) t"  # noqa: S608


@lru_cache(maxsize=256)
def _one(fields: tuple[str, ...], where: str, more: str) -> str:
    gate = f"{where} AND b.project_id = ANY(%s::uuid[]) AND b.deleted_at IS NULL"
    row = f"(SELECT row_to_json(t)::text FROM (SELECT {_list(fields)}) t)"  # noqa: S608
    return f"SELECT b.id, b.version, b.project_id, {row}{more} FROM bugs_bug b {_PROJECT} WHERE {gate}"  # noqa: S608


@lru_cache(maxsize=256)
def _page(fields: tuple[str, ...], column: str, direction: str, more: str) -> tuple[str, str]:
    """What stands before and after the statement that chooses the bugs."""
    row = f"(SELECT row_to_json(t)::text FROM (SELECT {_list(fields)}) t)"  # noqa: S608
    order = f"ORDER BY b.{column} {direction}, b.id {direction}"
    return f"SELECT to_json(b.{column})#>>'{{}}', b.id, {row}{more} FROM (", f") b {_PROJECT} {order}"  # noqa: S608


def _list(fields: tuple[str, ...]) -> str:
    return ", ".join(f"{_COLUMNS[name]} AS {name}" for name in fields)
