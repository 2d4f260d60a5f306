"""Who may do what: every operation x every kind of caller x own, foreign and missing, from a table of its own."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from bugs import policy
from tests.bugs.safety import doors
from tests.bugs.safety.test_isolation import _body

RIGHTS = tomllib.loads((Path(__file__).parent / "rights.toml").read_text())
ROLES = ("viewer", "reporter", "triager", "exporter", "integrator", "admin")
ALL = ("read", "write", "export", "admin", "pii")
OPERATIONS = [door for door in doors.operations() if door.operation not in RIGHTS["signed"]["operations"]]
BOUND_TO = "bugs_list"
ANSWERED = "answered"  # neither who you are nor what you may was in the way
EITHER = "answered or 404"  # who may not read does not learn that it is there


@dataclass(frozen=True, slots=True)
class Caller:
    """role: in WEB, None for a stranger who is the admin of another project. Dead: no credential that is valid."""

    name: str
    role: str | None = "admin"
    permissions: tuple[str, ...] = ALL
    ceiling: str = ""
    endpoints: tuple[str, ...] = ()
    is_dead: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    def may(self, action: str) -> bool:
        """Anywhere: in WEB, or in the stranger's own project."""
        permission, *roles = RIGHTS["actions"][action]
        is_role = (self.role or "admin") in roles and (not self.ceiling or self.ceiling in roles)
        return permission in self.permissions and is_role


CALLERS = [
    Caller("anonymous", is_dead=True),
    Caller("unknown key", is_dead=True),
    Caller("revoked key", is_dead=True),
    Caller("expired key", is_dead=True),
    Caller("key of another network", is_dead=True, more={"ip_whitelist": ["192.0.2.0/24"]}),
    Caller("key of someone who left", is_dead=True),
    *(Caller(role, role) for role in ROLES),
    *(Caller(f"admin with a key to {one}", permissions=(one,)) for one in ALL),
    Caller("admin with a viewer's key", ceiling="viewer"),
    Caller("admin with a key to one endpoint", endpoints=(BOUND_TO,)),
    Caller("stranger", role=None),
]


def expected(caller: Caller, door: doors.Door) -> tuple[int, ...] | str:
    """The status that the table asks for."""
    if caller.is_dead:
        return (401,)
    if caller.endpoints and door.operation not in caller.endpoints:
        return (403,)
    if not caller.may(RIGHTS["operations"][door.operation]):
        return (403,)
    if caller.role is None and door.groups:
        return (404,)
    return EITHER if door.groups and "read" not in caller.permissions else ANSWERED


def test_every_operation_is_in_the_table_and_asks_for_what_it_says() -> None:
    asked = {door.operation: door.requires for door in doors.operations() if door.requires}
    signed = {door.operation for door in doors.operations() if not door.requires}
    assert asked == RIGHTS["operations"]
    assert signed == set(RIGHTS["signed"]["operations"])


def test_the_policy_is_what_the_table_says() -> None:
    told = {action: {permission, *roles} for action, (permission, *roles) in RIGHTS["actions"].items()}
    assert {action: {permission, *roles} for action, (permission, roles) in policy.ACTIONS.items()} == told


def test_every_page_is_in_the_table() -> None:
    assert doors.pages() == set(RIGHTS["pages"])


@pytest.fixture
def client_of(api: Any, join: Any, own: Any, people_of_web: Any) -> Callable[[Caller], Any]:
    """A client with the credential of a caller."""
    from apikeys import services, tokens
    from apikeys.models import ApiKey
    from audit.actors import SYSTEM

    def issue(caller: Caller) -> str:
        person = people_of_web["mallory"] if caller.role is None else join(f"x-{uuid4().hex[:8]}", caller.role)
        key, secret = services.issue(
            name=caller.name,
            owner_id=person.pk,
            permissions=caller.permissions,
            endpoints=caller.endpoints,
            by=SYSTEM,
            **({"role": caller.ceiling} if caller.ceiling else {}),
            **caller.more,
        )
        match caller.name:
            case "revoked key":
                services.revoke(key.pk, by=SYSTEM)
            case "expired key":
                ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
            case "key of someone who left":
                type(person).objects.filter(pk=person.pk).update(is_active=False)
        return secret

    def client(caller: Caller) -> Any:
        if caller.name == "anonymous":
            return api()
        return api(key=tokens.generate() if caller.name == "unknown key" else issue(caller))

    return client


@pytest.fixture
def unlimited(settings: Any) -> None:
    settings.RATE_LIMIT_DEFAULTS = dict.fromkeys(settings.RATE_LIMIT_DEFAULTS, 1_000_000)
    settings.FAILED_AUTH_PER_MINUTE = 1_000_000


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
def test_every_door_answers_as_the_table_says(
    unlimited: None, world: dict[str, str], client_of: Callable[[Caller], Any], caller: Caller
) -> None:
    client, wrong = client_of(caller), []
    for door in OPERATIONS:
        status = _status(client, door, world)
        wanted = expected(caller, door)
        is_right = status not in _REFUSED[wanted] if isinstance(wanted, str) else status in wanted
        if not is_right and (door.operation, status) not in _KNOWN:
            wrong.append((door.operation, door.method, status, wanted))
    assert not wrong


_REFUSED = {ANSWERED: (401, 403, 404), EITHER: (401, 403)}

# Where the table's action opens the door and the row itself decides: what is not yours, what is not there any more.
_KNOWN: set[tuple[str, int]] = {
    *(("comments_" + one, 403) for one in ("partial_update", "destroy")),
    *(("attachments_" + one, 403) for one in ("destroy",)),
    *(("views_" + one, 404) for one in ("retrieve", "partial_update", "destroy", "bugs")),
    *(("api_keys_" + one, 404) for one in ("revoke", "rotate", "why", "retrieve", "partial_update")),
    ("audit_access_raw", 404),
    ("webhook-delivery_redeliver", 404),
    ("bugs_restore", 404),
    ("members_destroy", 404),
    ("members_partial_update", 404),
}


def _status(client: Any, door: doors.Door, world: dict[str, str]) -> int:
    """One call on the row of WEB, undone at once."""
    names = dict(_names(door, world))
    with transaction.atomic():
        answer = getattr(client, door.method)(door.address(**names), *_sent(door), **_how(door))
        transaction.set_rollback(True)
    return int(answer.status_code)


def _sent(door: doors.Door) -> tuple[Any, ...]:
    if door.operation == "bug_attachments_create":
        return ({"file": SimpleUploadedFile("notes.txt", b"words", "text/plain")},)
    return () if door.method == "get" else (_body(door.basename, door.action),)


def _how(door: doors.Door) -> dict[str, str]:
    return {"format": "multipart"} if door.operation == "bug_attachments_create" else {}


def _names(door: doors.Door, world: dict[str, str]) -> Iterator[tuple[str, str]]:
    for group in door.groups:
        fixed = {"key": "WEB", "username": "bob", "bug": world["bug"]}
        row = fixed.get(group) or world.get(door.basename.replace("webhook", "webhooks"))
        yield group, row or str(uuid4())
