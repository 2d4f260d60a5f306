"""People with passwords, and their authenticators."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_otp.oath import TOTP

from bugs.models import Authenticator, User

PASSWORD, CONSOLE = "a quiet evening in May", "/admin/login/"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def olga(db: None) -> User:
    """An operator of a first start: a password, no authenticator yet."""
    return User.objects.create_superuser("olga", password=PASSWORD)


@pytest.fixture
def browser(db: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def sign_in() -> Callable[..., Any]:
    """Give a name and a password, at the console unless told otherwise."""

    def send(
        browser: Client, name: str = "olga", password: str = PASSWORD, at: str = "/admin/login/", **more: Any
    ) -> Any:
        return browser.post(at, {"username": name, "password": password, "next": "/admin/"}, **more)

    return send


def code_of(authenticator: Authenticator, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    code = TOTP(authenticator.plain_secret())
    code.time = time.time() + 30 * steps
    return f"{code.token():06}"


@pytest.fixture
def enrolled(browser: Client, olga: User, sign_in: Callable[..., Any]) -> tuple[Client, list[str]]:
    """The browser in which olga has just enrolled, and her recovery codes."""
    sign_in(browser)
    browser.get("/admin/enrol/")
    answer = browser.post("/admin/enrol/", {"code": code_of(Authenticator.objects.get(user=olga))})
    return browser, answer.context["codes"]
