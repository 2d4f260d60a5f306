"""Error patterns on the stream: kinds of errors that are new, came back, come far more often, or were put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from audit.actors import Principal
from bugs import error_filters
from bugs.selectors import errors, groups
from streaming.streams.batches import BatchRendering, Question, client_event, picked
from streaming.streams.stream import SNAPSHOT_LIMIT, Fact, Rendering, Snapshot, Stream, Subscription

EVENT_TYPES = {
    "error_group.created": "new_pattern",
    "error_group.regressed": "regression",
    "error_group.spiking": "spike",
    "error_group.merged": "merge",
    "error_group.split": "split",
    "error_group.regroup_requested": "regroup_requested",
    "error_group.regrouped": "regrouped",
}
PLACES_SCAN_MAX = 1_000  # the groups seen last of which a snapshot asks for an environment or a release
_SHORT = ("id", "project", "bug", "title", "culprit", "level", "reports", "users", "first_seen_at", "last_seen_at")
_COMPACT = ("id", "project", "bug", "level")
_NOWHERE: tuple[set[str], set[str]] = (set(), set())


@dataclass(frozen=True, slots=True)
class Told:
    """level: as the event left it. environments, releases: those that reports of the group named."""

    document: Mapping[str, Any]
    level: str
    environments: set[str]
    releases: set[str]


def read(facts: Sequence[Fact], asked: Sequence[Subscription]) -> list[Rendering]:
    """The groups of all facts, read once. Those that are gone by now are left out."""
    ids = list({UUID(fact["data"]["group_id"]) for fact in facts})
    documents = _documents(ids)
    places = groups.places_of(ids) if any(_asks_places(one.filters) for one in asked) else {}

    def rendering(fact: Fact) -> BatchRendering[Told]:
        group_id = fact["data"]["group_id"]
        document = documents.get(group_id)
        told = [] if document is None else [_told(document, fact["data"]["level"], places.get(UUID(group_id)))]
        return BatchRendering(told, question=_question, body=lambda one, form: event(fact, one, form))

    return [rendering(fact) for fact in facts]


def event(fact: Fact, told: Told, form: str) -> bytes:
    """What happened to a kind of error, with what it is: in short, or in whole."""
    data = fact["data"]
    metadata = {name: value for name, value in data.items() if name != "bug_id"}
    if form != "compact":
        document = {**told.document, "level": told.level}
        metadata["pattern"] = document if form == "detailed" else picked(document, _SHORT)
    name = EVENT_TYPES.get(fact["type"], fact["type"].replace(".", "_"))
    return client_event(fact, event_id=fact["id"], event_type=name, bug_id=data["bug_id"], metadata=metadata)


def _told(document: Mapping[str, Any], level: str, places: tuple[set[str], set[str]] | None) -> Told:
    return Told(document, level, *(places or _NOWHERE))


def _question(subscription: Subscription, principal: Principal) -> Question[Told]:
    return lambda told: _matches(told, subscription.filters)


def _matches(told: Told, filters: Mapping[str, Any]) -> bool:
    return (
        filters.get("project") in (None, told.document["project"])
        and (not filters.get("level") or told.level in filters["level"])
        and ("environment" not in filters or filters["environment"] in told.environments)
        and ("release" not in filters or filters["release"] in told.releases)
    )


def _asks_places(filters: Mapping[str, Any]) -> bool:
    return "environment" in filters or "release" in filters


def _documents(group_ids: Sequence[UUID]) -> dict[str, dict[str, Any]]:
    """As REST shows them, in the order of their ids."""
    return {document["id"]: document for document in map(orjson.loads, groups.documents_of(group_ids))}


def _snapshot(principal: Principal, subscription: Subscription) -> Snapshot:
    filters = subscription.filters
    projects = errors.projects_for(principal, filters.get("project", ""))
    limit = PLACES_SCAN_MAX if _asks_places(filters) else SNAPSHOT_LIMIT + 1
    ids = [group_id for _, group_id in groups.find(projects, level=filters.get("level", ()), limit=limit)]
    is_whole = len(ids) < limit
    if _asks_places(filters):
        ids = _narrowed(ids, filters)
    documents = _documents(ids[:SNAPSHOT_LIMIT]).values()
    items = [_in_short(document, subscription.format) for document in documents]
    return Snapshot(items, is_whole and len(ids) <= SNAPSHOT_LIMIT)


def _narrowed(group_ids: Sequence[UUID], filters: Mapping[str, Any]) -> list[UUID]:
    places, asked = groups.places_of(group_ids), {name: filters.get(name) for name in ("environment", "release")}
    tests = [(at, wanted) for at, wanted in enumerate(asked.values()) if wanted]
    return [one for one in group_ids if one in places and all(wanted in places[one][at] for at, wanted in tests)]


def _in_short(document: Mapping[str, Any], form: str) -> Mapping[str, Any]:
    if form == "detailed":
        return document
    return picked(document, _COMPACT if form == "compact" else _SHORT)


STREAMS = (
    Stream(
        name="error_patterns",
        about="kinds of errors: new ones, regressions, spikes, and what people put together or took apart",
        action="error.read",
        types=("error_group.*",),
        event_types=tuple(EVENT_TYPES.values()),
        read=read,
        concerns=lambda fact: True,
        clean=error_filters.of_groups,
        snapshot=_snapshot,
        filter_names=error_filters.GROUPS,
        rest="/api/v1/error-groups/",
    ),
)
