"""Writing down who called, what was asked, what it was about and what was answered."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple
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


class Call(NamedTuple):
    """One that is to be written down: its note, and what only its door knows."""

    note: Access
    status: int
    method: str
    path: str
    request_id: str
    source: Source
    size: int | None = None


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
    note, match = of(request), routes.match_of(request)
    note.code = note.code or getattr(request, "problem_code", "")
    path = routes.template(match.route) if match else ""
    request_id = getattr(request, "request_id", "")
    write(Call(note, status, request.method or "", path, request_id, _source(request), size), durable=durable)


def write(call: Call, *, durable: bool) -> None:
    """Insert one record, or count it among refusals; it is marked as written only when it is. Raises Unrecorded."""
    values = _values(call)
    insert = _insertion(call, values, durable or call.note.durable)
    is_refused = _outcome(call) == "refused" and not connection.in_atomic_block
    if not (is_refused and refusals.count(_kind(call, values), insert)):
        insert(1)
    _mark_written(call)


def write_many(calls: Sequence[Call]) -> list[records.Unrecorded | None]:
    """Insert the records of allowed calls that need not wait for the disk: None for each that was written.

    All in one statement; when PostgreSQL does not take what one of them says, each half by itself, down to that one.
    """
    if len(calls) == 1:
        return [_written_alone(calls[0])]
    try:
        records.insert_many([_row_of(call) for call in calls])
    except records.OF_ONE:
        middle = len(calls) // 2
        return write_many(calls[:middle]) + write_many(calls[middle:])
    except records.CANNOT as error:
        return [_unrecorded(error) for _ in calls]
    for call in calls:
        _mark_written(call)
    return [None] * len(calls)


def count_turned_away(environ: dict[str, Any], *, status: int, code: str) -> None:
    """A call that was turned away before anything was read: there was no place to write it down, so it is counted."""
    path, peer = environ.get("PATH_INFO", ""), environ.get("REMOTE_ADDR", "")
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    note = Access(channel=channel_of(path), code=code, outcome="refused")
    source = Source(ip=addresses.client_of(peer, forwarded), user_agent=environ.get("HTTP_USER_AGENT", ""))
    call = Call(note, status, environ.get("REQUEST_METHOD", ""), "", "", source)
    values = _values(call)
    refusals.add(_kind(call, values), _insertion(call, values, True))


def channel_of(path: str) -> str:
    if path.startswith("/api/"):
        return "rest"
    return "admin" if path.startswith("/admin/") else "page"


def outcome_of(status: int) -> str:
    """In one word; what is above 599 is a close code of a socket, whose 42xx are restarts."""
    if status >= 1000:
        return "refused" if 4000 <= status < 4100 else "failed" if 4100 <= status < 4200 else "allowed"
    return "allowed" if status < 400 else "refused" if status < 500 else "failed"


def _outcome(call: Call) -> str:
    return call.note.outcome or outcome_of(call.status)


def _values(call: Call) -> list[Any]:
    note = call.note
    return [
        note.channel,
        note.principal.label if note.principal else "anonymous",
        note.operation[:80],
        call.method[:10],
        call.path[:200],
        call.status,
        _outcome(call),
        note.code[:40],
        (note.target or next(iter(note.subjects), ""))[:80].replace("\x00", ""),
        note.targets or len(note.subjects) or int(bool(note.target)),
        note.data_class,
        call.request_id[:64],
        list(note.touched_projects or note.project_ids),
        int((time.perf_counter() - note.began) * 1000),
        note.rows,
        call.size,
    ]


def _insertion(call: Call, values: list[Any], durable: bool) -> Callable[[int], None]:
    """What writes the record, or one for so many that are alike."""
    fields, principal = _fields(call.source, call.note), call.note.principal

    def insert(count: int) -> None:
        try:
            records.insert(_row(values, principal, fields, count), durable=durable)
        except records.CANNOT as error:
            raise _unrecorded(error) from error

    return insert


def _kind(call: Call, values: list[Any]) -> refusals.Kind:
    channel, actor, operation, method, path, status, _, code, *_ = values
    return refusals.Kind(addresses.source_of(call.source.ip), actor, channel, operation, method, path, status, code)


def _row_of(call: Call) -> list[Any]:
    return _row(_values(call), call.note.principal, _fields(call.source, call.note), 1)


def _row(values: list[Any], principal: Principal | None, fields: dict[str, str], count: int) -> list[Any]:
    record_id, now = uuid7(), timezone.now()
    channel, actor, *middle = values
    key, sealed = persons.seal(persons.name_of(principal, now), record_id, fields)
    return [record_id, now, channel, actor, key, *middle, count, sealed]


def _written_alone(call: Call) -> records.Unrecorded | None:
    try:
        write(call, durable=False)
    except records.Unrecorded as error:
        return error
    return None


def _unrecorded(error: Exception) -> records.Unrecorded:
    found = records.Unrecorded(str(error))
    found.__cause__ = error
    return found


def _mark_written(call: Call) -> None:
    call.note.written, call.note.status = True, call.status


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


def _fields(source: Source, note: Access) -> dict[str, str]:
    """What is personal, bounded, and without what opens something."""
    fields = {
        "ip": source.ip,
        "user_agent": _clean(source.user_agent[:TEXT_MAX]),
        "path": _clean(source.path[:TEXT_MAX]),
    }
    more = {"forwarded": source.forwarded, "trace": source.trace, "tried": note.tried}
    fields |= {name: _clean(text[:TEXT_MAX]) for name, text in more.items() if text}
    if source.query:
        fields["query"] = _SECRETS.sub(r"\1…", _clean(source.query[:QUERY_MAX]))
    return fields


def _clean(text: str) -> str:
    """JSON has no lone surrogates."""
    return _KEYS.sub("bw_…", text.encode("utf-8", "replace").decode())
