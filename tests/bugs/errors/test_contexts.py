"""What is derived from a report: actions, failed calls, refused sign-ins, numbers of the machine."""

from datetime import UTC, datetime

import pytest

from bugs.ingest.reading import contexts
from bugs.ingest.reading.normalize import normalize

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CLICK = {"category": "ui.click", "message": "button#pay", "timestamp": NOW.timestamp()}
REFUSED = {"type": "http", "category": "fetch", "data": {"url": "/pay?card=4", "method": "POST", "status_code": 401}}


def report(*crumbs, **event):
    return normalize({"breadcrumbs": list(crumbs), **event}, received_at=NOW)


def test_clicks_and_navigations_are_user_actions():
    away = {"category": "navigation", "data": {"from": "/cart", "to": "/pay?token=1"}}
    assert report(CLICK, away, {"category": "console", "message": "x"}).user_actions == [
        {"at": "2026-05-01T12:00:00+00:00", "action": "click", "target": "button#pay"},
        {"action": "navigation", "url_from": "/cart", "url_to": "/pay"},
    ]


@pytest.mark.parametrize(
    ("crumb", "failure"),
    [
        (REFUSED, {"url": "/pay", "method": "POST", "status": 401}),
        ({"category": "xhr", "data": {"status_code": "500"}}, {"status": 500}),
        ({"category": "httplib", "data": {"status_code": 404}}, {"status": 404}),
        ({"type": "http", "level": "error", "data": {"reason": "timeout"}}, {"reason": "timeout"}),
        ({"type": "http", "data": {"status_code": 399}}, None),
        ({"type": "http", "data": {"status_code": True}}, None),
        ({"type": "http", "level": [], "data": {}}, None),
        ({"category": "console", "data": {"status_code": 500}}, None),
    ],
)
def test_which_calls_failed(crumb, failure):
    assert report(crumb).api_failures == ([failure] if failure else [])


def test_the_request_that_was_not_served_failed_too():
    found = report(request={"url": "/pay?x=1", "method": "POST"}, contexts={"response": {"status_code": 502}})
    assert found.api_failures == [{"url": "/pay", "method": "POST", "status": 502}]


@pytest.mark.parametrize("kind", ["AuthError", "Unauthorized", "PermissionDenied", "TokenExpiredError", "JWTError"])
def test_an_exception_of_signing_in_is_an_auth_error(kind):
    found = report(exception=[{"type": kind, "value": "no"}])
    assert found.auth_errors == [{"type": kind, "message": "no", "source": "exception"}]


@pytest.mark.parametrize("kind", ["ValueError", "AuthorNotFound", "KeyError"])
def test_another_exception_is_none(kind):
    assert report(exception=[{"type": kind, "value": "unauthorized"}]).auth_errors == []


def test_a_refused_call_is_an_auth_error_and_a_failed_one_is_not():
    failed = {"type": "http", "data": {"status_code": 500}}
    assert [error["status"] for error in report(REFUSED, failed).auth_errors] == [401]


def test_numbers_of_the_machine():
    sent = {"device": {"free_memory": 5, "name": "x", "battery_level": True}, "app": {"app_memory": 7}}
    assert report(contexts=sent).system_metrics == {"device.free_memory": 5, "app.app_memory": 7}


def test_fifty_of_a_kind_and_the_newest():
    crumbs = [{**CLICK, "message": str(n)} for n in range(contexts.EACH_MAX + 1)]
    found = report(*crumbs).user_actions
    assert (len(found), found[0]["target"]) == (50, "1")


def test_all_of_it_is_in_the_payload():
    payload = report(CLICK, REFUSED).as_payload()
    assert payload["user_actions"] and payload["api_failures"] and payload["auth_errors"]
    assert payload["system_metrics"] == {} and "breadcrumbs" in payload
