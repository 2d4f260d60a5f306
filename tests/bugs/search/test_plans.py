"""Plans of searches over some ten thousand bugs: none of them scans the table."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actors import SYSTEM, Principal
from bugs import people, selectors
from bugs.search import candidates, queries, text, windows
from bugs.selectors import similar

ROWS = 20_000
_FILL = """
    INSERT INTO bugs_bug (id, project_id, number, title, description, steps, expected, actual, status, severity,
        priority, bug_type, resolution, component, environment, release, tags, custom, error_level, error_count,
        user_count, comment_count, attachment_count, reopen_count, words, stems, version, created_at, updated_at)
    SELECT gen_random_uuid(), (%s::uuid[])[1 + n %% 2], n, t, '', '', '', '', 'new', 'low', 'normal', 'other', '', '',
        '', '', '{}', '{}', '', 0, 0, 0, 0, 0, '', to_tsvector('english', t), 1, at, at
    FROM (SELECT n, 'common word' || CASE WHEN n %% 25 = 0 THEN ' middling' ELSE '' END || ' rare' || n / 20 AS t,
        now() - n * interval '1 minute' AS at FROM generate_series(1, %s) n) made
"""


@pytest.fixture
def projects(web):
    other = people.make_project(key="SHOP", name="Other", by=SYSTEM)
    ids = [web.pk, other.pk]
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [ids, ROWS])
        cursor.execute("ANALYZE bugs_bug")
    similar._remembered.until = 0.0
    yield ids
    similar._remembered.until = 0.0


@pytest.fixture(params=[1, 2], ids=["one project", "many projects"])
def principal(request, projects):
    return Principal(label="user:1", roles=dict.fromkeys(projects[: request.param], frozenset({"admin"})))


def plans_of(run):
    """The plans of every statement over bugs, for the very values: none of them is prepared."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        run()
    statements = [each["sql"] for each in captured if "bugs_bug" in each["sql"] and "EXPLAIN" not in each["sql"]]
    assert statements
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute("EXPLAIN " + statement)
            yield "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("typed", ["rare7", "common", "middling", '"common word"', "midd*", "common -rare7", "nowhere"])
def test_no_search_scans_the_table(principal, typed):
    query = queries.compiled(text.parse(typed))
    gate = windows.Gate(list(principal.roles))
    bugs = selectors.bugs_for(principal)
    for plan in plans_of(lambda: candidates.find(bugs, query, gate)):
        assert "Seq Scan on bugs_bug" not in plan, plan


@pytest.mark.parametrize("column", windows.NARROWING)
def test_a_narrowed_window_is_read_in_the_order_of_its_index(principal, column):
    value = {"component": "", "severity": "low", "status": "new"}[column]
    gate = windows.Gate(list(principal.roles), {column: value})
    bugs = selectors.bugs_for(principal).filter(**{column: value})
    query = queries.compiled(text.parse("common"))
    for plan in plans_of(lambda: candidates.find(bugs, query, gate)):
        assert "Seq Scan on bugs_bug" not in plan, plan
        assert f"bugs_bug_{column}_newest" in plan or "bugs_bug_newest" in plan, plan


@pytest.mark.parametrize("title", ["common word rare7", "common word", "rare7 rare8 rare9"])
def test_no_look_up_of_similar_titles_scans_the_table(principal, title):
    for plan in plans_of(lambda: similar.similar_to(title, principal=principal, limit=5)):
        assert "Seq Scan on bugs_bug" not in plan, plan


def test_statements_are_never_prepared(db):
    """A generic plan would not know the words it is for."""
    from django.conf import settings

    assert not settings.DATABASES["default"]["OPTIONS"].get("server_side_binding")
    with connection.cursor() as cursor:
        for _ in range(10):
            queries.compiled(text.parse("payment"))
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
