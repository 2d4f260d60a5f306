"""What SDKs threw away themselves is counted as they say, within bounds."""

import pytest

from bugs.ingest.digest import client_reports
from bugs.models import OutcomeDelta
from tests.bugs.feedback.conftest import item


def keep(project, *payloads):
    return [tuple(fate) for fate in client_reports.keep(project.pk, [item("client_report", each) for each in payloads])]


def counted():
    rows = OutcomeDelta.objects.values_list("category", "outcome", "reason", "quantity")
    return sorted(rows)


def entry(quantity=1, category="error", reason="sample_rate"):
    return {"reason": reason, "category": category, "quantity": quantity}


def test_what_was_discarded_is_counted_by_its_kind_and_reason(web):
    reports = [{"discarded_events": [entry(2), entry(3), entry(4, "session", "network_error")]}] * 2
    assert keep(web, *reports) == [("accepted", "")] * 2
    assert counted() == [("error", "discarded", "sample_rate", 10), ("session", "discarded", "network_error", 8)]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry(reason="because")], [("error", "discarded", "other", 1)]),
        ([entry(reason="r" * 10_000)], [("error", "discarded", "other", 1)]),
        ([entry(reason=["x"])], [("error", "discarded", "other", 1)]),
        ([entry(category="cats")], [("unknown", "discarded", "sample_rate", 1)]),
        ([entry(category={"a": 1})], [("unknown", "discarded", "sample_rate", 1)]),
        ([entry(0), entry(-5), entry("7"), entry(True), entry(1.5), entry(None)], []),
        ([entry(2**63)], [("error", "discarded", "sample_rate", client_reports.QUANTITY_MAX)]),
        ([entry(10**9)], [("error", "discarded", "sample_rate", client_reports.QUANTITY_MAX)]),
        ([5, None, "x", []], []),
        ("x", []),
        ([entry()] * 1_000, [("error", "discarded", "sample_rate", client_reports.ENTRIES_MAX)]),
    ],
)
def test_hostile_entries(web, entries, expected):
    assert keep(web, {"discarded_events": entries}) == [("accepted", "")]
    assert counted() == expected


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"5", b" " * client_reports.REPORT_MAX + b"{}"])
def test_what_is_no_report_is_invalid(web, payload):
    assert keep(web, payload, {"discarded_events": [entry()]}) == [("invalid", "json_invalid"), ("accepted", "")]
    assert counted() == [("error", "discarded", "sample_rate", 1)]


def test_a_sum_stays_what_a_column_holds(web, monkeypatch):
    monkeypatch.setattr(client_reports, "QUANTITY_MAX", 2**31 - 1)
    keep(web, {"discarded_events": [entry(2**31 - 1)] * 2})
    assert counted()[0][3] == 2**31 - 1
