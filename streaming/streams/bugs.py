"""Bugs on the stream: new ones, all other changes, and those that came to an end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django_filters import MultipleChoiceFilter

from audit.actors import Principal
from bugs import filters as bug_filters
from bugs import selectors
from bugs.choices import Status
from bugs.matching import Matcher, matcher
from bugs.selectors import matching
from streaming import presenters
from streaming.streams.stream import SNAPSHOT_LIMIT, Fact, Snapshot, Stream, Subscription

_REPEATABLE = frozenset(
    name for name, one in bug_filters.BugFilter.base_filters.items() if isinstance(one, MultipleChoiceFilter)
)
_DONE = frozenset({Status.RESOLVED.value, Status.CLOSED.value})


@dataclass(frozen=True, slots=True)
class Documents:
    """shown: what clients see of the changed bugs; asked: what filters ask; people: names of those events tell of."""

    shown: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)


class BugRendering:
    """One change of a bug."""

    latest = None

    def __init__(self, fact: Fact, documents: Documents) -> None:
        self.fact = fact
        name = fact["subject"].removeprefix("bug:")
        shown, asked = documents.shown.get(name), documents.asked.get(name)
        self.shown = None if shown is None else presenters.after(fact, shown)
        self.after = None if asked is None else matching.as_event_left(asked, fact["data"], documents.people)
        self.before = None if asked is None else matching.as_event_found(asked, fact["data"], documents.people)
        self._matched: dict[tuple[bytes, int | None], bool | None] = {}
        self._bodies: dict[tuple[str, bool], tuple[bytes]] = {}

    def bodies(self, subscription: Subscription, principal: Principal) -> Sequence[bytes]:
        """One event, or none when it matches neither after nor before the change."""
        asked = (subscription.filter_key, principal.user_id)  # `me` is somebody else for everyone
        if asked not in self._matched:
            self._matched[asked] = self._match(subscription, principal)
        matched = self._matched[asked]
        if matched is None:
            return ()
        key = (subscription.format, matched)
        if key not in self._bodies:
            self._bodies[key] = (presenters.event(self.fact, self.shown, form=key[0], matched=matched),)
        return self._bodies[key]

    def _match(self, subscription: Subscription, principal: Principal) -> bool | None:
        if not subscription.filters:
            return True
        if self.after is None or self.before is None:
            return None
        matches = subscription.question(principal, _question)
        if matches(self.after):
            return True
        created = self.fact["type"] == "bug.created"
        return False if not created and matches(self.before) else None


def _question(filters: Mapping[str, Any], principal: Principal) -> Matcher:
    return matcher(filters, principal=principal)


def read(facts: Sequence[Fact], asked: Sequence[Subscription]) -> list[BugRendering]:
    """The documents of the changed bugs, read once; none when nobody needs one."""
    documents = _documents(
        facts,
        is_shown=any(one.format != "compact" for one in asked),
        is_filtered=any(one.filters for one in asked),
    )
    return [BugRendering(fact, documents) for fact in facts]


def _documents(facts: Sequence[Fact], *, is_shown: bool, is_filtered: bool) -> Documents:
    ids = [UUID(name) for name in {fact["subject"].removeprefix("bug:") for fact in facts}]
    texts = selectors.documents_by_id(ids) if is_shown else {}
    shown = {name: orjson.loads(text) for name, text in texts.items()}
    if not is_filtered:
        return Documents(shown)
    moves = [(fact["data"].get("changes") or {}).get("assignee") for fact in facts]
    people = {who for move in moves if move for who in (move["from"], move["to"]) if who is not None}
    return Documents(shown, matching.filter_documents(ids), matching.names_of(people))


def _clean(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """As a query string would give them: a list where the parameter repeats, else one text or truth value."""
    given = {
        name: [value] if name in _REPEATABLE and not isinstance(value, list) else value
        for name, value in values.items()
    }
    for name, value in given.items():
        if isinstance(value, list) and name in bug_filters.BugFilter.base_filters and name not in _REPEATABLE:
            raise bug_filters.BadFilter(name, "takes one value.")
    return bug_filters.clean(given, is_live=True)


def _snapshot(principal: Principal, subscription: Subscription) -> Snapshot:
    if text := subscription.filters.get("q"):
        bug_filters.check_list(text)
    bugs = selectors.bugs_for(principal)
    if subscription.stream.name == "resolutions":
        bugs = bugs.filter(status__in=_DONE)
    if subscription.filters:
        bugs = bug_filters.apply(bugs, subscription.filters, principal=principal)
    ids = list(bugs.order_by("-created_at", "-id").values_list("pk", flat=True)[: SNAPSHOT_LIMIT + 1])
    texts = selectors.documents_by_id(ids[:SNAPSHOT_LIMIT])
    documents = [orjson.loads(texts[str(bug_id)]) for bug_id in ids[:SNAPSHOT_LIMIT] if str(bug_id) in texts]
    items = [presenters.in_short(one, subscription.format) for one in documents]
    return Snapshot(items, is_whole=len(ids) <= SNAPSHOT_LIMIT)


_SHARED: dict[str, Any] = {
    "action": "bug.read",
    "types": ("bug.*",),
    "read": read,
    "clean": _clean,
    "snapshot": _snapshot,
    "filter_names": tuple(bug_filters.BugFilter.base_filters),
}
STREAMS = (
    Stream(
        name="new_bugs",
        about="bugs that were reported",
        concerns=lambda fact: fact["type"] == "bug.created",
        event_types=("new_bug",),
        **_SHARED,
    ),
    Stream(
        name="bug_updates",
        about="all other changes of bugs",
        concerns=lambda fact: fact["type"] != "bug.created",
        event_types=presenters.CHANGES,
        **_SHARED,
    ),
    Stream(
        name="resolutions",
        about="bugs that became resolved or closed, or moved between these",
        concerns=lambda fact: fact["type"] == "bug.status_changed" and fact["data"].get("status") in _DONE,
        event_types=("status_change",),
        **_SHARED,
    ),
)
