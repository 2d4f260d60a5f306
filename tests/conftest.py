"""What every test may ask for: the cast, a client that speaks as one of them; servers come from tests/servers.py."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import override_settings

_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """History refuses TRUNCATE, which is how tests that commit are cleaned up after."""
    from bugs.ingest.door import connection as door

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'audit_%_no_truncate'")
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    yield
    if door._own is not None:  # it lives as long as the process, and the database goes before that
        door._own.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_OTHERS)  # so do those of threads that live on


@pytest.fixture(scope="session", autouse=True)
def no_static_file_is_looked_for() -> Iterator[None]:
    """Each new test client would look for all of them. Servers in processes of their own still do."""
    with override_settings(WHITENOISE_USE_FINDERS=False):
        yield


@pytest.fixture(autouse=True)
def nobody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uses of keys are written when a test says so, not by a thread that may outlive its database."""
    from apikeys import authentication, uses
    from bugs.ingest.door import senders

    monkeypatch.setattr(uses, "_start", lambda: None)
    uses.forget()
    authentication.forget()
    senders.forget()


@pytest.fixture(autouse=True)
def nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests call from one address: their refusals are written one by one, unless a test says otherwise."""
    from audit import persons, refusals

    persons.forget_kept()
    refusals.forget()
    monkeypatch.setattr(refusals, "LIMIT", 1_000_000)


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    """An empty Redis database, this worker's own."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.flushdb()
    yield client
    client.close()


@pytest.fixture
def web(db: None) -> Any:
    from audit.actors import SYSTEM
    from bugs import people

    return people.make_project(key="WEB", name="Web shop", by=SYSTEM)


@pytest.fixture
def join(web: Any) -> Callable[..., Any]:
    """Make a person with a role in a project, and get the person."""
    from audit.actors import SYSTEM
    from bugs import people
    from bugs.models import User

    def make(name: str, role: str | None, project: Any = None) -> Any:
        user = User.objects.create(username=name)
        if role:
            people.join(project=project or web, user=user, role=role, by=SYSTEM)  # type: ignore[arg-type]
        return user

    return make


@pytest.fixture
def people_of_web(join: Callable[..., Any]) -> dict[str, Any]:
    roles = {"alice": "admin", "bob": "triager", "carol": "viewer", "mallory": None}
    return {name: join(name, role) for name, role in roles.items()}


@pytest.fixture
def as_principal(people_of_web: dict[str, Any]) -> Callable[[str], Any]:
    from apikeys.authentication import principal_for_user

    return lambda name: principal_for_user(people_of_web[name])


@pytest.fixture
def key_of(people_of_web: dict[str, Any]) -> Callable[..., str]:
    """A fresh API key of one of the cast."""
    from apikeys import services
    from audit.actors import SYSTEM

    def issue(name: str, permissions: Any = ("read", "write", "export", "admin"), **more: Any) -> str:
        return services.issue(name=name, owner_id=people_of_web[name].pk, permissions=permissions, by=SYSTEM, **more)[1]

    return issue


@pytest.fixture
def api(key_of: Callable[..., str]) -> Callable[..., Any]:
    """A client that calls as one of the cast: api("bob").get("/api/v1/bugs/")."""
    from rest_framework.test import APIClient

    def client(name: str | None = None, key: str | None = None, **more: Any) -> Any:
        made = APIClient(raise_request_exception=False)
        if name or key:
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {key or key_of(name, **more)}")
        return made

    return client


@pytest.fixture
def enter_console(client: Any) -> Callable[[Any], Any]:
    """A browser in which a person has given the password and the code."""
    import time

    from django_otp import DEVICE_ID_SESSION_KEY

    from bugs.services import authenticators

    def enter(user: Any) -> Any:
        device = authenticators.begin(user)
        device.confirmed = True
        device.save()
        client.force_login(user)
        session = client.session
        session.update({DEVICE_ID_SESSION_KEY: device.persistent_id, "code_given_at": int(time.time())})
        session.save()
        return client

    return enter


@pytest.fixture
def console(enter_console: Callable[[Any], Any], db: None) -> Any:
    """The browser of olga, an operator, in the console."""
    from bugs.models import User

    return enter_console(User.objects.create_superuser("olga"))


@pytest.fixture
def bug(web: Any) -> Any:
    from audit.actors import SYSTEM
    from bugs import services

    return services.report(project_id=web.pk, by=SYSTEM, title="Checkout fails", severity="high")
