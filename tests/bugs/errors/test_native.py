"""Reports over the API: one or many, kept at once, a result for each, lenient in every field."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson
import pytest
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import people
from bugs.ingest.digest import feedback
from bugs.ingest.door import native as door
from bugs.models import Bug, ErrorGroup, ErrorReport, OutcomeDelta, RefusedEvent
from tests.bugs.feedback.conftest import said

URL = "/api/v1/errors/"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
REPORT = {
    "timestamp": "2026-05-01T11:59:00Z",
    "level": "fatal",
    "message": "Payment failed",
    "error": {
        "name": "TypeError",
        "message": "price is undefined",
        "stack": "TypeError: x\n    at pay (/srv/cart.ts:3:7)",
    },
    "sessionId": "s-1",
    "componentName": "checkout",
    "userId": "ann",
    "url": "https://shop.example/pay",
    "userAgent": "Safari",
    "tags": {"plan": "free"},
    "fingerprint": ["basket"],
    "breadcrumbs": [{"category": "ui.click", "message": "pay", "timestamp": "2026-05-01T11:58:00Z"}],
    "apiFailures": [{"endpoint": "/pay?card=4", "method": "POST", "statusCode": 503, "errorMessage": "away"}],
    "userActions": [{"type": "click", "element": "button#pay", "timestamp": 1777636680}],
    "authErrors": [{"errorType": "expired", "message": "Sign in again"}],
    "systemMetrics": {"memoryUsed": 12.5},
    "environment": "prod",
    "release": "1.0",
}


def post(client, body, query="", **headers):
    return client.post(f"{URL}{query}", orjson.dumps(body), content_type="application/json", **headers)


def test_one_report_is_kept_at_once(api, web):
    response = post(api("bob"), {**REPORT, "project": "WEB", "timestamp": timezone.now().isoformat()})
    assert response.status_code == 201, response.content
    result, report = response.json(), ErrorReport.objects.get()
    assert (result["outcome"], result["bug"], result["errors"]) == ("accepted", "WEB-1", [])
    assert (result["id"], result["group_id"]) == (str(report.pk), str(report.group_id))
    shown = api("carol").get(response["Location"]).json()
    assert (shown["event_id"], shown["component"]) == (result["event_id"], "checkout")
    assert shown["api_failures"][0]["status"] == 503


def test_a_report_that_was_read_here_can_be_sent_back(api, crash):
    raised = [{"type": "KeyError", "value": "price"}, {"type": "ValueError", "value": "bad"}]
    crumbs = [{"category": "ui.click", "message": "pay"}]
    crash(tags={"session_id": "s-1"}, fingerprint=["x"], breadcrumbs=crumbs, exception=raised)
    (shown,) = api("carol").get(URL).json()["results"]
    response = post(api("bob"), {**shown, "event_id": uuid4().hex})
    assert (response.status_code, response.json()["errors"]) == (201, [])
    again = api("carol").get(response["Location"]).json()
    for name in ("exception", "causes", "session_id", "user_actions", "tags", "component", "group_id", "occurred_at"):
        assert again[name] == shown[name], name


def test_the_same_report_again_is_answered_with_200(api, web):
    client, body = api("bob"), {"id": "err_1", "message": "x", "project": "WEB"}
    first, again = post(client, body), post(client, body)
    assert (first.status_code, again.status_code, again.json()["outcome"]) == (201, 200, "deduplicated")
    assert first.json()["event_id"] == again.json()["event_id"] and ErrorReport.objects.count() == 1
    assert RefusedEvent.objects.get().outcome == "deduplicated"


def test_a_batch_has_a_result_for_each(api, web):
    key = uuid4().hex
    sent = [{"event_id": key, "message": "a"}, 5, {"event_id": key}, {"level": 9}, {}, {"project": "NONE"}]
    response = post(api("bob"), {"project": "WEB", "reports": sent})
    assert response.status_code == 200
    results = response.json()["results"]
    assert [(one["outcome"], one["reason"]) for one in results] == [
        ("accepted", ""),
        ("invalid", "not_an_object"),
        ("deduplicated", ""),
        ("accepted", ""),
        ("invalid", "empty"),
        ("invalid", "unknown_project"),
    ]
    assert results[3]["errors"] == ["level"] and results[0]["event_id"] == str(UUID(key))


def test_what_came_is_counted_with_what_sdks_send(api, web):
    post(api("bob"), [{"event_id": "1"}, {"event_id": "1"}, 5])
    counted = {}
    for row in OutcomeDelta.objects.filter(project_id=web.pk, category="error"):
        counted[row.outcome, row.reason] = counted.get((row.outcome, row.reason), 0) + row.quantity
    assert counted == {
        ("received", ""): 3,
        ("accepted", ""): 1,
        ("deduplicated", ""): 1,
        ("invalid", "not_an_object"): 1,
    }


def test_a_list_may_go_to_several_projects(api, web, app, people_of_web):
    people.join(project=app, user=people_of_web["bob"], role="reporter", by=SYSTEM)
    client = api("bob")
    results = post(
        client,
        [{"project": "WEB", "level": "info"}, {"project": "APP", "level": "info"}, {"level": "info"}],
        "?project=APP",
    ).json()["results"]
    assert [one["outcome"] for one in results] == ["accepted"] * 3
    assert ErrorReport.objects.filter(project_id=app.pk).count() == 2
    assert post(client, {"message": "x"}).json()["code"] == "unknown_project"


def test_feedback_that_came_first_is_linked(api, web):
    event = uuid4()
    feedback.keep(web.pk, [said(about=event)])
    post(api("bob"), {"event_id": event.hex, "message": "x"})
    assert Bug.objects.get(number=1).links_out.get().target.number == 2


def test_an_ignored_report_is_filtered(api, web):
    from bugs.models import GroupingRule

    GroupingRule.objects.create(
        project=web,
        name="noise",
        match=[{"field": "message", "pattern": "noise*"}],
        is_ignored=True,
        created_at=timezone.now(),
    )
    response = post(api("bob"), {"message": "noise again"})
    assert (response.status_code, response.json()["outcome"], response.json()["reason"]) == (200, "filtered", "rule")
    assert not ErrorGroup.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (5, 400, "invalid"),
        ("x", 400, "invalid"),
        (None, 400, "invalid"),
        ({"project": "NONE"}, 400, "unknown_project"),
        ({"project": "APP"}, 400, "unknown_project"),
        ({"project": 5}, 400, "unknown_project"),
        ({"reports": {}}, 400, "invalid"),
        ({"reports": [], "project": 5}, 400, "invalid"),
        ([{}] * (door.REPORTS_MAX + 1), 400, "too_many_reports"),
        ({"reports": [{}] * (door.REPORTS_MAX + 1)}, 400, "too_many_reports"),
    ],
)
def test_what_is_no_report_is_refused(api, web, app, body, status, code):
    response = post(api("bob"), body)
    assert (response.status_code, response.json()["code"]) == (status, code), response.content


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b"", 400, "invalid"),
        (b"{}", 400, "invalid"),
        (b"[" * 100_000, 400, "invalid_json"),
        (b"\xff", 400, "invalid_json"),
        (b"[" + b"[]," * door.VALUES_MAX + b"[]]", 413, "body_too_large"),
        (b'"' + b"x" * 2_000_000 + b'"', 413, "body_too_large"),
    ],
)
def test_a_hostile_body_is_refused(api, web, settings, body, status, code):
    settings.INGEST_MAX_BODY = 1_000_000 if len(body) > 1_000_000 and body[:1] == b'"' else 20_000_000
    response = api("bob").post(URL, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (status, code), response.content


def test_texts_that_no_database_takes_are_mended(api, web):
    body = b'{"message": "a\\u0000b \\ud800", "tags": {"k\\u0000": "v"}}'
    response = api("bob").post(URL, body, content_type="application/json")
    assert response.status_code == 201, response.content
    assert ErrorReport.objects.get().message == "a\ufffdb \ufffd"


def test_a_thousand_reports_are_more_than_other_bodies_may_be(api, web, settings):
    settings.API_MAX_BODY = 10_000
    reports = [{"message": "x" * 100, "event_id": str(number)} for number in range(door.REPORTS_MAX)]
    response = post(api("bob"), reports)
    assert {one["outcome"] for one in response.json()["results"]} == {"accepted"}
    assert ErrorReport.objects.count() == door.REPORTS_MAX


def test_a_call_that_is_sent_again_is_answered_as_before(api, web):
    client, body = api("bob"), {"message": "x"}
    first, again = (post(client, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))
    assert first.content == again.content and again.status_code == 201


def test_a_rehearsal_leaves_nothing(api, web):
    response = post(api("bob"), {"message": "x"}, "?dry_run=true")
    assert (response.status_code, response.json()["outcome"]) == (201, "accepted")
    assert not ErrorReport.objects.exists() and not OutcomeDelta.objects.exists()


def test_who_may_not_write_errors(api, web, app, people_of_web):
    assert post(api("carol"), {"message": "x"}).status_code == 403
    assert post(api("bob", permissions=["read"]), {"message": "x"}).status_code == 403
    people.join(project=app, user=people_of_web["bob"], role="viewer", by=SYSTEM)
    client = api("bob")
    answer = post(client, {"project": "APP"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert post(client, [{"project": "APP"}]).json()["results"][0]["reason"] == "not_allowed"


def test_a_report_that_could_not_be_read_again_is_not_kept(api, web):
    large = {f"a{place}": {f"b{other}": "x" * 1000 for other in range(50)} for place in range(50)}
    sent = [{"message": "a"}, {"message": "b", "contexts": large, "extra": large}]
    results = post(api("bob"), {"project": "WEB", "reports": sent}).json()["results"]
    assert [(one["outcome"], one["reason"]) for one in results] == [("accepted", ""), ("invalid", "body_too_large")]
