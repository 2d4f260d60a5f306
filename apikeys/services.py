"""Issuing, changing, rotating and revoking keys."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apikeys import events, minting, networks, operations, selectors, tokens
from apikeys.minting import Bounds, TooMuch
from apikeys.models import LIMITS, NAME_MAX, REASON_MAX, ApiKey
from audit.actors import Principal
from bugs.selectors import privacy

LIVE_MAX = 100
OVERLAP_MAX = timedelta(days=7)
CHANGING = ("name", "endpoints", "ip_whitelist", "rate_limits")
__all__ = ["TooMuch", "issue", "redigest", "revoke", "rotate", "update"]


class TooManyKeys(ValueError):
    """One person has a bounded number of live keys."""


class Ended(ValueError):
    """A key that is revoked, expired or replaced stays as it is; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This key is {reason}.")
        self.reason = reason


@transaction.atomic
def issue(
    *,
    name: str,
    owner_id: int,
    permissions: Collection[str],
    by: Principal,
    role: str | None = None,
    project_ids: Collection[UUID] | None = None,
    endpoints: Collection[str] | None = None,
    ip_whitelist: Collection[str] | None = None,
    rate_limits: Mapping[str, int] | None = None,
    lifetime_days: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; returns it with its secret, which nobody can read again. Raises TooMuch and TooManyKeys.

    What is not given is as the maker has it. A key that a key makes does not outlive it.
    """
    maker = _maker(by)
    own = _bounds_of(maker) if maker else None
    bounds = Bounds(
        permissions=frozenset(permissions),
        role=by.ceiling if role is None else role,
        endpoints=_endpoints(endpoints, own),
        networks=_networks(ip_whitelist, own),
        projects=own.projects if own and project_ids is None else frozenset(project_ids or ()),
        limits=_limits(rate_limits or {}, own),
    )
    minting.check(bounds, by=by, own=own, most=_most())
    _check_number(owner_id, LIVE_MAX)
    until = timezone.now() + _lifetime(lifetime_days, by)
    key, secret = _insert(bounds, name=name, owner_id=owner_id, created_by=by.label, expires_at=_end(until, maker))
    events.issued(key, by=by)
    return key, secret


@transaction.atomic
def update(key_id: UUID, *, by: Principal, changes: Mapping[str, Any]) -> ApiKey:
    """Change some of `CHANGING`. Raises Ended and TooMuch: a key changes no key that is stronger than itself."""
    key = _locked(key_id)
    _check_alive(key)
    before, own = _bounds_of(key), _own(by)
    given = dict(zip(LIMITS, before.limits, strict=True)) | dict(changes.get("rate_limits", {}))
    after = replace(
        before,
        endpoints=_endpoints(changes["endpoints"], own) if "endpoints" in changes else before.endpoints,
        networks=_networks(changes["ip_whitelist"], own) if "ip_whitelist" in changes else before.networks,
        limits=_limits(given, own),
    )
    minting.check_limits(after.limits, _most(before.limits), "what this server allows")
    for bounds in (before, after) if own else ():
        minting.check(bounds, by=by, own=own, most=_most(before.limits))
    key.name = _clean(changes["name"], NAME_MAX) if "name" in changes else key.name
    _write(key, after)
    key.save()
    events.updated(key, changes, by=by)
    return key


@transaction.atomic
def rotate(key_id: UUID, *, by: Principal, overlap: timedelta = timedelta(days=1)) -> tuple[ApiKey, str]:
    """Give a key a successor with another secret and a new lifetime of the same length; the old one lives on a while.

    Returns the successor with its secret. Raises Ended: what is rotated already, revoked or expired is not rotated.
    Raises TooManyKeys: one person has a bounded number of old ones that live on.
    """
    key, maker = _locked_with_maker(key_id, by)
    _check_alive(key)
    if key.replaced_at:
        raise Ended("replaced")
    _check_number(key.owner_id, 2 * LIVE_MAX)
    bounds, now = _bounds_of(key), timezone.now()
    if maker:
        minting.check(bounds, by=by, own=_bounds_of(maker), most=_most(bounds.limits))
    length = key.expires_at - key.created_at if key.expires_at else timedelta(days=settings.API_KEY_LIFETIME_DAYS)
    until = _end(now + min(length, timedelta(days=settings.API_KEY_LIFETIME_MAX_DAYS)), maker)
    successor, secret = _insert(
        bounds, name=key.name, owner_id=key.owner_id, created_by=by.label, expires_at=until, rotated_from=key
    )
    ends = now + min(overlap, OVERLAP_MAX)
    key.replaced_at, key.expires_at = now, min(ends, key.expires_at) if key.expires_at else ends
    key.save(update_fields=["replaced_at", "expires_at"])
    events.rotated(key, successor, by=by)
    return successor, secret


@transaction.atomic
def revoke(key_id: UUID, *, by: Principal, reason: str = "") -> ApiKey:
    """End a key for good, and the keys that it made; its successor lives on. Revoking twice does nothing."""
    key = _locked(key_id)
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by = timezone.now(), by.label
        key.revoked_reason = _clean(reason, REASON_MAX)
        key.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
        events.revoked(key, by=by)
        for made in _made_by(key):
            revoke(made, by=by, reason="The key that made it was revoked.")
    return key


def redigest(key: ApiKey, token: str) -> None:
    """Keep the key under the newest pepper, once it is used; an older pepper can go when no key needs it any more."""
    version, pepper = selectors.peppers()[-1]
    digest = tokens.digest(token, pepper)
    if bytes(key.digest) != digest:
        ApiKey.objects.filter(pk=key.pk, digest=key.digest).update(digest=digest, pepper_version=version)


def _locked(key_id: UUID) -> ApiKey:
    return ApiKey.objects.select_for_update().get(pk=key_id)


def _check_alive(key: ApiKey) -> None:
    if key.revoked_at:
        raise Ended("revoked")
    if key.expires_at and key.expires_at <= timezone.now():
        raise Ended("expired")


def _maker(by: Principal) -> ApiKey | None:
    """The key that acts, or None for a person and the system. Locked: who revokes it finds all that it made."""
    maker = _locked(by.key_id) if by.key_id else None
    if maker:
        _check_alive(maker)
    return maker


def _locked_with_maker(key_id: UUID, by: Principal) -> tuple[ApiKey, ApiKey | None]:
    """In the order of their ids: two keys may rotate each other."""
    for one in sorted({key_id, by.key_id or key_id}):
        _locked(one)
    return _locked(key_id), _maker(by)


def _made_by(key: ApiKey) -> list[UUID]:
    """Keys that a key made for its owner, in the order in which rows are locked."""
    made = ApiKey.objects.filter(owner_id=key.owner_id, created_by=f"key:{key.pk}", revoked_at=None)
    return list(made.exclude(rotated_from=key).order_by("pk").values_list("pk", flat=True))


def _check_number(owner_id: int, most: int) -> None:
    if selectors.live_keys().filter(owner_id=owner_id).count() >= most:
        raise TooManyKeys(f"A person has at most {most} live keys, those included that were rotated.")


def _own(by: Principal) -> Bounds | None:
    return _bounds_of(ApiKey.objects.get(pk=by.key_id)) if by.key_id else None


def _bounds_of(key: ApiKey) -> Bounds:
    return Bounds(
        permissions=frozenset(key.permissions),
        role=key.role,
        endpoints=tuple(key.endpoints),
        networks=selectors.networks_of(key),
        projects=frozenset(key.project_ids),
        limits=key.limits,
    )


def _endpoints(given: Collection[str] | None, own: Bounds | None) -> tuple[str, ...]:
    if given is None:
        return own.endpoints if own else ()
    return tuple(dict.fromkeys(operations.check_pattern(each) for each in given))


def _networks(given: Collection[str] | None, own: Bounds | None) -> tuple[networks.Network, ...]:
    if given is None:
        return own.networks if own else ()
    return tuple(dict.fromkeys(networks.read(each) for each in given))


def _limits(given: Mapping[str, int], own: Bounds | None) -> tuple[int, int, int]:
    """What is given, else what the settings say, but no more than the maker has."""
    usual = [min(settings.RATE_LIMIT_DEFAULTS[name], settings.RATE_LIMIT_MAXIMA[name]) for name in LIMITS]
    highest = own.limits if own else usual
    minute, hour, day = (
        given.get(name) or min(default, top) for name, default, top in zip(LIMITS, usual, highest, strict=True)
    )
    return minute, hour, day


def _most(present: tuple[int, int, int] = (0, 0, 0)) -> tuple[int, int, int]:
    """What settings allow, or what the key has already."""
    minute, hour, day = (max(settings.RATE_LIMIT_MAXIMA[name], has) for name, has in zip(LIMITS, present, strict=True))
    return minute, hour, day


def _lifetime(days: int | None, by: Principal) -> timedelta:
    most = settings.API_KEY_LIFETIME_MAX_DAYS
    if days is None:
        return timedelta(days=min(settings.API_KEY_LIFETIME_DAYS, most))
    if days > most and by.label != minting.SYSTEM:
        raise TooMuch(f"A key lives {most} days at most.", "/lifetime_days")
    return timedelta(days=days)


def _end(until: datetime, maker: ApiKey | None) -> datetime:
    return min(until, maker.expires_at) if maker and maker.expires_at else until


def _clean(text: str, limit: int) -> str:
    """Without what is personal and without secrets, by the rules of no project: keys are a person's."""
    return privacy.clean(UUID(int=0), text, limit)


def _insert(bounds: Bounds, *, name: str, **fields: Any) -> tuple[ApiKey, str]:
    secret = tokens.generate()
    version, pepper = selectors.peppers()[-1]
    made = {"digest": tokens.digest(secret, pepper), "pepper_version": version, "hint": tokens.hint(secret)}
    key = ApiKey(name=_clean(name, NAME_MAX), **made, **fields)
    _write(key, bounds)
    key.save(force_insert=True)
    return key, secret


def _write(key: ApiKey, bounds: Bounds) -> None:
    key.role, key.permissions = bounds.role, sorted(bounds.permissions)
    key.endpoints, key.ip_whitelist = list(bounds.endpoints), [str(each) for each in bounds.networks]
    key.project_ids = sorted(bounds.projects)
    key.requests_per_minute, key.requests_per_hour, key.requests_per_day = bounds.limits
