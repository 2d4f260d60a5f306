"""What the credentials of open sockets allow at this moment: for all of them in a fixed number of statements."""

import logging
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from apikeys import decisions, networks, operations, selectors, sessions, uses
from audit.actors import Principal
from streaming.fanout.sockets import Credential

logger = logging.getLogger(__name__)


def read(credentials: Collection[Credential]) -> dict[Credential, Principal | None]:
    """The present rights by credential, None where none are left. One that cannot be judged is left out."""
    key_ids = {UUID(one.name) for one in credentials if one.kind == "key"}
    session_keys = {one.name for one in credentials if one.kind == "session"}
    keys = selectors.keys_of_ids(key_ids) if key_ids else {}
    people = sessions.principals_of(session_keys) if session_keys else {}
    found: dict[Credential, Principal | None] = {}
    for one in credentials:
        try:
            found[one] = _of_key(one, keys) if one.kind == "key" else people.get(one.name)
        except Exception:
            logger.exception("the rights of a %s could not be judged", one.kind)
    return found


def bound(principal: Principal) -> Principal | None:
    """The principal, when it may open a stream at all."""
    question = decisions.Question(principal, operations.STREAM, operations.known()[operations.STREAM])
    return None if decisions.refusal(question) else principal


def _of_key(credential: Credential, keys: Mapping[UUID, Any]) -> Principal | None:
    found = keys.get(UUID(credential.name))
    if found is None:
        return None
    key, roles = found
    principal = selectors.principal_of(key, roles=roles)
    if principal.networks and not networks.contain(principal.networks, credential.address):
        return None
    uses.note(UUID(credential.name), calls=0)
    return bound(principal)
