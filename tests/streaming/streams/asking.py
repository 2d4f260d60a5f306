"""A subscription as a client asks for it, and what of the log concerns it."""

from typing import Any

from audit import replays
from audit import selectors as history
from streaming import subscriptions
from streaming.streams import Subscription


def subscribed(kind: str, form: str = "json", **more: Any) -> Subscription:
    (one,) = subscriptions.parse({"op": "subscribe", "id": "s1", "type": kind, "format": form, **more})
    return one


def facts_of(one: Subscription) -> list[Any]:
    start = history.Position(history.position().mark, 0)
    found = replays.facts_since(start, types=one.stream.types, limit=10_000) or []
    return [fact for fact in found if one.stream.may_concern(fact)]
