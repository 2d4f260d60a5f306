"""Facts that tell of many things at once become one client event for each. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import orjson

from audit.actors import Principal
from streaming.streams.stream import Fact, Subscription

T = TypeVar("T")
Question = Callable[[T], bool]
Key = tuple[Any, ...]


class BatchRendering(Generic[T]):
    """What a fact tells of, in its order.

    question: a subscription's, and a person's when it has a query, in which `me` is somebody else for everyone; asked
    once of each thing. body: a thing as the event of a format, made once.
    """

    latest: str | None = None

    def __init__(
        self,
        things: Iterable[T],
        *,
        question: Callable[[Subscription, Principal], Question[T]],
        body: Callable[[T, str], bytes],
    ) -> None:
        self._things = list(things)
        self._question, self._body = question, body
        self._matching: dict[Key, list[int]] = {}
        self._events: dict[tuple[str, int], bytes] = {}
        self._found: dict[Key, Sequence[bytes]] = {}

    def bodies(self, subscription: Subscription, principal: Principal) -> Sequence[bytes]:
        asker = principal.user_id if "q" in subscription.filters else None
        asked: Key = (subscription.filter_key, *subscription.options.items(), asker)
        found = self._found.get((subscription.format, asked))
        if found is None:
            if (matching := self._matching.get(asked)) is None:
                matches = self._question(subscription, principal)
                matching = self._matching[asked] = [at for at, one in enumerate(self._things) if matches(one)]
            found = tuple(self._event(subscription.format, at) for at in matching)
            self._found[subscription.format, asked] = found
        return found

    def _event(self, form: str, at: int) -> bytes:
        if (event := self._events.get((form, at))) is None:
            event = self._events[form, at] = self._body(self._things[at], form)
        return event


def client_event(
    fact: Fact,
    *,
    event_id: Any,
    event_type: str,
    metadata: Mapping[str, Any],
    timestamp: Any = None,
    bug_id: Any = None,
) -> bytes:
    """The specification's event about something that is no bug."""
    return orjson.dumps(
        {
            "event_id": event_id,
            "timestamp": timestamp or fact["occurred_at"],
            "event_type": event_type,
            "bug_id": bug_id,
            "changes": {},
            "metadata": {"type": fact["type"], "project_id": fact["project_id"], "matched": True, **metadata},
        }
    )


def picked(document: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: document.get(name) for name in names}
