"""A project with its people and doors, for tests that fill it once and look at it many times."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, TestCase, override_settings
from django_otp import DEVICE_ID_SESSION_KEY
from rest_framework.test import APIClient

from apikeys import authentication, services, uses
from audit import persons, refusals
from audit.actors import SYSTEM
from bugs import people
from bugs.ingest.door import senders
from bugs.models import IngestKey, Project, User
from bugs.services import authenticators
from tests.safety.planting import API, SECRET, Doors

ROLES = {"alice": "admin", "bob": "triager", "carol": "viewer"}
MANY = 10**6
NOTE = {"note": {"type": "text"}, "kind": {"type": "choice", "choices": ["a", "b"]}}


@contextmanager
def begun(folder: Path) -> Iterator[Doors]:
    """WEB and its doors, gone afterwards. What happens after a commit happens at the end of each `committed`."""
    with ExitStack() as stack:
        stack.enter_context(override_settings(**_settings(folder)))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(uses, "_start", lambda: None)
        patch.setattr(refusals, "LIMIT", MANY)
        for memory in (uses, authentication, senders, refusals):
            memory.forget()
        persons.forget_kept()
        stack.enter_context(transaction.atomic())
        yield _doors()
        transaction.set_rollback(True)


def committed() -> Any:
    return TestCase.captureOnCommitCallbacks(execute=True)


def client(name: str, *permissions: str) -> APIClient:
    """Of one of the people, with a key that may that."""
    user = User.objects.get(username=name)
    secret = services.issue(name="of a test", owner_id=user.pk, permissions=permissions, by=SYSTEM)[1]
    made = APIClient(raise_request_exception=False)
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return made


def console() -> Client:
    """The browser of an operator."""
    user = User.objects.create_superuser("olga")
    device = authenticators.begin(user)
    device.confirmed = True
    device.save()
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session.update({DEVICE_ID_SESSION_KEY: device.persistent_id, "code_given_at": int(time.time())})
    session.save()
    return browser


def _settings(folder: Path) -> dict[str, Any]:
    from django.conf import settings

    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder / "files")}}
    limits = dict.fromkeys(settings.RATE_LIMIT_DEFAULTS, MANY)
    return {
        "MEDIA_ROOT": str(folder),
        "STORAGES": {**settings.STORAGES, "attachments": storage},
        "RATE_LIMIT_DEFAULTS": limits,
        "PEOPLE_RATE_LIMITS": limits,
        "FAILED_AUTH_PER_MINUTE": MANY,
        "SIGN_IN_FAILURES": MANY,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],  # 60 sign-ins in little time
    }


def _doors() -> Doors:
    project = people.make_project(key="WEB", name="Web shop", by=SYSTEM)
    Project.objects.filter(pk=project.pk).update(custom_fields=NOTE)
    for name, role in ROLES.items():
        people.join(project=project, user=User.objects.create(username=name), role=role, by=SYSTEM)  # type: ignore[arg-type]
    key = IngestKey.objects.get(project=project).public_key
    alice = client("alice", "read", "write", "export", "admin")
    doors = Doors(alice, APIClient(raise_request_exception=False), project.number, key)
    connector = {"project": "WEB", "kind": "github", "secret": SECRET}
    doors.connector = alice.post(f"{API}connectors/", connector).json()["id"]
    return doors
