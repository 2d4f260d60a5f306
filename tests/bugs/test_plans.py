"""No hot read looks at the whole table of bugs: the plans over many generated rows."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import QueryDict

from audit.actors import Principal
from bugs import selectors
from bugs.filters import BugFilter
from bugs.models import Bug, Project, User
from tests.bugs import seeded

ORDERINGS = ("-created_at", "created_at", "-updated_at", "updated_at")
FILTERS = (
    {"status": "new"},
    {"status": "new", "severity": "high"},
    {"severity": "critical"},
    {"bug_type": "security", "status": "triaged"},
    {"component_name": "checkout"},
    {"has_errors": "true"},
    {"created_after": "2026-05-25T00:00:00Z"},
    {"error_level": "fatal"},
)
# What no bug has, or few: a page of it must not look at all bugs to find that out.
RARE = (
    "has_attachments=true",
    "error_level=info",
    "assigned_to=nobody-has-this",
    "reporter=nobody-has-this",
    "release=nothing-has-this",
    "environment=nothing-has-this",
    "component_name=nothing-has-this",
    "resolution=by_design",
    "q=release:nothing-has-this",
    "q=tag.browser:nothing-has-this",
    "q=breadcrumb:nothing-has-this",
    "q=has:attachment",
    'q="words of no bug"',
    "q=title:nothing-has-this",
)
# What any bug may have, with what is left when none has.
NONE_LEFT = (("error_count", "has_errors=true"), ("priority", "priority=urgent"), ("bug_type", "bug_type=security"))

READER = Principal(label="user:1", name="carol", user_id=1, roles={}, permissions=frozenset({"read"}))
FEW = 1_000  # of 20,000

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def many_bugs(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), seeded.database("plans", bugs=20_000, errors=7_000):
        yield


@pytest.fixture(params=["one project", "all projects"])
def bugs(request: Any) -> QuerySet[Bug]:
    ids = list(Project.objects.order_by("number").values_list("pk", flat=True))
    roles = dict.fromkeys(ids[:1] if request.param == "one project" else ids, frozenset({"viewer"}))
    reader = Principal(label="user:1", name="carol", user_id=1, roles=roles, permissions=frozenset({"read"}))
    return selectors.bugs_for(reader)


def scans(rows: QuerySet[Any] | list[Any]) -> list[str]:
    """The tables that a queryset's plan reads from end to end."""
    sql, parameters = rows.query.sql_with_params()  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT json) {sql}", parameters)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return [node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"]


def looked_at(rows: QuerySet[Any]) -> int:
    """How many rows were read, of tables, to answer."""
    sql, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT json) {sql}", parameters)
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(int(node.get(name, 0)) for node in nodes(plan) for name in removed)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def page(bugs: QuerySet[Bug], order: str = "-created_at") -> QuerySet[Any]:
    return bugs.order_by(order, "-id" if order.startswith("-") else "id").values_list(order.removeprefix("-"), "id")[
        :51
    ]


@pytest.mark.parametrize("order", ORDERINGS)
def test_a_page_in_any_order_reads_an_index(bugs: QuerySet[Bug], order: str) -> None:
    assert "bugs_bug" not in scans(page(bugs, order))


@pytest.mark.parametrize("asked", FILTERS, ids=lambda asked: ",".join(asked))
def test_a_page_with_a_plain_filter_reads_an_index(bugs: QuerySet[Bug], asked: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update(asked)
    assert "bugs_bug" not in scans(page(BugFilter(query, queryset=bugs).qs))


@pytest.mark.parametrize("asked", RARE)
def test_a_page_of_what_is_rare_reads_an_index(bugs: QuerySet[Bug], asked: str) -> None:
    found = page(BugFilter(QueryDict(asked), queryset=bugs, principal=READER).qs)
    assert "bugs_bug" not in scans(found)
    assert looked_at(found) < FEW


@pytest.mark.parametrize(("column", "asked"), NONE_LEFT)
def test_a_page_of_what_no_bug_has_any_more_reads_an_index(bugs: QuerySet[Bug], column: str, asked: str) -> None:
    without = {"error_count": {"error_count": 0, "error_level": ""}, "priority": {"priority": "low"}}
    with transaction.atomic(), connection.cursor() as cursor:
        Bug.objects.update(**without.get(column, {"bug_type": "other"}))
        cursor.execute("ANALYZE bugs_bug")
        found = page(BugFilter(QueryDict(asked), queryset=bugs, principal=READER).qs)
        assert "bugs_bug" not in scans(found)
        assert looked_at(found) < FEW
        transaction.set_rollback(True)


def test_a_page_far_down_reads_an_index(bugs: QuerySet[Bug]) -> None:
    far = bugs.order_by("-created_at", "-id").values_list("created_at", flat=True)[3_000]
    assert "bugs_bug" not in scans(page(bugs.filter(created_at__lte=far)))


def test_a_bug_is_found_by_its_reference_through_an_index() -> None:
    assert scans(Bug.objects.filter(project__key="WEB", number=42).values_list("pk")) in ([], ["bugs_project"])


def test_someones_bugs_are_found_through_an_index(bugs: QuerySet[Bug]) -> None:
    busiest = User.objects.get(username="person007")
    assert "bugs_bug" not in scans(page(bugs.filter(assignee=busiest)))


def test_words_and_tags_are_found_through_an_index(bugs: QuerySet[Bug]) -> None:
    by_tag = page(bugs.filter(tags__contains={"customer": "stark", "team": "red"}))
    by_word = page(bugs.extra(where=["words @@ 'kubernetes'::tsquery"]))
    assert "bugs_bug" not in scans(by_tag) + scans(by_word)
