"""Error reports that met someone, or have them in their texts; and the keyed hashes that say who met an error."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import QuerySet

from bugs.ingest.digest import packing, surroundings
from bugs.models import AffectedUser, ErrorGroup, ErrorReport, Session
from bugs.privacy import identity, originals
from bugs.privacy.identity import Person, Step
from bugs.selectors import payloads

CHUNK = 200  # reports of one transaction
WINDOW = 10_000  # reports that one statement looks at: few have to do with anybody
TABLE = "bugs_errorreport"
_BEGINNING = UUID(int=0)
_NAMES = ("id", "username", "email", "ip_address")  # that a user of an error may be known by

# Reports of which something was taken out, and those of groups that met the person: few have neither. Locked, since
# texts may be read again under other rules at the same time, which would bring back what goes here.
_NEXT = f"""
    SELECT id, project_id, group_id, payload, originals FROM {TABLE}
    WHERE project_id = ANY(%(projects)s::uuid[]) AND id > %(last)s AND id <= %(upto)s
        AND (originals IS NOT NULL OR group_id = ANY(%(groups)s::uuid[]))
    ORDER BY id LIMIT {CHUNK} FOR NO KEY UPDATE
"""  # noqa: S608
_END = f"SELECT id FROM {TABLE} WHERE id > %s ORDER BY id OFFSET {WINDOW - 1} LIMIT 1"  # noqa: S608
_EVER = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Stored:
    """A report as it is kept."""

    id: UUID
    project_id: UUID
    group_id: UUID
    payload: memoryview
    originals: memoryview | None

    def taken(self) -> dict[str, str]:
        return originals.opened(self.originals, table=TABLE, row=self.id)


def reports(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """One chunk: a report of this person loses its user and all that was taken out, another what is about them."""
    keys = _keys(person, project_ids)
    with transaction.atomic():
        upto = _end(last or _BEGINNING)
        found = list(_next(project_ids, last or _BEGINNING, upto, keys))
        changed = sum(_forget(stored, person, keys) for stored in found)
    return Step(found[-1].id if len(found) == CHUNK else upto, changed)


def users(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """Who met which error: that someone did stays counted, under a key that leads nowhere."""
    keys = list(_keys(person, project_ids))
    rows = _met(project_ids, keys)
    with transaction.atomic():
        changed = sum(_rename(group_id, key) for group_id, key in list(rows.values_list("group_id", "user_key")))
        changed += Session.objects.filter(project_id__in=project_ids, user_key__in=keys).update(user_key="")
    return Step(None, changed)


def _keys(person: Person, project_ids: Sequence[UUID]) -> set[str]:
    """What the person may be called where users are kept as hashes, as they wrote it and in one spelling."""
    spellings = {person.given, identity.normalized(person.given)}
    users = [{name: spelling} for name in _NAMES for spelling in spellings]
    return {surroundings.user_key(project, user) for project in project_ids for user in users}


def _end(last: UUID) -> UUID | None:
    """The last report of the window that begins here; None when it is the last one."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [last])
        row = cursor.fetchone()
    return row[0] if row else None


def _met(project_ids: Sequence[UUID], keys: Iterable[str]) -> QuerySet[AffectedUser]:
    """By groups of these projects, since the key of that table begins with the group."""
    groups = ErrorGroup.objects.filter(project_id__in=project_ids).values("pk")
    return AffectedUser.objects.filter(group_id__in=groups, user_key__in=keys)


def _next(project_ids: Sequence[UUID], last: UUID, upto: UUID | None, keys: set[str]) -> Iterator[Stored]:
    groups = _met(project_ids, keys).values_list("group_id", flat=True)
    with connection.cursor() as cursor:
        bounds = {"last": last, "upto": upto or _EVER}
        cursor.execute(_NEXT, {"projects": list(project_ids), "groups": list(groups), **bounds})
        for row in cursor.fetchall():
            yield Stored(*row)


def _forget(stored: Stored, person: Person, keys: set[str]) -> bool:
    kept = stored.taken()
    left = {place: text for place, text in kept.items() if not person.is_meant_by(text)}
    document: dict[str, Any] = orjson.loads(payloads.unpack(stored.payload))
    is_theirs = document.get("user_key") in keys or any(place.startswith("/user/") for place in kept.keys() - left)
    if is_theirs:
        _rename(stored.group_id, document.get("user_key", ""))
        document |= {"user": {}, "user_key": ""}
        left = {}
    elif len(left) == len(kept):
        return False
    values = {"originals": originals.sealed(left, table=TABLE, row=stored.id)}
    if is_theirs:
        values["payload"] = packing.pack(stored.project_id, orjson.dumps(document))
    ErrorReport.objects.filter(pk=stored.id).update(**values)
    return True


def _rename(group_id: UUID, key: str) -> int:
    return AffectedUser.objects.filter(group_id=group_id, user_key=key).update(user_key=secrets.token_hex(16))
