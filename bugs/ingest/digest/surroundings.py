"""What reports tell of the world around the error: who met it, in which session, of which release."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from audit.identifiers import uuid7
from bugs.choices import Level, SessionState
from bugs.ingest.digest.batch import Group, happened_at
from bugs.ingest.reading.normalize import Report

_SALT = "bugwire.affected_user"
_NAMES = ("id", "username", "email", "ip_address")  # the first that is there says who it was
Met = tuple[UUID, str]

_MEET = """
    INSERT INTO bugs_affecteduser (group_id, user_key, first_seen_at)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[])
    ON CONFLICT DO NOTHING RETURNING group_id, user_key
"""
_COUNT_USERS = "UPDATE bugs_errorgroup SET users = users + %s WHERE id = %s RETURNING users"
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
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (project_id, key) DO UPDATE SET
        errors = s.errors + excluded.errors,
        user_key = coalesce(nullif(s.user_key, ''), excluded.user_key),
        state = CASE WHEN excluded.state = 'crashed' OR s.state = 'ok' THEN excluded.state ELSE s.state END,
        started_at = least(s.started_at, excluded.started_at),
        last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at)
"""
_RELEASE = """
    INSERT INTO bugs_release (id, project_id, version, created_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def user_key(project_id: UUID, user: dict[str, str]) -> str:
    """Who met an error, as a keyed hash of this project's own; empty when nobody is named."""
    for name in _NAMES:
        if value := user.get(name):
            return salted_hmac(_SALT, f"{project_id}:{name}:{value}", algorithm="sha256").hexdigest()[:32]
    return ""


def meet(groups: Iterable[Group]) -> list[Met]:
    """Count users for whom a group is new, and name them; groups must be locked."""
    first: dict[Met, datetime] = {}
    for group in groups:
        for report in group.reports:
            if report.user_key:
                met = (group.id, report.user_key)
                first[met] = min(first.get(met, report.occurred_at), report.occurred_at)
    if not first:
        return []
    pairs = sorted(first)
    with connection.cursor() as cursor:
        cursor.execute(_MEET, [*map(list, zip(*pairs, strict=True)), [first[pair] for pair in pairs]])
        new: list[Met] = cursor.fetchall()
    _count(groups, Counter(group_id for group_id, _ in new))
    return new


def new_to_bugs(met: list[Met]) -> dict[UUID, int]:
    """Of the users that groups met for the first time, how many their bugs had not met."""
    if not met:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NEW_TO_BUGS, [list(column) for column in zip(*met, strict=True)])
        return dict(cursor.fetchall())


def visit(project_id: UUID, reports: Iterable[Report]) -> None:
    """Note errors in the sessions that they happened in, in the order of the sessions' keys."""
    sessions: dict[str, list[Report]] = {}
    for report in reports:
        if report.session_id:
            sessions.setdefault(report.session_id, []).append(report)
    with connection.cursor() as cursor:
        for key in sorted(sessions):
            cursor.execute(_VISIT, [uuid7(), project_id, key, *_visited(sessions[key])])


def ship(project_id: UUID, reports: Iterable[Report]) -> None:
    """Every release that is named exists from then on."""
    versions = sorted({report.release for report in reports if report.release})
    with connection.cursor() as cursor:
        for version in versions:
            cursor.execute(_RELEASE, [uuid7(), project_id, version, timezone.now()])


def _count(groups: Iterable[Group], new: Counter[UUID]) -> None:
    with connection.cursor() as cursor:
        for group in groups:
            if new[group.id]:
                cursor.execute(_COUNT_USERS, [new[group.id], group.id])
                (group.users,) = cursor.fetchone()


def _visited(reports: list[Report]) -> list[Any]:
    """The columns of a session after its project and key, from its reports in one batch."""
    moments = [happened_at(report) for report in reports]
    crashed = any(report.level == Level.FATAL or not report.is_handled for report in reports)
    errors = [report for report in reports if report.level in (Level.ERROR, Level.FATAL)]
    state = SessionState.CRASHED if crashed else SessionState.ERRORED if errors else SessionState.OK
    who = next((report.user_key for report in reports if report.user_key), "")
    last = max(reports, key=happened_at)
    return [who, state, last.environment, last.release, len(errors), min(moments), max(moments)]
