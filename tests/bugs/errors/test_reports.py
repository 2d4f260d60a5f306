"""The reports behind a bug, as JSON texts."""

import orjson

from bugs.models import Bug, ErrorGroup
from bugs.selectors import reports


def read(principal, limit=20):
    return [orjson.loads(text) for text in reports.documents(Bug.objects.get().pk, principal=principal, limit=limit)]


def test_the_newest_reports_come_first_and_no_more_than_asked_for(crash, as_principal):
    for number in range(3):
        crash(tags={"n": number})
    found = read(as_principal("carol"), limit=2)
    assert [report["tags"]["n"] for report in found] == ["2", "1"]
    assert found[0]["group_id"] == str(ErrorGroup.objects.get().pk)
    assert found[0]["project"] == "WEB" and found[0]["exception"]["type"] == "ValueError"


def test_reports_of_several_groups_are_in_one_order(crash, as_principal):
    for kind in ("A", "B", "A"):
        crash(kind)
    first, second = Bug.objects.order_by("number")
    ErrorGroup.objects.update(bug=first)
    second.delete()
    assert [report["exception"]["type"] for report in read(as_principal("carol"))] == ["A", "B", "A"]


def test_an_outsider_reads_none(crash, as_principal):
    crash()
    assert read(as_principal("mallory")) == []


def test_a_bug_without_errors_has_none(bug, as_principal):
    assert read(as_principal("carol")) == []
