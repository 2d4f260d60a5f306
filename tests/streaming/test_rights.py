"""Rights of open sockets: for any number of them as many statements as for one, and the same answers one by one."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apikeys import authentication, services
from apikeys.models import ApiKey
from audit.actors import SYSTEM, Principal
from bugs import selectors
from bugs.models import Membership, User
from streaming import closing
from streaming.consumers import FRAMES
from streaming.fanout import rights, tailing
from streaming.fanout.hub import Hub
from streaming.fanout.sockets import Credential, Socket

pytestmark = pytest.mark.django_db


def issue(owner: User, **bounds: Any) -> tuple[Credential, str]:
    key, token = services.issue(name="x", owner_id=owner.pk, permissions={"read"}, by=SYSTEM, **bounds)
    return Credential("key", str(key.pk), "192.0.2.7"), token


def sign_in(user: User) -> Credential:
    browser = Browser()
    browser.force_login(user)
    return Credential("session", browser.session.session_key)


def of(credential: Credential) -> Any:
    return rights.read([credential])[credential]


@pytest.fixture
def people(web: Any) -> list[User]:
    made = [User.objects.create_user(f"person{number}") for number in range(12)]
    for user in made[1:]:
        Membership.objects.create(project=web, user=user, role="viewer")
    User.objects.filter(pk=made[2].pk).update(is_superuser=True)
    return list(User.objects.order_by("pk").filter(pk__in=[user.pk for user in made]))


def test_a_key_has_what_it_has_one_by_one(people: list[User]) -> None:
    for user in people:
        credential, token = issue(user)
        assert of(credential) == authentication.principal_for_token(token, "192.0.2.7", is_fresh=True)


def test_a_session_has_what_its_person_has(people: list[User]) -> None:
    for user in people:
        expected = authentication.principal_of_session(user, is_verified=False)
        assert of(sign_in(user)) == expected


def test_many_cost_as_many_statements_as_one(people: list[User]) -> None:
    credentials = [made for user in people for made in (issue(user)[0], sign_in(user))]

    def statements(asked: list[Credential]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(rights.read(asked)) == len(asked)
        return len(seen)

    one_of_each = credentials[2:6]  # a key and a session, of a member and of an operator
    assert statements(credentials) == statements(one_of_each) <= 8


ENDS: dict[str, Any] = {
    "revoked": lambda key: ApiKey.objects.filter(pk=key).update(revoked_at=timezone.now()),
    "expired": lambda key: ApiKey.objects.filter(pk=key).update(expires_at=timezone.now()),
    "bound to other endpoints": lambda key: ApiKey.objects.filter(pk=key).update(endpoints=["bugs_*"]),
    "bound to another network": lambda key: ApiKey.objects.filter(pk=key).update(ip_whitelist=["198.51.100.1"]),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_key_that_ends_has_none(people: list[User], end: str) -> None:
    credential, _ = issue(people[1])
    ENDS[end](credential.name)
    assert of(credential) is None


def test_nobody_has_any_when_switched_off(people: list[User]) -> None:
    credentials = [issue(people[1])[0], sign_in(people[1])]
    User.objects.filter(pk=people[1].pk).update(is_active=False)
    assert list(rights.read(credentials).values()) == [None, None]


def test_a_session_ends_with_its_sign_out_its_time_and_its_password(people: list[User]) -> None:
    out, late, old = sign_in(people[1]), sign_in(people[2]), sign_in(people[3])
    SessionStore(out.name).delete()
    store = SessionStore(late.name)
    store.set_expiry(timezone.now() - timedelta(seconds=1))
    store.save()
    people[3].set_password("another")
    people[3].save()
    assert list(rights.read([out, late, old]).values()) == [None, None, None]


def test_a_broken_one_does_not_stop_the_others(people: list[User]) -> None:
    good, bad = issue(people[1])[0], issue(people[3])[0]
    ApiKey.objects.filter(pk=bad.name).update(ip_whitelist=["nonsense"])
    assert list(rights.read([bad, good])) == [good]


def test_who_cannot_be_judged_is_let_go(people: list[User]) -> None:
    closed: list[int] = []
    somebody = Principal(label="user:1")
    one = Socket(somebody, Credential("key", "1"), FRAMES, lambda code, retry_ms=None: closed.append(code))
    tailing._apply(Hub(lambda hub: ()), one, {})
    assert closed == [closing.UNAVAILABLE]


def test_a_session_of_nobody_does_not_stop_the_others(people: list[User]) -> None:
    good, strange = sign_in(people[1]), sign_in(people[3])
    store = SessionStore(strange.name)
    store[SESSION_KEY] = "somebody"
    store.save()
    found = rights.read([strange, good])
    assert found[strange] is None
    assert found[good].user_id == people[1].pk


def test_roles_of_many_are_those_of_each(people: list[User]) -> None:
    assert selectors.roles_of_all(people) == {user.pk: selectors.roles_of(user) for user in people}
