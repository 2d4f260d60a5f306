"""Reports that go from one group to others, with everything that is counted by group."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from audit.actors import SYSTEM
from audit.identifiers import uuid7
from bugs import events, rollups, versions
from bugs.models import AffectedUser, ContextDelta, ErrorGroup, Regrouping
from bugs.services import counting, error_counts, group_bugs, group_rows

# As ingest does: new groups first, then all of them by fingerprint. Their texts are as clean as where they come from.
_MAKE = """
    INSERT INTO bugs_errorgroup (
        id, project_id, fingerprint, grouping, title, culprit, level, rule_id, first_seen_at, last_seen_at, reports,
        redaction_version
    ) SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, redaction_version FROM bugs_errorgroup WHERE id = %s
    ON CONFLICT (project_id, fingerprint) DO NOTHING RETURNING id
"""
_MOVE = """
    UPDATE bugs_errorreport r SET group_id = t.target FROM unnest(%s::uuid[], %s::uuid[]) AS t(id, target)
    WHERE r.id = t.id AND r.project_id = %s AND r.group_id = %s RETURNING r.id
"""
_MEET = """
    INSERT INTO bugs_affecteduser (group_id, user_key, first_seen_at)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) ON CONFLICT DO NOTHING RETURNING group_id
"""
_COUNT = """
    UPDATE bugs_errorgroup SET reports = reports + %s, users = users + %s, last_release = %s,
        first_seen_at = least(first_seen_at, %s), last_seen_at = greatest(last_seen_at, %s) WHERE id = %s
"""
_TAKE = "UPDATE bugs_errorgroup SET reports = greatest(reports - %s, 0) WHERE id = %s"
_SEEN_TOO = "UPDATE bugs_errorgroup SET last_seen_at = greatest(last_seen_at, %s) WHERE id = %s"
# Users of the reports that stayed are noted under the id of the work meanwhile.
_LEAVE = """
    WITH gone AS (
        DELETE FROM bugs_affecteduser a WHERE a.group_id = %(source)s
            AND NOT EXISTS (SELECT FROM bugs_affecteduser s WHERE s.group_id = %(work)s AND s.user_key = a.user_key)
            AND EXISTS (SELECT FROM bugs_affecteduser t WHERE t.group_id = ANY(%(targets)s) AND t.user_key = a.user_key)
        RETURNING 1
    )
    UPDATE bugs_errorgroup SET users = greatest(users - (SELECT count(*) FROM gone), 0) WHERE id = %(source)s
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A stored report, as far as counts of groups need it; the attributes are those of its columns."""

    id: UUID
    group_id: UUID
    occurred_at: datetime
    level: str
    component: str
    environment: str
    release: str
    user_key: str


@dataclass(slots=True)
class Target:
    """A group that reports of a chunk go to: how it introduces itself when it is new, and what they bring.

    worst: the report that a bug is made of, as it is shown. severity, component: what a rule says of that bug.
    """

    fingerprint: str
    grouping: str
    title: str
    culprit: str
    rule_id: UUID | None
    worst: Mapping[str, Any]
    severity: str = ""
    component: str = ""
    rows: list[Row] = field(default_factory=list)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Reports of one group: those that go, by where to, and those that stay."""

    targets: Sequence[Target]
    staying: Sequence[Row]

    @property
    def looked_at(self) -> int:
        return len(self.staying) + sum(len(target.rows) for target in self.targets)


def move(work: Regrouping, chunk: Chunk) -> tuple[list[ErrorGroup], int]:
    """The groups that are new, and how many reports went. Those that somebody moved meanwhile stay there."""
    _note_staying(work.pk, chunk.staying)
    if not chunk.targets:
        return [], 0
    targets = sorted(chunk.targets, key=lambda target: target.fingerprint)
    made = {group_id for target in targets if (group_id := _make(work, target))}
    held = _held(work, targets)
    groups = {group.fingerprint: group for group in held.values()}
    pairs = [(target, groups[target.fingerprint]) for target in targets]
    gone = _move(work, pairs)
    for target, group in pairs:
        _count(held, group, target, [row for row in target.rows if row.id in gone])
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [len(gone), work.group_id])
    _count_over_time(work, pairs, gone)
    return [_introduce(group, target) for target, group in pairs if group.pk in made], len(gone)


