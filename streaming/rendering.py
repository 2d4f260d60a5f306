"""An event as its receivers get it: matched once per filter and person, rendered once per format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from audit.actors import Principal
from bugs import selectors as bugs
from bugs.matching import matcher
from bugs.selectors import matching
from streaming import presenters
from streaming.subscriptions import Subscription

Fact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Documents:
    """shown: what clients see of the changed bugs; asked: what filters ask; people: names of those events tell of."""

    shown: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)


class Rendering:
    """One fact, matched once per filter and rendered once per format."""

    def __init__(self, fact: Fact, documents: Documents) -> None:
        self.fact = fact
        name = fact["subject"][4:] if fact["subject"].startswith("bug:") else ""
        shown, asked = documents.shown.get(name), documents.asked.get(name)
        self.shown = None if shown is None else presenters.after(fact, shown)
        self.after = None if asked is None else matching.as_event_left(asked, fact["data"])
        self.before = None if asked is None else matching.as_event_found(asked, fact["data"], documents.people)
        self._matched: dict[tuple[bytes, int | None], bool | None] = {}
        self._bodies: dict[tuple[str, bool], bytes] = {}

    def body(self, subscription: Subscription, principal: Principal) -> bytes | None:
        """The rendered event; None when it matches neither after nor before the change."""
        asked = (subscription.filter_key, principal.user_id)  # `me` is somebody else for everyone
        if asked not in self._matched:
            self._matched[asked] = self._match(subscription.filters, principal)
        matched = self._matched[asked]
        if matched is None:
            return None
        key = (subscription.format, matched)
        if key not in self._bodies:
            self._bodies[key] = presenters.event(self.fact, self.shown, form=key[0], matched=matched)
        return self._bodies[key]

    def _match(self, filters: Mapping[str, Any], principal: Principal) -> bool | None:
        if not filters:
            return True
        if self.after is None or self.before is None:
            return None
        matches = matcher(filters, principal=principal)
        if matches(self.after):
            return True
        created = self.fact["type"] == "bug.created"
        return False if not created and matches(self.before) else None


def read_documents(facts: Sequence[Fact], is_shown: bool, is_filtered: bool) -> Documents:
    """One read for all of a batch, of what its receivers need."""
    ids = [UUID(name) for name in {fact["subject"][4:] for fact in facts if fact["subject"].startswith("bug:")}]
    texts = bugs.documents_by_id(ids) if ids and is_shown else {}
    shown = {name: orjson.loads(text) for name, text in texts.items()}
    if not (ids and is_filtered):
        return Documents(shown)
    moves = [(fact["data"].get("changes") or {}).get("assignee") for fact in facts]
    people = {move["from"] for move in moves if move and move["from"] is not None}
    return Documents(shown, matching.filter_documents(ids), matching.names_of(people))
