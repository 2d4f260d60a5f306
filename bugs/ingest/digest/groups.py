"""The groups of a batch in the database: found, made where they are new, locked and counted at the end."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from bugs import versions
from bugs.ingest.digest import terms
from bugs.ingest.digest.batch import Group, columns
from bugs.query import context

_FIND = """
    SELECT fingerprint, id, bug_id, merged_into_id, last_release FROM bugs_errorgroup
    WHERE project_id = %s AND fingerprint = ANY(%s)
"""
_MAKE = """
    INSERT INTO bugs_errorgroup
        (id, project_id, fingerprint, grouping, title, culprit, level, rule_id, first_seen_at, last_seen_at,
         context, context_words, redaction_version, reports)
    SELECT id, %s, fingerprint, grouping, title, culprit, level, rule_id, first_seen_at, last_seen_at,
        context, words::tsvector, version, 0
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[],
                %s::timestamptz[], %s::timestamptz[], %s::jsonb[], %s::text[], %s::int[])
        AS t(id, fingerprint, grouping, title, culprit, level, rule_id, first_seen_at, last_seen_at, context, words,
             version)
    ORDER BY fingerprint ON CONFLICT DO NOTHING RETURNING fingerprint
"""
_LOCK = """
    SELECT id, bug_id, merged_into_id, last_release FROM bugs_errorgroup WHERE id = ANY(%s)
    ORDER BY fingerprint FOR NO KEY UPDATE
"""
_COUNT = """
    UPDATE bugs_errorgroup g SET reports = g.reports + t.reports, users = g.users + t.users,
        first_seen_at = least(g.first_seen_at, t.first), last_seen_at = greatest(g.last_seen_at, t.last),
        last_release = coalesce(t.release, g.last_release)
    FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::text[])
        AS t(id, reports, users, first, last, release)
    WHERE g.id = t.id RETURNING g.id, g.reports, g.users
"""


def find(project_id: UUID, batch: list[Group]) -> None:
    """Give each group of the batch its row; those that are new are made."""
    missing = _found(project_id, batch)
    if not missing:
        return
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [project_id, *columns(_first_row(group) for group in missing)])
        made = {row[0] for row in cursor.fetchall()}
    for group in missing:
        group.is_new = group.identity.fingerprint in made
    _found(project_id, [group for group in missing if not group.is_new])  # somebody else made those


def count(project_id: UUID, batch: list[Group]) -> None:
    """Lock the groups and those they stand behind, in the order of fingerprints, and count the batch in them."""
    _lock(batch)
    seen = _last_seen(batch)
    own = {group.id for group in batch}
    heads = ((head_id, 0, 0, last, last, None) for head_id, last in seen.items() if head_id not in own)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, columns([*(_amounts(group, seen[group.id]) for group in batch), *heads]))
        totals = {row[0]: row[1:] for row in cursor.fetchall()}
    for group in batch:
        group.total, group.users = totals[group.id]


def _found(project_id: UUID, batch: list[Group]) -> list[Group]:
    """Those that have no row."""
    if not batch:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [project_id, [group.identity.fingerprint for group in batch]])
        known = {row[0]: row[1:] for row in cursor.fetchall()}
    missing = []
    for group in batch:
        if row := known.get(group.identity.fingerprint):
            group.id, group.bug_id, group.head_id, group.last_release = row
        else:
            missing.append(group)
    return missing


def _lock(batch: list[Group]) -> None:
    """What they belong to, and the latest release of each, may have changed until now."""
    ids = {group.id for group in batch} | {group.head_id for group in batch if group.head_id}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(ids)])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    for group in batch:
        group.bug_id, group.head_id, group.last_release = rows[group.id]


def _first_row(group: Group) -> tuple[Any, ...]:
    who = group.identity
    rule_id = group.rule.id if group.rule else None
    texts = context.merge({}, terms.of(group.reports))
    return (
        *(group.id, who.fingerprint, who.reason, who.title, who.culprit, group.worst.level, rule_id),
        *(*_span(group), orjson.dumps(texts).decode(), context.vector(texts), group.worst.redaction_version),
    )


def _amounts(group: Group, last: datetime) -> tuple[Any, ...]:
    return (group.id, len(group.reports), group.more_users, _span(group)[0], last, _latest(group))


def _last_seen(batch: Iterable[Group]) -> dict[UUID, datetime]:
    """When groups were seen last, and their heads: a head was seen when one behind it was."""
    seen: dict[UUID, datetime] = {}
    for group in batch:
        last = _span(group)[1]
        for group_id in filter(None, (group.id, group.head_id)):
            seen[group_id] = max(last, seen.get(group_id, last))
    return seen


def _span(group: Group) -> tuple[datetime, datetime]:
    moments = [report.occurred_at for report in group.reports]
    return min(moments), max(moments)


def _latest(group: Group) -> str:
    """The latest release that the group was seen in."""
    latest = group.last_release
    for release in {report.release for report in group.reports if report.release}:
        if not latest or versions.is_later(release, latest) is not False:
            latest = release
    return latest
