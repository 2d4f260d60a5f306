"""What this app publishes."""

from collections.abc import Iterable

from apikeys.models import ApiKey
from audit import log
from audit.actors import Principal


def issued(key: ApiKey, *, by: Principal) -> None:
    _of_key("api_key.issued", key, by)


def revoked(key: ApiKey, *, by: Principal) -> None:
    _of_key("api_key.revoked", key, by)


def rotated(key: ApiKey, successor: ApiKey, *, by: Principal) -> None:
    _of_key("api_key.rotated", key, by, replaced_by=str(successor.pk))


def updated(key: ApiKey, fields: Iterable[str], *, by: Principal) -> None:
    _of_key("api_key.updated", key, by, fields=sorted(fields))


def _of_key(kind: str, key: ApiKey, by: Principal, **more: object) -> None:
    data = {"key_id": str(key.pk), "owner_id": key.owner_id, "permissions": key.permissions, **more}
    log.record(kind, subject=f"api_key:{key.pk}", project_id=None, by=by, data=data)
