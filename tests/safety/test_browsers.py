"""What pages of other sites can do in somebody's browser: nothing. CORS for SDKs alone, CSRF at every write."""

from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from bugs.models import Bug, IngestKey
from tests.bugs.safety import doors
from tests.bugs.safety.test_isolation import _body
from tests.safety.test_methods import _names

pytestmark = pytest.mark.usefixtures("quiet")
API = "/api/v1/"
ORIGINS = ("https://evil.example", "null", "http://127.0.0.1:8000", "https://testserver.evil.example", "file://")
PAGES = ("/", "/login/", "/admin/", "/admin/login/", "/healthz", "/readyz", "/api/docs/", "/nothing")
UNSAFE = [door for door in doors.operations() if door.method not in ("get",) and door.requires]


@pytest.fixture
def browser(people_of_web: dict[str, Any]) -> APIClient:
    """Alice's, in which she is signed in; its pages of other sites know no token."""
    made = APIClient(enforce_csrf_checks=True, raise_request_exception=False)
    made.force_login(people_of_web["alice"])
    return made


def allowed(answer: Any) -> list[str]:
    return [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("origin", ORIGINS[:2])
def test_no_answer_of_the_api_is_for_other_origins(
    api: Any, browser: APIClient, everything: dict[str, str], origin: str
) -> None:
    key, told = api("alice"), []
    for door in doors.operations():
        address = door.address(**_names(door, everything))
        for client in (key, browser):
            answer = client.options(address, HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD=door.method.upper())
            told += [(door.path, name) for name in allowed(answer)]
        if door.method == "get":
            told += [(door.path, name) for name in allowed(browser.get(address, HTTP_ORIGIN=origin))]
    assert not told


@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_for_other_origins(browser: APIClient, page: str) -> None:
    for origin in ORIGINS:
        answers = browser.get(page, HTTP_ORIGIN=origin), browser.options(page, HTTP_ORIGIN=origin)
        assert [allowed(answer) for answer in answers] == [[], []]


def test_only_the_door_of_sdks_is_for_all_origins_and_takes_no_cookies(client: Any, web: Any) -> None:
    answer = client.options(f"/api/{web.number}/envelope/", headers={"Origin": "https://shop.example"})
    assert answer["Access-Control-Allow-Origin"] == "*" and "Access-Control-Allow-Credentials" not in answer


def test_a_session_writes_with_a_csrf_token_alone(browser: APIClient, bug: Any) -> None:
    names, wrong = {"key": "WEB", "username": "bob", "bug": bug.pk, "pk": bug.pk}, {}
    for door in UNSAFE:
        address = door.address(**{name: names[name] for name in door.groups})
        answer = getattr(browser, door.method)(address, _body(door.basename, door.action))
        if (answer.status_code, answer.json().get("code")) != (403, "permission_denied"):
            wrong[door.operation, door.method] = answer.status_code
    assert not wrong and len(UNSAFE) > 50


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_of_another_site_can_send_does_nothing(browser: APIClient, bug: Any, content_type: str) -> None:
    body = '{"project": "WEB", "title": "Not mine"}'
    answer = browser.generic("POST", f"{API}bugs/", body, content_type=content_type, HTTP_ORIGIN="https://evil.example")
    assert answer.status_code == 403 and Bug.objects.count() == 1


@pytest.mark.parametrize("place", ["header", "field", "cookie"])
def test_an_invented_csrf_token_is_none(browser: APIClient, bug: Any, place: str) -> None:
    for token in ("", "x" * 32, "x" * 64, "null", "\0", "é" * 32):
        said, body = token.encode().decode("latin-1"), {"project": "WEB", "title": "x"}
        more = {"HTTP_X_CSRFTOKEN": said} if place == "header" else {}
        if place == "cookie":
            browser.cookies[settings.CSRF_COOKIE_NAME] = said
        answer = browser.post(f"{API}bugs/", body | ({"csrfmiddlewaretoken": said} if place == "field" else {}), **more)
        assert answer.status_code == 403 and Bug.objects.count() == 1


@pytest.mark.parametrize("path", ["/login/", "/logout/", "/admin/login/", "/admin/logout/", "/admin/bugs/bug/add/"])
def test_pages_take_no_form_without_a_token(browser: APIClient, path: str) -> None:
    answer = browser.post(path, {"username": "alice", "password": "x"}, format="multipart")
    assert answer.status_code == 403
    assert browser.get(f"{API}bugs/").status_code == 200  # still signed in


def test_a_session_opens_no_door_of_sdks(browser: APIClient, web: Any) -> None:
    """Nor does a cookie make a wrong key into a right one."""
    for query in ("", "?sentry_key=" + "0" * 32):
        answer = browser.generic("POST", f"/api/{web.number}/envelope/{query}", b'{}\n{"type":"session"}\n{}\n')
        assert answer.status_code == 403
    key = IngestKey.objects.get(project=web).public_key
    assert browser.get(f"{API}bugs/?sentry_key={key}").status_code == 400
    assert APIClient().get(f"{API}bugs/", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 401


@pytest.mark.parametrize(
    "value", ["x", "\0", "é", "a" * 5_000, "../../x", "'; DROP TABLE x;--", '"', ",", "{}", "a\0b"]
)
def test_an_invented_session_is_none(db: None, value: str) -> None:
    said = value.encode().decode("latin-1")
    client = APIClient(raise_request_exception=False)
    for path, status in ((f"{API}bugs/", 401), ("/", 302), ("/admin/", 302), ("/login/", 200)):
        answer = client.get(path, HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={said}")
        assert answer.status_code == status


def test_answers_of_the_api_are_kept_by_no_shared_cache(api: Any, everything: dict[str, str]) -> None:
    """A cache between would hand one caller's answer to another."""
    client, told = api("alice"), []
    for door in doors.operations():
        if door.method == "get" and door.requires:
            answer = client.get(door.address(**_names(door, everything)))
            if not {"no-cache", "no-store"} & {*answer["Cache-Control"].replace(",", " ").split()}:
                told.append(door.operation)
    assert not told


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(client: Any, people_of_web: Any, place: str) -> None:
    people_of_web["alice"].set_password("a long password of alice")
    people_of_web["alice"].save()
    sent = {"username": "alice", "password": "a long password of alice", "next": place}
    answer = client.post(f"/login/?next={place}", sent)
    assert answer.status_code == 302 and answer["Location"] == "/"


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "", "é", "a\0"]
)
def test_another_host_is_answered_by_nobody(client: Any, db: None, host: str) -> None:
    client.raise_request_exception = False
    for path in ("/login/", "/admin/", f"{API}bugs/", "/api/docs/"):
        answer = client.get(path, HTTP_HOST=host.encode().decode("latin-1"))
        assert answer.status_code in (400, 401) and b"evil.example" not in answer.content
        assert "evil.example" not in answer.get("Location", "")