def settle(work: Regrouping, *, is_complete: bool) -> None:
    """At the end: users of the group that are left, when it was seen, and what bugs count.

    When not all were looked at, nobody knows whom the others met, so all users stay.
    """
    places = Q(project=work.project_id, fingerprint__in=list(work.found)) | Q(pk=work.group_id)
    known = ErrorGroup.objects.filter(places)
    bugs = sorted(set(known.exclude(bug=None).values_list("bug_id", flat=True)))
    rows = error_counts.hold_groups(places | Q(bug_id__in=bugs))
    error_counts.hold_bugs(bugs)
    targets = [row.pk for row in rows if row.fingerprint in work.found and row.pk != work.group_id]
    if is_complete:
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE, {"source": work.group_id, "work": work.pk, "targets": targets})
    AffectedUser.objects.filter(group_id=work.pk).delete()
    group_rows.put_right([work.group_id])
    (source,) = (row for row in rows if row.pk == work.group_id)
    if source.reports == work.looked_at - work.moved:  # none of its reports is gone
        group_rows.put_first_right(work.group_id)
    error_counts.recount(bugs)


def _note_staying(work_id: UUID, rows: Sequence[Row]) -> None:
    first = {row.user_key: row.occurred_at for row in rows if row.user_key}
    with connection.cursor() as cursor:
        cursor.execute(_MEET, [[work_id] * len(first), list(first), list(first.values())])


def _make(work: Regrouping, target: Target) -> UUID | None:
    """The id of the group when it was not there."""
    moments = [row.occurred_at for row in target.rows]
    who = [target.grouping, target.title, target.culprit, target.worst["level"]]
    values = [uuid7(), work.project_id, target.fingerprint, *who, target.rule_id]
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [*values, min(moments), max(moments), work.group_id])
        row = cursor.fetchone()
    return row[0] if row else None


def _held(work: Regrouping, targets: Sequence[Target]) -> group_rows.Held:
    """The group, those that its reports go to, and those that these stand behind."""
    named = Q(project=work.project_id, fingerprint__in=[target.fingerprint for target in targets])
    heads = ErrorGroup.objects.filter(named, merged_into__isnull=False).values_list("merged_into_id", flat=True)
    rows = error_counts.hold_groups(named | Q(pk__in=[work.group_id, *heads]))
    return {row.pk: row for row in rows}


def _move(work: Regrouping, pairs: Sequence[tuple[Target, ErrorGroup]]) -> set[UUID]:
    going = [(row.id, group.pk) for target, group in pairs for row in target.rows]
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*going, strict=True)]
        cursor.execute(_MOVE, [*columns, work.project_id, work.group_id])
        return {row[0] for row in cursor.fetchall()}


def _count(held: group_rows.Held, group: ErrorGroup, target: Target, rows: Sequence[Row]) -> None:
    if not rows:
        return
    first: dict[str, datetime] = {}
    for row in rows:
        if row.user_key:
            first[row.user_key] = min(row.occurred_at, first.get(row.user_key, row.occurred_at))
    moments = [row.occurred_at for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_MEET, [[group.pk] * len(first), sorted(first), [first[key] for key in sorted(first)]])
        users = len(cursor.fetchall())
        release = _latest(group.last_release, rows)
        cursor.execute(_COUNT, [len(rows), users, release, min(moments), max(moments), group.pk])
        if group.merged_into_id in held:
            cursor.execute(_SEEN_TOO, [max(moments), group.merged_into_id])
    ContextDelta.objects.create(group_id=group.pk, texts=target.texts)


def _latest(latest: str, rows: Sequence[Row]) -> str:
    for release in {row.release for row in rows if row.release}:
        if not latest or versions.is_later(release, latest) is not False:
            latest = release
    return latest


def _count_over_time(work: Regrouping, pairs: Sequence[tuple[Target, ErrorGroup]], gone: set[UUID]) -> None:
    before: Counter[rollups.Fact] = Counter()
    after: Counter[rollups.Fact] = Counter()
    for target, group in pairs:
        for row in target.rows:
            if row.id in gone:
                fact = rollups.error(row)
                before[fact] += 1
                after[fact._replace(group_id=group.pk)] += 1
    counting.changed(work.project_id, before, after)


def _introduce(group: ErrorGroup, target: Target) -> ErrorGroup:
    """A new group bears a bug, as the project sets, and is told of."""
    group.refresh_from_db()
    group_bugs.file(group, target.worst, severity=target.severity, component=target.component)
    events.group_created(group, by=SYSTEM)
    return group
