"""Error reports on the stream: one event each, as much of it as the format asks for."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import services
from bugs.models import ErrorReport
from streaming.streams import errors
from streaming.subscriptions import BadMessage
from tests.streaming.streams.asking import facts_of, subscribed

KIND = "error_events"


def ids(events):
    return [event["event_id"] for event in events]


def test_each_report_is_one_event(crash, told, web):
    kept = crash(level="warning", environment="prod")
    (event,) = told(KIND)
    report = ErrorReport.objects.get()
    assert event == {
        "event_id": str(kept.report_id),
        "timestamp": report.received_at.isoformat(),
        "event_type": "error",
        "bug_id": None,
        "changes": {},
        "metadata": {
            "type": "error.received",
            "project_id": str(web.pk),
            "matched": True,
            "group_id": str(kept.group_id),
            "level": "warning",
            "error": {
                "id": str(kept.report_id),
                "project": "WEB",
                "group_id": str(kept.group_id),
                "level": "warning",
                "title": "ValueError: bad",
                "message": "",
                "component": "",
                "environment": "prod",
                "release": "",
                "session_id": "",
                "occurred_at": report.occurred_at.isoformat(),
            },
        },
    }


def test_it_names_the_bug_of_its_group(crash, told):
    kept = crash()
    assert told(KIND)[0]["bug_id"] == str(kept.bug_id)


def test_a_deleted_bug_is_not_named(crash, told):
    services.delete(crash().bug_id, by=SYSTEM)
    assert told(KIND)[0]["bug_id"] is None


def test_compact_is_the_event_alone(crash, told):
    crash()
    assert "error" not in told(KIND, "compact")[0]["metadata"]


def test_detailed_has_the_report_as_rest_shows_it(crash, told, api):
    kept = crash(tags={"shard": "7"})
    shown = told(KIND, "detailed")[0]["metadata"]["error"]
    assert shown == api("carol").get(f"/api/v1/errors/{kept.report_id}/").json()


def test_a_report_too_large_for_a_socket_stands_there_in_short(crash, told, monkeypatch):
    crash(extra={"dump": "x" * 1_000})
    monkeypatch.setattr(errors, "DOCUMENT_MAX", 1_000)
    metadata = told(KIND, "detailed")[0]["metadata"]
    assert metadata["is_shortened"] is True
    assert metadata["error"]["title"] == "ValueError: bad"


@pytest.mark.parametrize("bound", ["DOCUMENTS_MAX", "DOCUMENTS_LENGTH"])
def test_whole_reports_are_bounded_and_the_newest_have_them(crash, told, monkeypatch, bound):
    monkeypatch.setattr(errors, "DOCUMENTS_AT_ONCE", 1)
    monkeypatch.setattr(errors, bound, 1)
    old, new = crash(), crash()
    events = {event["event_id"]: event["metadata"] for event in told(KIND, "detailed")}
    assert "is_shortened" in events[str(old.report_id)]
    assert "is_shortened" not in events[str(new.report_id)]


def test_personal_data_does_not_stream(crash, told):
    crash(user={"email": "bob@example.com"}, message="bob@example.com called", exception=None)
    for form in ("json", "compact", "detailed"):
        assert "bob@" not in str(told(KIND, form))


def test_what_was_deleted_meanwhile_is_left_out(crash, told):
    crash()
    kept = crash()
    ErrorReport.objects.exclude(pk=kept.report_id).delete()
    assert ids(told(KIND)) == [str(kept.report_id)]


WANTED = {"level": "warning", "component": "pay", "environment": "prod", "release": "1.0", "session": "s-1"}
OTHER = {"level": "error", "tags": {"component": "cart", "session_id": "s-2"}, "environment": "test", "release": "2.0"}


@pytest.mark.parametrize("name", [*WANTED, "project", "group", "occurred_after"])
def test_each_filter_keeps_what_is_asked_for(name, crash, told, app, join):
    join("dave", "viewer", app)
    long_ago = timezone.now() - timedelta(hours=2)
    crash("KeyError", at=long_ago, project=app, **OTHER)
    kept = crash(level="warning", environment="prod", release="1.0", tags={"component": "pay", "session_id": "s-1"})
    later = {"occurred_after": (timezone.now() - timedelta(hours=1)).isoformat()}
    wanted = {**WANTED, **later, "project": "WEB", "group": str(kept.group_id)}
    assert ids(told(KIND, filters={name: wanted[name]})) == [str(kept.report_id)]


def test_occurred_before_keeps_what_was(crash, told):
    old = crash(at=timezone.now() - timedelta(hours=2))
    crash()
    hour_ago = (timezone.now() - timedelta(hours=1)).isoformat()
    assert ids(told(KIND, filters={"occurred_before": hour_ago})) == [str(old.report_id)]


def test_any_of_several_levels(crash, told):
    for level in ("fatal", "error", "info"):
        crash(level=level)
    assert len(told(KIND, filters={"level": ["fatal", "info"]})) == 2


def test_the_filter_language_asks_the_reports_bug(crash, told):
    severe = crash("KeyError", level="fatal")
    crash("ValueError", level="error")
    crash("OSError", level="info")  # bears no bug
    services.edit(severe.bug_id, changes={"severity": "low"}, by=SYSTEM)
    assert ids(told(KIND, filters={"q": "severity:low"})) == [str(severe.report_id)]
    assert len(told(KIND, filters={"q": "NOT severity:low"})) == 1


def test_me_is_whoever_asks(crash, told, people_of_web):
    kept = crash()
    services.assign(kept.bug_id, assignee=people_of_web["bob"], by=SYSTEM)
    assert ids(told(KIND, filters={"q": "assignee:me"}, person="bob")) == [str(kept.report_id)]
    assert told(KIND, filters={"q": "assignee:me"}) == []


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"levle": "error"}, "levle: There is no filter 'levle'. Did you mean level?"),
        ({"level": "loud"}, "level: "),
        ({"level": [["error"]]}, "level"),
        ({"environment": ["a", "b"]}, "environment: takes one text."),
        ({"component": "x" * 101}, "component: "),
        ({"group": "nonsense"}, "group: "),
        ({"occurred_after": "yesterday"}, "occurred_after: "),
        ({"q": "severity:"}, "q: "),
        ({"q": "changed:status"}, "q: "),
        ({"q": "age:>7d"}, "q: "),
        ({"q": ["a"]}, "q: takes one text."),
    ],
)
def test_a_wrong_filter_is_named(filters, says):
    with pytest.raises(BadMessage) as refused:
        subscribed(KIND, filters=filters)
    assert refused.value.code == "invalid_filter"
    assert str(refused.value).startswith(says)


def test_many_reports_cost_as_many_statements_as_one(crash, web, as_principal):
    def cost(one):
        facts = facts_of(one)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            one.stream.read(facts, [one])
        return len(queries)

    asked = [subscribed(KIND, form, filters={"q": "severity:low"}) for form in ("json", "detailed")]
    crash()
    before = [cost(one) for one in asked]
    for _ in range(5):
        crash("KeyError")
    assert [cost(one) for one in asked] == before
    assert max(before) <= 3


def test_equal_wishes_are_rendered_once(crash, as_principal):
    crash()
    one, other = (subscribed(KIND, filters={"level": "error"}) for _ in range(2))
    (rendering,) = one.stream.read(facts_of(one), [one, other])
    assert rendering.bodies(one, as_principal("carol")) is rendering.bodies(other, as_principal("bob"))


# Snapshots --------------------------------------------------------------------------------------------------


def test_a_snapshot_has_the_newest_reports_first(crash, shown):
    old, new = crash(), crash()
    items, is_whole = shown(KIND)
    assert [item["id"] for item in items] == [str(new.report_id), str(old.report_id)]
    assert is_whole


def test_a_snapshot_has_no_more_than_its_bound_and_says_so(crash, shown, monkeypatch):
    monkeypatch.setattr(errors, "SNAPSHOT_LIMIT", 2)
    for _ in range(3):
        crash()
    items, is_whole = shown(KIND)
    assert (len(items), is_whole) == (2, False)


def test_a_snapshot_is_of_those_that_match(crash, shown):
    wanted = crash("KeyError", level="fatal")
    crash(level="info")
    for filters in ({"level": "fatal"}, {"q": "is:open"}, {"project": "WEB", "group": str(wanted.group_id)}):
        assert [item["id"] for item in shown(KIND, filters=filters)[0]] == [str(wanted.report_id)]


def test_a_snapshot_is_of_ones_own_projects(crash, shown, app):
    crash(project=app)
    assert shown(KIND) == ([], True)
    assert shown(KIND, filters={"project": "APP"}) == ([], True)


def test_a_snapshot_in_whole_is_what_rest_shows(crash, shown, api):
    kept = crash()
    assert shown(KIND, "detailed")[0] == [api("carol").get(f"/api/v1/errors/{kept.report_id}/").json()]


def test_a_snapshot_that_asks_bugs_looks_at_a_bounded_number_of_reports(crash, shown, monkeypatch):
    monkeypatch.setattr(errors, "QUERY_SCAN_MAX", 1)
    crash()
    crash("OSError", level="info")
    items, is_whole = shown(KIND, filters={"q": "is:open"})
    assert (items, is_whole) == ([], False)
