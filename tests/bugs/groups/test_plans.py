"""No read of groups looks at all groups: the plans over many generated rows."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from bugs.models import ErrorGroup
from bugs.selectors import correlations, groups, patterns

# 20,000 groups, every fourth behind one of 500; each fifth of them with counts over time.
_GROUPS = """
    INSERT INTO bugs_errorgroup
        (id, project_id, fingerprint, grouping, title, culprit, level, reports, first_seen_at, last_seen_at)
    SELECT gen_random_uuid(), %s, md5(n::text), 'v2:in_app', 'Error ' || n, '', 'error', 1,
           now() - n * interval '1 minute', now() - n * interval '1 minute'
    FROM generate_series(1, 20000) n
"""
_BEHIND = """
    WITH heads AS (
        SELECT id, row_number() OVER (ORDER BY last_seen_at DESC) AS n FROM bugs_errorgroup
        WHERE project_id = %s LIMIT 500
    ), others AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n FROM bugs_errorgroup
        WHERE project_id = %s AND id NOT IN (SELECT id FROM heads) ORDER BY id LIMIT 5000
    )
    UPDATE bugs_errorgroup g SET merged_into_id = h.id
    FROM others o JOIN heads h ON h.n = o.n %% 500 + 1 WHERE g.id = o.id
"""
_USERS = """
    INSERT INTO bugs_affecteduser (group_id, user_key, first_seen_at)
    SELECT id, md5(n::text), now() FROM bugs_errorgroup, generate_series(1, 2) n WHERE project_id = %s
"""
_ROLLUPS = """
    INSERT INTO bugs_rollup (project_id, measure, period, key, group_id, level, count)
    SELECT project_id, 'errors', date_bin('15 minutes', last_seen_at, 'epoch'), md5(id::text)::uuid, id, 'error', 1
    FROM bugs_errorgroup WHERE project_id = %s
"""


@pytest.fixture
def many(web: Any) -> UUID:
    """The head that was seen last, of many."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, [web.pk])
        cursor.execute(_BEHIND, [web.pk, web.pk])
        cursor.execute(_ROLLUPS, [web.pk])
        cursor.execute(_USERS, [web.pk])  # of a table that looked empty to a vacuum every row is read
        for table in ("bugs_errorgroup", "bugs_rollup", "bugs_affecteduser"):
            cursor.execute(f"ANALYZE {table}")
    newest: UUID = ErrorGroup.objects.filter(merged_into=None).latest("last_seen_at").pk
    return newest


def scanned(work: Callable[[], Any]) -> set[str]:
    """The tables that the statements of some work would read from end to end."""
    statements: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        statements.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(listen):
        work()
    assert statements
    return {table for statement in statements for table in _seq_scans(*statement)}


def _seq_scans(sql: str, parameters: Any) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT json) {sql}", parameters)
        found = cursor.fetchone()[0]
    waiting = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", ())
        if node["Node Type"] == "Seq Scan":
            yield node["Relation Name"]


@pytest.mark.parametrize("place", ["first", "far", "back"])
def test_a_page_reads_the_index_of_heads(many: UUID, web: Any, place: str) -> None:
    start = None if place == "first" else (timezone.now() - timedelta(minutes=9_000), many)
    found = scanned(lambda: groups.find([web.pk], start=start, back=place == "back", limit=51))
    assert "bugs_errorgroup" not in found


def test_the_documents_of_a_page_read_indexes(many: UUID, web: Any) -> None:
    ids = [group_id for _, group_id in groups.find([web.pk], limit=51)]
    assert scanned(lambda: groups.documents_of(ids)).isdisjoint({"bugs_errorgroup", "bugs_affecteduser"})


def test_what_stands_behind_a_group_is_read_in_an_index(many: UUID) -> None:
    work = (groups.members_text, groups.family_of, groups.ids_of, groups.member_count)
    for each in work:
        assert "bugs_errorgroup" not in scanned(lambda each=each: each(many))  # type: ignore[misc]


@pytest.mark.parametrize("by_users", [False, True])
def test_patterns_read_indexes(many: UUID, web: Any, by_users: bool) -> None:
    now = timezone.now()
    span = {"before": now - timedelta(days=2), "start": now - timedelta(days=1), "end": now + timedelta(days=1)}
    asked = patterns.Asked(projects=[web.pk], **span, by_users=by_users)
    counted, _ = patterns.find(asked)
    assert len(counted) == patterns.CANDIDATES_MAX
    assert scanned(lambda: patterns.find(asked)).isdisjoint({"bugs_errorgroup", "bugs_rollup"})


def test_what_goes_together_reads_indexes(many: UUID, web: Any) -> None:
    assert "bugs_errorgroup" not in scanned(lambda: correlations.of(web.pk, many))
