"""Reads of keys."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from apikeys import tokens
from apikeys.models import ApiKey
from audit.actors import Principal


def key_for_token(token: str) -> ApiKey | None:
    """The live key of a token, by its keyed digest under any pepper in use."""
    peppers = tokens.peppers(settings.API_KEY_PEPPERS, settings.SECRET_KEY)
    digests = [tokens.digest(token, pepper) for pepper in peppers.values()]
    return live_keys().filter(digest__in=digests).select_related("owner").first()


def live_keys() -> QuerySet[ApiKey]:
    now = timezone.now()
    return ApiKey.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True, owner__is_active=True
    )


def keys_for(principal: Principal) -> QuerySet[ApiKey]:
    """The keys of this person."""
    return ApiKey.objects.filter(owner_id=principal.user_id)
