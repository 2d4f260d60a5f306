"""Writing down who called, what was asked, what it was about and what was answered."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from audit import persons, records, refusals, routes
from audit.actors import Principal
from audit.identifiers import uuid7
from config.api import addresses

TEXT_MAX, QUERY_MAX = 300, 2_000  # characters of what callers sent
SUBJECTS_MAX = 1_000
# What opens something is no part of a record: keys anywhere, and parameters with such names.
_KEYS = re.compile(r"\bbw(?:_[a-z]+|t)_[0-9A-Za-z]{6,}")
_SECRETS = re.compile(r"(?i)((?:^|&)[^=&]*(?:signature|token|secret|passw|key|code|auth)[^=&]*=)[^&]+")


@dataclass(slots=True)
class Access:
    """What is known of one call so far; the pipeline fills it in, the record is written from it.

    target, targets, data_class, outcome: said by who knows better than the gates and the status. durable: a read that
    has to be on disk before its answer. tried: the name that somebody could not sign in with.
    """

    channel: str = "page"
    principal: Principal | None = None
    operation: str = ""
    code: str = ""
    project_ids: Iterable[UUID] = ()
    rows: int | None = None
    target: str = ""
    targets: int = 0
    data_class: str = ""
    outcome: str = ""
    tried: str = ""
    durable: bool = False
    written: bool = False
    status: int = 0
    touched_projects: set[UUID] = field(default_factory=set)
    subjects: dict[str, None] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    def reads_raw(self, target: str) -> None:
        """Personal data is read: the record says so, and of what, before there is an answer."""
        self.data_class, self.durable, self.target = "raw", True, target

    def is_of(self, user: Any) -> None:
        """Somebody with an account of Django's, of whose roles nothing is asked."""
        self.principal = Principal(label=f"user:{user.pk}", name=user.get_username(), user_id=user.pk)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a call came from and what it said exactly: personal, so it is kept encrypted."""

    ip: str = ""
    user_agent: str = ""
    path: str = ""
    query: str = ""
    forwarded: str = ""
    trace: str = ""


_current: ContextVar[Access | None] = ContextVar("audit_access", default=None)


@contextmanager
def current(note: Access) -> Iterator[Access]:
    """Meanwhile, gates that find one thing say so on this note."""
    token = _current.set(note)
    try:
        yield note
    finally:
        _current.reset(token)


def touched(project_id: UUID, subject: str = "") -> None:
    """A gate found one thing for the present call (`bug:<uuid>`): its record names this project, not all of them."""
    note = _current.get()
    if note is not None:
        note.touched_projects.add(project_id)
        if subject and len(note.subjects) < SUBJECTS_MAX:
            note.subjects[subject] = None


def first(rows: QuerySet[Any], subject: str, *, project: str = "project_id") -> Any:
    """The key of the first row of a gated queryset, which is then what the present call is about; None without one."""
    row = rows.values_list("pk", project).first()
    if row is None:
        return None
    touched(row[1], f"{subject}:{row[0]}")
    return row[0]


def of(request: HttpRequest) -> Access:
    """The note that travels with a request."""
    access = getattr(request, "access", None)
    if access is None:
        access = request.access = Access()  # type: ignore[attr-defined]
    return access


def record(request: HttpRequest, *, status: int, durable: bool, size: int | None = None) -> None:
    """Write the call down; durable waits for the disk, otherwise a crash of the machine can cost the last 60 ms.

    Raises records.Unrecorded.
    """
    access, match = of(request), routes.match_of(request)
    access.code = access.code or getattr(request, "problem_code", "")
    write(
        access,
        status=status,
        durable=durable,
        method=request.method or "",
        path=routes.template(match.route) if match else "",
        request_id=getattr(request, "request_id", ""),
        source=_source(request),
        size=size,
    )


def write(
    access: Access,
    *,
    status: int,
    durable: bool,
    method: str,
    path: str,
    request_id: str,
    source: Source,
    size: int | None = None,
) -> None:
    """Insert one record, or count it among refusals; it is marked as written only when it is. Raises Unrecorded."""
    values = _values(access, status, method, path, request_id, size)
    insert = _insertion(access, values, source, durable or access.durable)
    is_refused = _outcome(access, status) == "refused" and not connection.in_atomic_block
    if not (is_refused and refusals.count(_kind(values, source), insert)):
        insert(1)
    access.written, access.status = True, status


def count_turned_away(environ: dict[str, Any], *, status: int, code: str) -> None:
    """A call that was turned away before anything was read: there was no place to write it down, so it is counted."""
    path, peer = environ.get("PATH_INFO", ""), environ.get("REMOTE_ADDR", "")
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    note = Access(channel=channel_of(path), code=code, outcome="refused")
    source = Source(ip=addresses.client_of(peer, forwarded), user_agent=environ.get("HTTP_USER_AGENT", ""))
    values = _values(note, status, environ.get("REQUEST_METHOD", ""), "", "", None)
    refusals.add(_kind(values, source), _insertion(note, values, source, True))


def channel_of(path: str) -> str:
    if path.startswith("/api/"):
        return "rest"
    return "admin" if path.startswith("/admin/") else "page"


def outcome_of(status: int) -> str:
    """In one word; what is above 599 is a close code of a socket, whose 42xx are restarts."""
    if status >= 1000:
        return "refused" if 4000 <= status < 4100 else "failed" if 4100 <= status < 4200 else "allowed"
    return "allowed" if status < 400 else "refused" if status < 500 else "failed"


def _outcome(access: Access, status: int) -> str:
    return access.outcome or outcome_of(status)


def _values(access: Access, status: int, method: str, path: str, request_id: str, size: int | None) -> list[Any]:
    return [
        access.channel,
        access.principal.label if access.principal else "anonymous",
        access.operation[:80],
        method[:10],
        path[:200],
        status,
        _outcome(access, status),
        access.code[:40],
        (access.target or next(iter(access.subjects), ""))[:80].replace("\x00", ""),
        access.targets or len(access.subjects) or int(bool(access.target)),
        access.data_class,
        request_id[:64],
        list(access.touched_projects or access.project_ids),
        int((time.perf_counter() - access.began) * 1000),
        access.rows,
        size,
    ]


def _insertion(access: Access, values: list[Any], source: Source, durable: bool) -> Callable[[int], None]:
    """What writes the record, or one for so many that are alike."""
    fields, principal = _fields(source, access), access.principal

    def insert(count: int) -> None:
        _insert(values, persons.name_of(principal, timezone.now()), fields, count, durable)

    return insert


def _kind(values: list[Any], source: Source) -> refusals.Kind:
    channel, actor, operation, method, path, status, _, code, *_ = values
    return refusals.Kind(addresses.source_of(source.ip), actor, channel, operation, method, path, status, code)


def _insert(values: list[Any], person: str, fields: dict[str, str], count: int, durable: bool) -> None:
    record_id, now = uuid7(), timezone.now()
    channel, actor, *middle = values
    try:
        key, sealed = persons.seal(person, record_id, fields)
        records.insert([record_id, now, channel, actor, key, *middle, count, sealed], durable=durable)
    except records.CANNOT as error:
        raise records.Unrecorded(str(error)) from error


def _source(request: HttpRequest) -> Source:
    meta = request.META
    return Source(
        ip=getattr(request, "client_ip", ""),
        user_agent=meta.get("HTTP_USER_AGENT", ""),
        path=request.path,
        query=meta.get("QUERY_STRING", ""),
        forwarded=meta.get("HTTP_X_FORWARDED_FOR", ""),
        trace=meta.get("HTTP_TRACEPARENT", ""),
    )


def _fields(source: Source, access: Access) -> dict[str, str]:
    """What is personal, bounded, and without what opens something."""
    fields = {
        "ip": source.ip,
        "user_agent": _clean(source.user_agent[:TEXT_MAX]),
        "path": _clean(source.path[:TEXT_MAX]),
    }
    more = {"forwarded": source.forwarded, "trace": source.trace, "tried": access.tried}
    fields |= {name: _clean(text[:TEXT_MAX]) for name, text in more.items() if text}
    if source.query:
        fields["query"] = _SECRETS.sub(r"\1…", _clean(source.query[:QUERY_MAX]))
    return fields


def _clean(text: str) -> str:
    """JSON has no lone surrogates."""
    return _KEYS.sub("bw_…", text.encode("utf-8", "replace").decode())
