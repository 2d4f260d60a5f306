"""What reports tell of the world around the error: who met it, in which session, of which release."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from audit.identifiers import uuid7
from bugs.choices import Level, SessionState
from bugs.ingest.digest import announcing
from bugs.ingest.digest.batch import Group, columns, happened_at
from bugs.ingest.reading.normalize import Report
from bugs.services import releases

_SALT = "bugwire.affected_user"
_NAMES = ("id", "username", "email", "ip_address")  # the first that is there says who it was
Met = tuple[UUID, str]

_MEET = """
    INSERT INTO bugs_affecteduser (group_id, user_key, first_seen_at)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[])
    ON CONFLICT DO NOTHING RETURNING group_id, user_key
"""
# A user whom another group of the same bug has met already is not new to the bug.
_NEW_TO_BUGS = """
    WITH met AS (SELECT * FROM unnest(%s::uuid[], %s::text[]) AS m(group_id, user_key))
    SELECT g.bug_id, count(DISTINCT met.user_key) FROM met JOIN bugs_errorgroup g ON g.id = met.group_id
    WHERE g.bug_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM bugs_errorgroup o JOIN bugs_affecteduser a ON a.group_id = o.id AND a.user_key = met.user_key
        WHERE o.bug_id = g.bug_id AND (o.id, met.user_key) NOT IN (SELECT group_id, user_key FROM met)
    )
    GROUP BY g.bug_id
"""
_VISIT = """
    INSERT INTO bugs_session AS s
        (id, project_id, key, user_key, state, environment, release, errors, started_at, last_seen_at)
    SELECT id, %s, key, user_key, state, environment, release, errors, started_at, last_seen_at
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[],
                %s::timestamptz[], %s::timestamptz[])
        AS t(id, key, user_key, state, environment, release, errors, started_at, last_seen_at)
    ORDER BY key
    ON CONFLICT (project_id, key) DO UPDATE SET
        errors = CASE WHEN s.is_tracked THEN greatest(s.errors, excluded.errors) ELSE s.errors + excluded.errors END,
        user_key = coalesce(nullif(s.user_key, ''), excluded.user_key),
        state = CASE WHEN excluded.state = 'crashed' OR s.state = 'ok' THEN excluded.state ELSE s.state END,
        started_at = least(s.started_at, excluded.started_at),
        last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at)
    RETURNING id, state
"""
_RELEASE = """
    INSERT INTO bugs_release (id, project_id, version, created_at)
    SELECT id, %s, version, now() FROM unnest(%s::uuid[], %s::text[]) AS t(id, version)
    ORDER BY version ON CONFLICT DO NOTHING RETURNING version
"""
RELEASES_KNOWN = 10_000  # that a process remembers to exist
_shipped: set[tuple[UUID, str]] = set()


def user_key(project_id: UUID, user: dict[str, str]) -> str:
    """Who met an error, as a keyed hash of this project's own; empty when nobody is named."""
    for name in _NAMES:
        if value := user.get(name):
            return salted_hmac(_SALT, f"{project_id}:{name}:{value}", algorithm="sha256").hexdigest()[:32]
    return ""


def name(project_id: UUID, reports: Iterable[Report]) -> None:
    """Say in each report who met it, before that is taken out of it."""
    for report in reports:
        report.user_key = user_key(project_id, report.user)


def meet(batch: Iterable[Group]) -> list[Met]:
    """Note who met which group; the pairs that are new, which are counted in `more_users` of their groups."""
    first: dict[Met, datetime] = {}
    for group in batch:
        for report in group.reports:
            if report.user_key:
                met = (group.id, report.user_key)
                first[met] = min(first.get(met, report.occurred_at), report.occurred_at)
    if not first:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_MEET, columns((*met, first[met]) for met in sorted(first)))
        new: list[Met] = cursor.fetchall()
    amounts = Counter(group_id for group_id, _ in new)
    for group in batch:
        group.more_users = amounts[group.id]
    return new


def new_to_bugs(met: list[Met]) -> dict[UUID, int]:
    """Of the users that groups met for the first time, how many their bugs had not met."""
    if not met:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NEW_TO_BUGS, [list(column) for column in zip(*met, strict=True)])
        return dict(cursor.fetchall())


def visit(project_id: UUID, batch: Iterable[Group]) -> None:
    """Note errors in the sessions that they happened in, in the order of the sessions' keys."""
    sessions: dict[str, list[Report]] = {}
    for report in _reports(batch):
        if report.session_id:
            sessions.setdefault(report.session_id, []).append(report)
    if not sessions:
        return
    rows = [(uuid7(), key, *_visited(reports)) for key, reports in sessions.items()]
    with connection.cursor() as cursor:
        cursor.execute(_VISIT, [project_id, *columns(rows)])
        touched = cursor.fetchall()
    announcing.sessions(project_id, touched, {row[0] for row in rows})


def ship(project_id: UUID, batch: Iterable[Group]) -> None:
    """Every release that is named exists from then on, with the commits that wait for one."""
    versions = {report.release for report in _reports(batch) if report.release}
    for version in exist(project_id, versions):
        releases.adopt(project_id, version)


def exist(project_id: UUID, versions: Iterable[str]) -> list[str]:
    """Make the releases that are not there; those that are new."""
    unknown = sorted(version for version in versions if (project_id, version) not in _shipped)
    if not unknown:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [project_id, [uuid7() for _ in unknown], unknown])
        new = [row[0] for row in cursor.fetchall()]
    transaction.on_commit(lambda: _remember(project_id, unknown))
    return new


def _remember(project_id: UUID, versions: Iterable[str]) -> None:
    if len(_shipped) > RELEASES_KNOWN:
        _shipped.clear()
    _shipped.update((project_id, version) for version in versions)


def _reports(batch: Iterable[Group]) -> Iterator[Report]:
    return (report for group in batch for report in group.reports)


def _visited(reports: list[Report]) -> list[Any]:
    """The columns of a session after its project and key, from its reports in one batch."""
    moments = [happened_at(report) for report in reports]
    crashed = any(report.level == Level.FATAL or not report.is_handled for report in reports)
    errors = [report for report in reports if report.level in (Level.ERROR, Level.FATAL)]
    state = SessionState.CRASHED if crashed else SessionState.ERRORED if errors else SessionState.OK
    who = next((report.user_key for report in reports if report.user_key), "")
    last = max(reports, key=happened_at)
    return [who, state, last.environment, last.release, len(errors), min(moments), max(moments)]
