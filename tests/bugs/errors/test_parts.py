"""The parts of a bug are read in as many statements for a page of bugs as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bugs.models import Bug
from bugs.selectors.parts import PARTS

URL = "/api/v1/bugs/"
ALL = ",".join(PARTS)


@pytest.fixture
def statements(api):
    """How many statements a call of carol's takes beside its record."""
    client = api("carol")

    def count(path):
        client.get(path)  # her key is known from now on
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len([query for query in queries if "audit_accessrecord" not in query["sql"]])

    return count


def test_a_detail_takes_four_statements_and_less_where_less_is_shown(statements, crash):
    crash()
    url = f"{URL}{Bug.objects.get().pk}/"
    assert statements(url) == 4
    assert statements(f"{url}?expand=comments,attachments,lifecycle,related") == 1
    assert statements(f"{url}?expand=error_context") == 3
    assert statements(f"{url}?expand=analytics") == 2
    assert statements(f"{url}?expand=") == 1


def test_a_page_with_all_parts_takes_no_more_than_a_detail(statements, crash):
    for kind in ("A", "B", "C"):
        crash(kind)
    assert statements(f"{URL}?expand={ALL}") == 4


def test_a_list_shows_each_bug_its_own_errors(api, crash):
    for kind in ("A", "B", "B"):
        crash(kind)
    rows = api("carol").get(f"{URL}?expand={ALL}&ordering=created_at").json()["results"]
    shown = [[report["exception"]["type"] for report in row["error_context"]["results"]] for row in rows]
    assert shown == [["A"], ["B", "B"]]
    assert [row["analytics"]["error_count"] for row in rows] == [1, 2]
    assert [sum(day["count"] for day in row["analytics"]["errors_per_day"]) for row in rows] == [1, 2]


def test_a_page_says_of_each_bug_what_its_detail_says(api, crash):
    for kind in ("A", "B"):
        crash(kind)
    client = api("carol")
    for row in client.get(f"{URL}?expand={ALL}").json()["results"]:
        detail = client.get(f"{URL}{row['id']}/").json()
        for one in (row, detail):
            one["analytics"].pop("age_seconds")
        assert row == detail
