"""Issuing and revoking keys."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apikeys import events, tokens
from apikeys.models import ApiKey
from audit.actors import PERMISSIONS, Principal
from bugs.models import Project


class TooMuch(ValueError):
    """A key may not carry what its maker does not have."""


@transaction.atomic
def issue(
    *,
    name: str,
    owner_id: int,
    permissions: Collection[str],
    by: Principal,
    project_ids: Collection[UUID] = (),
    endpoints: Collection[str] = (),
    rate_limits: Mapping[str, int] | None = None,
    lifetime_days: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; returns it with its secret, which nobody can read again. Raises TooMuch."""
    if not set(permissions) <= PERMISSIONS & by.permissions:
        raise TooMuch("A key may not carry permissions that its maker does not have.")
    peppers = tokens.peppers(settings.API_KEY_PEPPERS, settings.SECRET_KEY)
    version = max(peppers)
    secret = tokens.generate()
    days = settings.API_KEY_LIFETIME_DAYS if lifetime_days is None else lifetime_days
    key = ApiKey.objects.create(
        name=name,
        owner_id=owner_id,
        digest=tokens.digest(secret, peppers[version]),
        pepper_version=version,
        hint=tokens.hint(secret),
        permissions=sorted(permissions),
        endpoints=list(endpoints),
        expires_at=timezone.now() + timedelta(days=days),
        **{**settings.RATE_LIMIT_DEFAULTS, **(rate_limits or {})},
    )
    key.projects.set(Project.objects.filter(pk__in=project_ids))
    events.issued(key, by=by)
    return key, secret


@transaction.atomic
def revoke(key_id: UUID, *, by: Principal) -> ApiKey:
    """End a key for good. Revoking twice does nothing."""
    key = ApiKey.objects.select_for_update().get(pk=key_id)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        events.revoked(key, by=by)
    return key
