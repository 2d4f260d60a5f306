"""Writing down who called, what was asked and what was answered."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from audit.actors import Principal
from audit.identifiers import uuid7

# One statement: set_config makes just this transaction's commit asynchronous, in the same round trip.
_COLUMNS = (
    "id, occurred_at, channel, actor, operation, method, path, status, code, request_id, project_ids, ip, "
    "user_agent, duration_ms, rows"
)
_INSERT = f"INSERT INTO audit_accessrecord ({_COLUMNS}) VALUES ({', '.join(['%s'] * 15)})"  # noqa: S608
_LATER = "WITH s AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))"
_INSERT_LATER = f"{_LATER} INSERT INTO audit_accessrecord ({_COLUMNS}) SELECT {', '.join(['%s'] * 15)} FROM s"  # noqa: S608


@dataclass(slots=True)
class Access:
    """What is known of one call so far; the pipeline fills it in, the record is written from it."""

    channel: str = "page"
    principal: Principal | None = None
    operation: str = ""
    code: str = ""
    project_ids: Iterable[UUID] = ()
    rows: int | None = None
    written: bool = False
    began: float = field(default_factory=time.perf_counter)


def of(request: HttpRequest) -> Access:
    """The note that travels with a request."""
    access = getattr(request, "access", None)
    if access is None:
        access = request.access = Access()  # type: ignore[attr-defined]
    return access


def record(request: HttpRequest, *, status: int, durable: bool) -> None:
    """Write the call down; durable waits for the disk, otherwise a crash of the machine can cost the last 60 ms."""
    access = of(request)
    access.code = access.code or getattr(request, "problem_code", "")
    write(
        access,
        status=status,
        durable=durable,
        method=request.method or "",
        path=request.path,
        request_id=getattr(request, "request_id", ""),
        ip=request.META.get("REMOTE_ADDR") or None,
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
    )


def write(
    access: Access,
    *,
    status: int,
    durable: bool,
    method: str,
    path: str,
    request_id: str,
    ip: str | None,
    user_agent: str,
) -> None:
    """Insert one AccessRecord; it is marked as written only when the row is."""
    duration = int((time.perf_counter() - access.began) * 1000)
    values: list[Any] = [
        uuid7(),
        timezone.now(),
        access.channel,
        access.principal.label if access.principal else "anonymous",
        access.operation[:80],
        method[:10],
        _clean(path)[:300],
        status,
        access.code[:40],
        request_id[:64],
        list(access.project_ids),
        ip,
        _clean(user_agent)[:200],
        duration,
        access.rows,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT if durable or connection.in_atomic_block else _INSERT_LATER, values)
    access.written = True


def _clean(text: str) -> str:
    """PostgreSQL has no NUL and no lone surrogates in text."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
