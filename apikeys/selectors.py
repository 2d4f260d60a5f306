"""Reads of keys."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from apikeys import models, networks, tokens
from apikeys.models import ApiKey
from audit.actors import Principal
from bugs import selectors as people
from config.postgres import arrays

_OF_PRINCIPALS = (
    *("name", "role", "permissions", "endpoints", "ip_whitelist", "project_ids", "expires_at"),
    *(*models.LIMITS, "owner__is_superuser"),
)  # what principal_of reads


def peppers() -> list[tuple[int, str]]:
    """The peppers of this server with their versions, the one for new digests last."""
    configured = tuple(settings.API_KEY_PEPPERS.items())
    return _peppers(configured, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=8)
def _peppers(configured: tuple[tuple[str, str], ...], secret_keys: tuple[str, ...]) -> list[tuple[int, str]]:
    return tokens.peppers(dict(configured), secret_keys)


def digests(token: str) -> list[bytes]:
    """What the row of a key may have, by every pepper in use; the newest last."""
    return [tokens.digest(token, pepper) for _, pepper in peppers()]


def key_for_token(token: str) -> ApiKey | None:
    """The live key of a token."""
    return live_keys().filter(digest__in=digests(token)).select_related("owner").first()


def key_of_id(key_id: UUID) -> ApiKey | None:
    """A live key by its id, for doors where a signature says which it was."""
    return live_keys().filter(pk=key_id).select_related("owner").first()


def keys_of_ids(key_ids: Collection[UUID]) -> dict[UUID, tuple[ApiKey, people.Roles]]:
    """Live keys with the roles of their owners, by their ids; as few statements for many as for one."""
    keys = live_keys().filter(pk__in=arrays.one_of(key_ids, "uuid")).select_related("owner").only(*_OF_PRINCIPALS)
    found = {key.pk: key for key in keys}
    roles = people.roles_of_all({key.owner_id: key.owner for key in found.values()}.values())
    return {key_id: (key, roles[key.owner_id]) for key_id, key in found.items()}


def live_keys() -> QuerySet[ApiKey]:
    """By the clock of PostgreSQL."""
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=Now())
    return ApiKey.objects.filter(unexpired, revoked_at__isnull=True, owner__is_active=True)


def keys_for(principal: Principal) -> QuerySet[ApiKey]:
    """The gate: the keys of this person."""
    return ApiKey.objects.filter(owner_id=principal.user_id).annotate(replaced_by=F("successor__id"))


def by_digests(found: Iterable[bytes]) -> QuerySet[ApiKey]:
    """Keys in any state, with their owners."""
    return ApiKey.objects.filter(digest__in=list(found)).select_related("owner")


def networks_of(key: ApiKey) -> tuple[networks.Network, ...]:
    return tuple(networks.read(each) for each in key.ip_whitelist)


def principal_of(key: ApiKey, *, chosen_only: bool = True, roles: people.Roles | None = None) -> Principal:
    """Who a key stands for at this moment. chosen_only: without it the roles are all of the owner's.

    roles: those of the owner, when they are known.
    """
    chosen = set(key.project_ids) if chosen_only else set()
    roles = people.roles_of(key.owner) if roles is None else roles
    return Principal(
        label=f"key:{key.pk}",
        name=key.name,
        user_id=key.owner_id,
        key_id=key.pk,
        roles={project: has for project, has in roles.items() if project in chosen} if chosen else roles,
        permissions=frozenset(key.permissions),
        ceiling=key.role,
        endpoints=tuple(key.endpoints),
        networks=networks_of(key),
        expires_at=key.expires_at,
        rate_limits=key.limits,
        is_operator=key.owner.is_superuser and not chosen,
    )
