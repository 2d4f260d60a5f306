"""An operator with a password alone is no operator over REST: the second factor is not to be walked around."""

from typing import Any

import pytest

from bugs.models import User

KEYS, SELF = "/api/v1/api-keys/", "/api/v1/api-keys/self/"


@pytest.fixture
def olga(db: None, web: Any, client: Any) -> Any:
    """A browser in which an operator gave the password, and no code."""
    client.force_login(User.objects.create_superuser("olga"))
    return client


def _mint(client: Any) -> Any:
    return client.post(KEYS, {"name": "x", "permissions": ["admin", "pii"]}, content_type="application/json")


def test_a_password_alone_mints_no_key(olga: Any) -> None:
    assert _mint(olga).status_code == 403


def test_a_password_alone_has_no_rights_of_operators(olga: Any) -> None:
    assert sorted(olga.get(SELF).json()["permissions"]) == ["export", "read", "write"]


def test_it_still_works_with_bugs(olga: Any, bug: Any) -> None:
    assert olga.get(f"/api/v1/bugs/{bug.pk}/").status_code == 200


def test_with_a_code_everything_is_there(console: Any, web: Any) -> None:
    assert _mint(console).status_code == 201


def test_where_no_code_is_asked_for_the_password_does(olga: Any, settings: Any) -> None:
    settings.CONSOLE_REQUIRES_TOTP = False
    assert _mint(olga).status_code == 201


def test_members_are_asked_for_none(client: Any, people_of_web: Any) -> None:
    client.force_login(people_of_web["alice"])
    assert _mint(client).status_code == 201


def test_a_cookie_with_a_nul_is_nobodys(client: Any, db: None) -> None:
    client.cookies["bugwire_session"] = "abcdefgh\x00ij"
    assert client.get("/").status_code == 302
