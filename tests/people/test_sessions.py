"""What a session is, and when it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as ours
from django.test import Client
from django.utils import timezone

from audit.models import Event
from bugs.models import Authenticator, User
from tests.people.conftest import PASSWORD, code_of

ROOM = "/admin/bugs/bug/"


def test_a_session_gets_a_new_id_at_sign_in(browser: Client, olga: User, sign_in: Any) -> None:
    sign_in(browser)
    first = browser.session.session_key
    sign_in(browser)
    assert browser.session.session_key != first


def test_a_session_ends_at_a_set_hour_whatever_is_done(browser: Client, olga: User, sign_in: Any) -> None:
    sign_in(browser)
    end = browser.session.get_expiry_date()
    session = browser.session
    session["touched"] = True
    session.save()
    assert browser.session.get_expiry_date() == end <= timezone.now() + timedelta(hours=12)


@pytest.mark.parametrize("name", [ours.SESSION_COOKIE_NAME, ours.CSRF_COOKIE_NAME])
def test_cookies_are_out_of_reach_of_scripts(browser: Client, olga: User, sign_in: Any, name: str) -> None:
    browser.get("/login/")
    sign_in(browser)
    assert browser.cookies[name]["httponly"] and browser.cookies[name]["samesite"] == "Lax"


def test_all_other_sessions_end_with_a_new_password(enrolled: Any, olga: User, sign_in: Any) -> None:
    dashboard = Client()
    sign_in(dashboard, at="/login/")
    new = "another evening in June"
    values = {"old_password": PASSWORD, "new_password1": new, "new_password2": new, "usable_password": "true"}
    assert enrolled[0].post("/admin/password_change/", values).status_code == 302
    assert enrolled[0].get(ROOM).status_code == 200
    assert dashboard.get("/").status_code == 302 and dashboard.get("/api/v1/bugs/").status_code == 401


def test_all_other_sessions_end_with_a_new_authenticator(enrolled: Any, olga: User, sign_in: Any) -> None:
    dashboard = Client()
    sign_in(dashboard, at="/login/")
    browser, old = enrolled[0], Authenticator.objects.get()
    browser.get("/admin/enrol/")
    new = Authenticator.objects.get(confirmed=False)
    assert browser.post("/admin/enrol/", {"code": code_of(new)}).status_code == 200
    assert list(Authenticator.objects.values_list("pk", "confirmed")) == [(new.pk, True)] and old.pk != new.pk
    assert browser.get(ROOM).status_code == 200 and dashboard.get("/").status_code == 302


def test_a_session_of_someone_switched_off_is_over(enrolled: Any, olga: User) -> None:
    User.objects.update(is_active=False)
    assert enrolled[0].get(ROOM).status_code == 302
    assert enrolled[0].get("/api/v1/bugs/").status_code == 401


def test_roles_are_changed_with_a_fresh_code_alone(enrolled: Any, olga: User) -> None:
    browser = enrolled[0]
    page = f"/admin/bugs/user/{olga.pk}/change/"
    assert browser.get(page).status_code == 200
    session = browser.session
    session["code_given_at"] -= 16 * 60
    session.save()
    assert browser.get(page).url.startswith("/admin/code/?next=%2Fadmin%2Fbugs%2Fuser")
    assert browser.get(ROOM).status_code == 200


def test_a_stale_code_resets_nobodys_authenticator(enrolled: Any, olga: User) -> None:
    browser = enrolled[0]
    session = browser.session
    session["code_given_at"] -= 31 * 60
    session.save()
    values = {"action": "reset_authenticator", "_selected_action": [olga.pk]}
    assert browser.post("/admin/bugs/user/", values).url.startswith("/admin/code/")
    assert Authenticator.objects.exists()


def test_an_operator_resets_an_authenticator(enrolled: Any, olga: User) -> None:
    otto = User.objects.create_user("otto", is_staff=True)
    values = {"action": "reset_authenticator", "_selected_action": [otto.pk]}
    enrolled[0].post("/admin/bugs/user/", values)
    event = Event.objects.get(type="authenticator.reset")
    assert (event.data, event.actor) == ({"user_id": otto.pk}, f"user:{olga.pk}")


@pytest.mark.parametrize("password", ["short one", "password1234", "0123456789012", "olga-the-great"])
def test_weak_passwords_are_refused(enrolled: Any, olga: User, password: str) -> None:
    User.objects.update(username="olga-the-grea")
    values = {"old_password": PASSWORD, "new_password1": password, "new_password2": password, "usable_password": "true"}
    assert enrolled[0].post("/admin/password_change/", values).status_code == 200
