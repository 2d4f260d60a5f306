"""Who sessions belong to at this moment, many at once: as Django's own middleware would find the user of each."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apikeys import authentication
from audit.actors import Principal
from bugs import selectors as people
from config.postgres import arrays


def principals_of(session_keys: Collection[str]) -> dict[str, Principal]:
    """By session key; an ended session, a changed password or a switched-off person is nobody.

    No code counts: nothing that streams show is what one is asked for.
    """
    users = _users_of(_stored(session_keys))
    roles = people.roles_of_all({user.pk: user for user in users.values()}.values())
    return {
        key: authentication.principal_of_session(user, is_verified=False, roles=roles[user.pk])
        for key, user in users.items()
    }


def _stored(session_keys: Collection[str]) -> dict[str, Mapping[str, Any]]:
    wanted = arrays.one_of(session_keys, "text")
    rows = Session.objects.filter(session_key__in=wanted, expire_date__gt=timezone.now())
    return {row.session_key: SessionStore().decode(row.session_data) for row in rows}


def _users_of(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    ids = {int(name) for data in stored.values() if (name := str(data.get(SESSION_KEY))).isdecimal()}
    wanted = arrays.one_of(ids, "bigint")
    users = {str(user.pk): user for user in get_user_model().objects.filter(pk__in=wanted, is_active=True)}
    named = {key: (users.get(str(data.get(SESSION_KEY))), data) for key, data in stored.items()}
    return {key: user for key, (user, data) in named.items() if user is not None and _is_theirs(user, data)}


def _is_theirs(user: Any, data: Mapping[str, Any]) -> bool:
    if data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    given = data.get(HASH_SESSION_KEY, "")
    valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return bool(given) and any(constant_time_compare(given, each) for each in valid)
