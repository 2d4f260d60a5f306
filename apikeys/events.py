"""What this app publishes."""

from apikeys.models import ApiKey
from audit import log
from audit.actors import Principal


def issued(key: ApiKey, *, by: Principal) -> None:
    log.record("api_key.issued", subject=f"api_key:{key.pk}", project_id=None, by=by, data=_data(key))


def revoked(key: ApiKey, *, by: Principal) -> None:
    log.record("api_key.revoked", subject=f"api_key:{key.pk}", project_id=None, by=by, data=_data(key))


def _data(key: ApiKey) -> dict[str, object]:
    return {"key_id": str(key.pk), "owner_id": key.owner_id, "permissions": key.permissions}
