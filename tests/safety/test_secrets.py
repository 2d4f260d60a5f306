"""Secrets are shown when they are made and never again: no answer, no page and no list has one, nor what seals it."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin

from apikeys import tokens
from apikeys.models import ApiKey
from audit.models import PersonKey
from bugs.models import Authenticator, Bug, Comment, Feedback, IngestKey, RecoveryCodes
from bugs.services import authenticators
from integrations.models import Connector, Endpoint
from tests.bugs.safety import doors
from tests.safety.test_methods import _names

pytestmark = pytest.mark.usefixtures("quiet")
API = "/api/v1/"
# Names of what nobody may read. Their values are looked for as well, whatever they are called.
NAMES = {
    *("secret", "secrets", "digest", "digests", "key_digest", "password", "pepper", "pepper_version", "originals"),
    *("identity", "blind", "sealed", "wrapped", "private_key", "totp_secret", "otp", "recovery_codes", "session_key"),
    *("csrf", "token", "signature_key", "session_epoch"),
}
MAIL = "ann.smith@example.com"


@pytest.fixture
def secrets(everything: dict[str, str], api: Any, key_of: Any, people_of_web: Any) -> dict[str, bytes]:
    """What there is to hide: name -> bytes. Shown ones were shown once, when they were made."""
    client = api("alice")
    hook = {"project": "WEB", "url": "https://example.com/hook", "event_types": ["bug.*"]}
    made = client.post(f"{API}webhooks/", hook).json()["secret"]
    connector = client.post(f"{API}connectors/", {"project": "WEB", "kind": "github"}).json()["secret"]
    key = key_of("alice")
    client.post(f"{API}bugs/", {"project": "WEB", "title": f"Of {MAIL}"})
    client.post(f"{API}feedback/", {"project": "WEB", "message": "x", "email": MAIL, "name": "Ann Smith"})
    client.post(f"{API}bugs/WEB-1/comments/", {"body": f"By {MAIL}"})
    device = authenticators.begin(people_of_web["alice"])
    device.confirmed = True
    device.save()
    people_of_web["alice"].set_password("a long password of alice")
    people_of_web["alice"].save()
    rows: dict[str, Any] = {"webhook": made, "connector": connector, "key": key, "totp": device.plain_secret()}
    rows |= {f"digest {row.pk}": row.digest for row in ApiKey.objects.all()}
    rows |= {f"sealed {row.pk}": row.secret for model in (Endpoint, Connector) for row in model.objects.all()}
    rows |= {f"authenticator {row.pk}": row.secret for row in Authenticator.objects.all()}
    rows |= {f"code {place}": one for row in RecoveryCodes.objects.all() for place, one in enumerate(row.digests)}
    rows |= {f"person {row.pk}": row.wrapped for row in PersonKey.objects.all()}
    for model in (Bug, Comment, Feedback):
        rows |= {f"original {row.pk}": row.originals for row in model.objects.exclude(originals=None)}
    rows |= {"secret key": settings.SECRET_KEY, "password": people_of_web["alice"].password}
    return {name: value.encode() if isinstance(value, str) else bytes(value) for name, value in rows.items()}


def written(secret: bytes) -> Iterator[str]:
    """The ways in which bytes are written in answers."""
    encoders = (base64.b64encode, base64.urlsafe_b64encode, base64.b32encode, base64.b16encode)
    yield from (encode(secret).decode().rstrip("=") for encode in encoders)
    yield secret.hex()
    if secret.isascii():
        yield secret.decode()


def shown(content: str, secrets: dict[str, bytes]) -> list[str]:
    return [name for name, secret in secrets.items() if any(text in content for text in written(secret))]


def names_in(value: Any) -> Iterator[str]:
    """Keys of objects, wherever they are."""
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


def test_there_is_something_to_hide(secrets: dict[str, bytes]) -> None:
    assert len(secrets) > 15 and any(name.startswith("original") for name in secrets)
    assert shown(f"x{secrets['webhook'].decode()}x", secrets) == ["webhook"]


def test_no_answer_has_a_secret(api: Any, everything: dict[str, str], secrets: dict[str, bytes]) -> None:
    """Not even for who may do everything, raw data included."""
    client, told = api("alice", permissions=("read", "write", "export", "admin", "pii")), []
    for door in doors.operations():
        if door.method != "get":
            continue
        answer = client.get(door.address(**_names(door, everything)))
        content = answer.getvalue() if answer.streaming else answer.content
        found = shown(content.decode("utf-8", "replace") + str(dict(answer.headers)), secrets)
        if answer["Content-Type"] == "application/json":
            found += [f"the name {name}" for name in names_in(answer.json()) if name in NAMES]
        told += [(door.operation, name) for name in found]
    assert told == []


def test_no_change_is_answered_with_a_secret(api: Any, everything: dict[str, str], secrets: dict[str, bytes]) -> None:
    client, told = api("alice"), []
    changes = {"webhooks": {"description": "x"}, "connectors": {"name": "x"}, "api-keys": {"name": "x"}}
    for kind, change in changes.items():
        row = everything[kind.replace("-", "_")]
        answer = client.patch(f"{API}{kind}/{row}/", change)
        assert answer.status_code == 200
        told += [(kind, name) for name in (*shown(answer.content.decode(), secrets), *({*answer.json()} & NAMES))]
    assert told == []


def test_a_retry_is_not_answered_with_a_secret(api: Any, everything: dict[str, str]) -> None:
    client = api("alice")
    bodies = {
        "webhooks/": {"project": "WEB", "url": "https://example.com/hook", "event_types": ["bug.*"]},
        "connectors/": {"project": "WEB", "kind": "github"},
        "api-keys/": {"name": "x", "permissions": ["read"]},
    }
    for path, body in bodies.items():
        first, again = (client.post(API + path, body, HTTP_IDEMPOTENCY_KEY=f"k-{path}") for _ in range(2))
        secret = first.json().get("secret") or first.json()["key"]
        assert (first.status_code, again.status_code) == (201, 409) and secret not in again.content.decode()


def test_no_page_of_the_console_has_a_secret(
    console: Any, everything: dict[str, str], secrets: dict[str, bytes]
) -> None:
    told = []
    for model in admin.site._registry:
        at = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        rows = model._default_manager.order_by("-pk")[:3]  # type: ignore[attr-defined]
        for path in (at, *(f"{at}{row.pk}/change/" for row in rows)):
            page = console.get(path)
            if page.status_code == 200:
                told += [(path, name) for name in shown(page.content.decode(), secrets)]
    assert told == []


def test_a_key_of_sdks_is_no_secret_and_reads_nothing(api: Any, web: Any) -> None:
    key = IngestKey.objects.get(project=web).public_key
    for headers in ({"HTTP_AUTHORIZATION": f"Bearer {key}"}, {"HTTP_X_API_KEY": key}, {"HTTP_X_SENTRY_AUTH": key}):
        assert api().get(f"{API}bugs/", **headers).status_code == 401


def test_no_secret_of_a_key_is_in_what_its_row_says_of_itself(key_of: Any) -> None:
    secret = key_of("alice")
    row = ApiKey.objects.latest("created_at")
    for text in (repr(row), str(row), row.hint, repr(row.__dict__)):
        assert secret not in text and secret[12:-4] not in text
    assert len(row.hint.replace("…", "")) <= len(tokens.PREFIX) + 8


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/schema/", "/api/docs/", "/nothing", "/login/"])
def test_what_everybody_sees_tells_nothing_of_the_inside(client: Any, db: None, path: str) -> None:
    content = client.get(path).content.decode()
    inside = (settings.SECRET_KEY, settings.DATABASES["default"]["NAME"], settings.REDIS_URL, str(settings.BASE_DIR))
    assert not any(text in content for text in inside if len(text) > 8)
