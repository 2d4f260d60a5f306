"""When something fails inside, the answer says so in the same words, and nothing of the inside."""

import logging
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from rest_framework.test import APIClient

from bugs.models import Bug

pytestmark = pytest.mark.usefixtures("quiet")
API = "/api/v1/"
INSIDE = "SELECT secret FROM bugs_bug WHERE key = 'hunter2' /srv/bugwire/config/settings.py SECRET_KEY=topsecret"
WORDS = (
    *("SELECT", "bugs_bug", "hunter2", "settings.py", "topsecret", "Traceback", "Error(", "line ", ".py", "psycopg"),
    *("django", "Exception", "/srv", "RuntimeError", "DETAIL:", "password", "0x"),
)
FAILURES = (
    *(RuntimeError(INSIDE), ValueError(INSIDE), KeyError(INSIDE), TypeError(INSIDE), AssertionError(INSIDE)),
    *(DatabaseError(INSIDE), IntegrityError(INSIDE), DataError(INSIDE), ProgrammingError(INSIDE)),
    *(OperationalError(INSIDE), InterfaceError(INSIDE), RecursionError(INSIDE), MemoryError(INSIDE), OSError(INSIDE)),
    UnicodeDecodeError("utf-8", INSIDE.encode(), 0, 1, INSIDE),
)
# Where it fails: on the way in, in the view, in its rooms, on the way out.
READS = (
    *("apikeys.authentication.KeyAuthentication.authenticate", "apikeys.permissions.PolicyPermission.has_permission"),
    *("apikeys.throttling.KeyThrottle.allow_request", "config.api.parameters.refuse_undocumented"),
    *("bugs.views.bugs.BugViewSet.list", "bugs.views.bugs.paginate", "config.api.rendering.JSONRenderer.render"),
    *("config.api.conditional.unless_unchanged", "django.middleware.common.CommonMiddleware.process_request"),
    *("django.contrib.auth.middleware.AuthenticationMiddleware.process_request", "audit.access.touched"),
)
ONE = ("audit.access.touched",)  # where one thing is found
WRITES = (
    *("bugs.views.bugs.BugViewSet.create", "config.api.views.ViewSet.checked", "config.api.idempotency.once"),
    *("bugs.services.report", "bugs.events.bug_created", "bugs.services.bug_texts.first"),
    *("config.api.parsing.JSONParser.parse", "config.api.rendering.JSONRenderer.render"),
)


def failing(error: Exception) -> Any:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


def tells_nothing(answer: Any) -> None:
    text = answer.content.decode() + str(dict(answer.headers))
    assert not [word for word in WORDS if word in text], text
    assert answer["Content-Type"] == "application/problem+json" and "request_id" in answer.json()
    assert answer.status_code in (500, 503)
    assert answer.json()["code"] in ("internal_error", "unavailable") and len(answer.content) < 400


@pytest.mark.parametrize("place", READS)
def test_a_read_that_fails_tells_nothing(api: Any, bug: Any, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    client = api("carol")
    for error in FAILURES:
        monkeypatch.setattr(place, failing(error))
        tells_nothing(client.get(f"{API}bugs/WEB-1/" if place in ONE else f"{API}bugs/"))


@pytest.mark.parametrize("place", WRITES)
def test_a_write_that_fails_tells_nothing_and_leaves_nothing(
    api: Any, bug: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    client = api("bob")
    for error in FAILURES:
        monkeypatch.setattr(place, failing(error))
        tells_nothing(client.post(f"{API}bugs/", {"project": "WEB", "title": "It broke"}))
    assert Bug.objects.count() == 1


def test_an_answer_that_cannot_be_recorded_is_not_given(api: Any, bug: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api("carol")
    for error in FAILURES:
        monkeypatch.setattr("audit.records.insert", failing(error))
        tells_nothing(client.get(f"{API}bugs/"))


@pytest.mark.parametrize("path", ["/", "/login/", "/admin/login/", "/readyz", "/api/docs/"])
def test_a_page_that_fails_tells_nothing(db: None, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    client = APIClient(raise_request_exception=False)
    for error in FAILURES[::3]:
        monkeypatch.setattr("django.template.base.Template.render", failing(error))
        monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", failing(error))
        client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
        answer = client.get(path)
        text = answer.content.decode() + str(dict(answer.headers))
        assert not [word for word in ("hunter2", "topsecret", "Traceback", "SELECT", "/srv") if word in text]


def test_the_door_of_sdks_tells_nothing(client: Any, web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    for error in FAILURES:
        monkeypatch.setattr("bugs.ingest.door.senders.of", failing(error))
        answer = client.post(f"/api/{web.number}/envelope/?sentry_key={'0' * 32}", b"{}\n", content_type="text/plain")
        text = answer.content.decode() + str(dict(answer.headers))
        assert answer.status_code in (500, 503) and not [word for word in WORDS if word in text]


def test_what_failed_is_in_the_log_with_its_request(
    api: Any, bug: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bugs.views.bugs.BugViewSet.list", failing(RuntimeError("the list is broken")))
    client = api("carol")
    with caplog.at_level(logging.ERROR, "config.api.problems"):
        logging.getLogger("config.api.problems").addHandler(caplog.handler)
        client.get(f"{API}bugs/")
        logging.getLogger("config.api.problems").removeHandler(caplog.handler)
    assert "the list is broken" in caplog.text
