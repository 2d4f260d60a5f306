"""Sessions of users of a program on the stream: begun, told of again, ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from audit.actors import Principal
from bugs import error_filters
from bugs.choices import SessionState
from bugs.ingest.digest.surroundings import user_key
from bugs.privacy import redaction
from bugs.privacy.rules import Rules
from bugs.selectors import errors, privacy, sessions
from streaming.streams.batches import BatchRendering, Question, client_event, picked
from streaming.streams.stream import SNAPSHOT_LIMIT, Fact, Rendering, Snapshot, Stream, Subscription

STARTED, UPDATED, ENDED = "session_started", "session_updated", "session_ended"
_OVER = frozenset({SessionState.EXITED.value, SessionState.CRASHED.value, SessionState.ABNORMAL.value})
READ_AT_ONCE = 5_000  # sessions
USERS_KNOWN = 1_024  # of one process, those asked for last
_COMPACT = ("id", "project", "state")


@dataclass(frozen=True, slots=True)
class Told:
    """document: as REST shows it, in the state in which the fact left it."""

    document: Mapping[str, Any]
    event_type: str


def read(facts: Sequence[Fact], asked: Sequence[Subscription]) -> list[Rendering]:
    """The sessions of all facts, read once. Those that are gone by now are left out."""
    documents = _documents(list({UUID(name) for fact in facts for name in fact["data"]["sessions"]}))
    users = {user for one in asked if (user := one.options.get("user_id"))}
    keys = {
        project: {user: _keys_of(user, UUID(project)) for user in users}
        for project in {fact["project_id"] for fact in facts}
    }

    def rendering(fact: Fact) -> BatchRendering[Told]:
        return BatchRendering(
            _told(fact["data"], documents),
            question=lambda one, principal: _question(one, keys[fact["project_id"]]),
            body=lambda one, form: event(fact, one, form),
        )

    return [rendering(fact) for fact in facts]


def event(fact: Fact, told: Told, form: str) -> bytes:
    """The same fact always tells of the same session under the same id, so that clients know it again."""
    document = told.document
    metadata: dict[str, Any] = {"session_id": document["id"], "state": document["state"]}
    if form != "compact":
        metadata["session"] = document
    name = uuid5(UUID(fact["id"]), str(document["id"]))
    return client_event(fact, event_id=name, event_type=told.event_type, metadata=metadata)


def _told(data: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]]) -> list[Told]:
    new = set(data["new"])
    return [
        Told({**documents[name], "state": state}, STARTED if name in new else ENDED if state in _OVER else UPDATED)
        for name, state in zip(data["sessions"], data["states"], strict=True)
        if name in documents
    ]


def _documents(session_ids: Sequence[UUID]) -> dict[str, Mapping[str, Any]]:
    parts = [session_ids[start : start + READ_AT_ONCE] for start in range(0, len(session_ids), READ_AT_ONCE)]
    return {str(document["id"]): document for part in parts for document in sessions.documents_of(part)}


def _question(subscription: Subscription, keys: Mapping[str, Sequence[str]]) -> Question[Told]:
    filters, user = subscription.filters, subscription.options.get("user_id")
    return lambda told: (
        all(told.document[name] == wanted for name, wanted in filters.items())
        and (user is None or told.document["user_key"] in keys[user])
    )


def _keys_of(user: str, project_id: UUID) -> Sequence[str]:
    """What a user may be called: by the key that sessions show, or by the id that reports show.

    An id that reports do not show, such as an address, is not taken: whoever guessed one would learn that it is there.
    """
    is_shown = _is_clean(user, privacy.active(project_id).rules)
    return (user, user_key(project_id, {"id": user})) if is_shown else (user,)


@lru_cache(maxsize=USERS_KNOWN)
def _is_clean(user: str, rules: Rules) -> bool:
    return redaction.text(user, rules) == user


def _snapshot(principal: Principal, subscription: Subscription) -> Snapshot:
    asked = dict(subscription.filters)
    projects = errors.projects_for(principal, asked.pop("project", ""))
    user = subscription.options.get("user_id")
    if user:
        wanted = [
            ([project], sessions.Wanted(**{"user_key": key, **asked}))
            for project in projects
            for key in _keys_of(user, project)
            if asked.get("user_key", key) == key
        ]
    else:
        wanted = [(projects, sessions.Wanted(**asked))]
    found = [sessions.find(*one, limit=SNAPSHOT_LIMIT + 1) for one in wanted]
    ids = [session_id for _, session_id in sorted((place for places, _ in found for place in places), reverse=True)]
    documents = sessions.documents_of(ids[:SNAPSHOT_LIMIT])
    items = [picked(one, _COMPACT) if subscription.format == "compact" else one for one in documents]
    return Snapshot(items, all(end is None for _, end in found) and len(ids) <= SNAPSHOT_LIMIT)


STREAMS = (
    Stream(
        name="sessions",
        about="sessions of users of your programs: begun, told of again, ended",
        action="error.read",
        types=("session.updated",),
        event_types=(STARTED, UPDATED, ENDED),
        read=read,
        weight=lambda fact: len(fact["data"]["sessions"]),
        concerns=lambda fact: True,
        clean=error_filters.of_sessions,
        snapshot=_snapshot,
        filter_names=error_filters.SESSIONS,
        option_names=("user_id",),
        rest="/api/v1/sessions/",
    ),
)
