"""The code beside the password: no console without it, and each code once."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from audit.models import Event
from bugs.models import Authenticator, RecoveryCodes, User
from bugs.selectors.authenticators import secret_text
from bugs.services import authenticators
from config import keyring
from tests.people.conftest import code_of

ROOM = "/admin/bugs/bug/"


def types() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("type", flat=True))


def another(sign_in: Any) -> Client:
    """A second browser, past the password."""
    browser = Client()
    sign_in(browser)
    return browser


def test_a_password_alone_opens_nothing(browser: Client, olga: User, sign_in: Any) -> None:
    assert sign_in(browser).status_code == 302
    assert browser.get(ROOM, follow=True).redirect_chain[-1][0].startswith("/admin/enrol/")
    assert browser.post("/admin/bugs/project/add/", {"key": "X1", "name": "x"}).status_code == 302


def test_the_first_visit_enrols(browser: Client, olga: User, sign_in: Any) -> None:
    sign_in(browser)
    page = browser.get("/admin/enrol/?next=/admin/bugs/bug/")
    device = Authenticator.objects.get()
    assert b"<svg" in page.content and page.context["secret"].replace(" ", "") in secret_text(device)

    answer = browser.post("/admin/enrol/", {"code": code_of(device), "next": ROOM})
    assert len(answer.context["codes"]) == 10 and answer.context["next"] == ROOM
    assert browser.get(ROOM).status_code == 200
    assert types() == ["authenticator.enrolled", "recovery_codes.made"]


def test_a_wrong_code_enrols_nobody(browser: Client, olga: User, sign_in: Any) -> None:
    sign_in(browser)
    browser.get("/admin/enrol/")
    answer = browser.post("/admin/enrol/", {"code": "12345x"})
    assert answer.status_code == 403 and b"<svg" in answer.content
    assert browser.get(ROOM).status_code == 302 and types() == []


def test_a_secret_that_another_session_saw_is_not_put_to_use(browser: Client, olga: User, sign_in: Any) -> None:
    sign_in(browser)
    browser.get("/admin/enrol/")
    seen = Authenticator.objects.get()
    other = another(sign_in)
    other.get("/admin/enrol/")
    assert not Authenticator.objects.filter(pk=seen.pk).exists() and Authenticator.objects.count() == 1


def test_the_same_page_shows_the_same_secret_again(browser: Client, olga: User, sign_in: Any) -> None:
    sign_in(browser)
    one, other = (browser.get("/admin/enrol/").context["secret"] for _ in range(2))
    assert one == other


def test_the_next_sign_in_asks_for_a_code(enrolled: Any, olga: User, sign_in: Any) -> None:
    browser = another(sign_in)
    assert browser.get(ROOM, follow=True).redirect_chain[-1][0].startswith("/admin/code/")
    before = browser.session.session_key
    answer = browser.post("/admin/code/", {"code": code_of(Authenticator.objects.get(), 1), "next": ROOM})
    assert (answer.status_code, answer.url) == (302, ROOM)
    assert browser.get(ROOM).status_code == 200 and browser.session.session_key != before


def test_a_code_counts_once(enrolled: Any, sign_in: Any) -> None:
    code = code_of(Authenticator.objects.get(), 1)
    first, second = another(sign_in), another(sign_in)
    assert first.post("/admin/code/", {"code": code}).status_code == 302
    assert second.post("/admin/code/", {"code": code}).status_code == 403


def test_a_code_from_before_is_not_taken_after_a_later_one(enrolled: Any, olga: User) -> None:
    device = Authenticator.objects.get()
    assert authenticators.accept(olga, code_of(device, 1))
    assert not authenticators.accept(olga, code_of(device, 0))


@pytest.mark.parametrize("code", ["", "1", "12345", "1234567", "١٢٣٤٥٦", "-12345", "1e5", "x" * 1_000, "\x00"])
def test_what_is_no_code_is_refused(enrolled: Any, olga: User, code: str) -> None:
    assert authenticators.accept(olga, code) is None


def test_after_a_wrong_code_even_the_right_one_waits(enrolled: Any, olga: User) -> None:
    device = Authenticator.objects.get()
    right = code_of(device, 1)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    assert not authenticators.accept(olga, wrong)
    assert not authenticators.accept(olga, right)
    Authenticator.objects.update(throttling_failure_timestamp=None)
    assert authenticators.accept(olga, right)


def test_codes_of_another_person_are_not_taken(enrolled: Any, db: None) -> None:
    other = User.objects.create_user("otto", is_staff=True)
    device = authenticators.begin(other)
    Authenticator.objects.filter(pk=device.pk).update(confirmed=True)
    assert not authenticators.accept(other, code_of(Authenticator.objects.get(user__username="olga"), 1))


def test_a_recovery_code_counts_once(enrolled: Any, olga: User, sign_in: Any) -> None:
    code = enrolled[1][3]
    first, second = another(sign_in), another(sign_in)
    assert first.post("/admin/code/", {"code": code.upper()}).status_code == 302
    assert second.post("/admin/code/", {"code": code}).status_code == 403
    assert first.get(ROOM).status_code == 200 and len(RecoveryCodes.objects.get().digests) == 9
    assert Event.objects.get(type="recovery_codes.used").data == {"user_id": olga.pk, "left": 9}


def test_new_recovery_codes_replace_the_old_ones(enrolled: Any, olga: User) -> None:
    browser, codes = enrolled
    made = browser.post("/admin/authenticator/").context["codes"]
    assert not set(made) & set(codes)
    assert not authenticators.accept(olga, codes[0])
    RecoveryCodes.objects.update(throttling_failure_timestamp=None)
    assert authenticators.accept(olga, made[0])


def test_neither_secret_nor_recovery_codes_lie_in_the_database(enrolled: Any) -> None:
    device, codes = Authenticator.objects.get(), enrolled[1]
    assert device.plain_secret() not in bytes(device.secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text, r::text FROM bugs_authenticator a, bugs_recoverycodes r")
        kept = str(cursor.fetchall())
    assert device.plain_secret().hex() not in kept
    assert not any(code in kept or code.replace("-", "").encode().hex() in kept for code in codes)


def test_a_sealed_secret_opens_in_its_own_row_alone(enrolled: Any, db: None) -> None:
    other = authenticators.begin(User.objects.create_user("otto"))
    Authenticator.objects.filter(pk=other.pk).update(secret=Authenticator.objects.get(user__username="olga").secret)
    with pytest.raises(keyring.Unreadable):
        Authenticator.objects.get(pk=other.pk).plain_secret()


def test_a_lost_phone_is_reset_and_the_next_visit_enrols(enrolled: Any, olga: User, sign_in: Any) -> None:
    said = io.StringIO()
    call_command("reset_totp", "olga", stdout=said)
    assert "enrols a new authenticator" in said.getvalue() and types()[-1] == "authenticator.reset"
    assert enrolled[0].get(ROOM, follow=True).redirect_chain[-1][0].startswith("/admin/login/")
    assert another(sign_in).get(ROOM, follow=True).redirect_chain[-1][0].startswith("/admin/enrol/")
    with pytest.raises(CommandError):
        call_command("reset_totp", "nobody")


def test_without_the_setting_a_password_is_enough(browser: Client, olga: User, sign_in: Any, settings: Any) -> None:
    settings.CONSOLE_REQUIRES_TOTP = False
    sign_in(browser)
    assert browser.get(ROOM).status_code == 200


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_sent_elsewhere(enrolled: Any, sign_in: Any, wanted: str) -> None:
    browser = another(sign_in)
    code = code_of(Authenticator.objects.get(), 1)
    assert browser.post("/admin/code/", {"code": code, "next": wanted}).url == "/admin/"


def test_who_is_no_staff_gets_no_page_for_codes(browser: Client, db: None) -> None:
    browser.force_login(User.objects.create_user("carol"))
    for page in ("code", "enrol", "authenticator"):
        assert browser.get(f"/admin/{page}/").url.startswith("/admin/login/")
    assert not Authenticator.objects.exists()
