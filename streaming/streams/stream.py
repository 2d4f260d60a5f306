"""What a type of stream is, and what one client asked of it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar

from audit.actors import Principal
from audit.matching import matches

T = TypeVar("T")
Fact = Mapping[str, Any]
SNAPSHOT_LIMIT = 100
FORMATS = ("json", "compact", "detailed")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One client's wish. filters: checked. filter_key: the filters as they came; equal ones are matched once per event.

    options: what this type takes beside filters (`metrics_type`, `user_id`).
    """

    id: str
    stream: "Stream"
    format: str = "json"
    filters: Mapping[str, Any] = field(default_factory=dict)
    filter_key: bytes = b""
    options: Mapping[str, str] = field(default_factory=dict)
    resume: str | None = None
    wants_snapshot: bool = False
    _questions: dict[int | None, Any] = field(default_factory=dict, compare=False, repr=False)

    def question(self, principal: Principal, ask: Callable[[Mapping[str, Any], Principal], T]) -> T:
        """The filters as a question to something, made once for a person: that costs far more than to ask it."""
        if principal.user_id not in self._questions:  # `me` is somebody else for everyone
            self._questions[principal.user_id] = ask(self.filters, principal)
        found: T = self._questions[principal.user_id]
        return found


class Snapshot(NamedTuple):
    """items: JSON objects, the newest first, at most SNAPSHOT_LIMIT. is_whole: whether there are no more."""

    items: Sequence[Any]
    is_whole: bool = True


class Rendering(Protocol):
    """One fact for all its receivers: matched once per filter and person, rendered once per format.

    latest: of what a newer one makes this one old; None when each counts.
    """

    latest: str | None

    def bodies(self, subscription: Subscription, principal: Principal) -> Sequence[bytes]:
        """The client's events as JSON; none when it does not match. Membership has been tested."""


Read = Callable[[Sequence[Fact], Sequence[Subscription]], Sequence[Rendering]]


@dataclass(frozen=True, slots=True)
class Stream:
    """A type of stream.

    action: what the policy must allow in the project of a fact. types: patterns of the events it is made from.
    concerns: which of these facts belong to it. clean: checks filters, raises bugs.filters.BadFilter.
    read: a batch of facts becomes as many renderings, by one read of the database, on a thread.
    snapshot: what there is now, on a thread; None when there is nothing to show. filter_names, option_names,
    event_types: for documents. option_values: what an option may be, where that is not any text. stirred_by: facts that
    make what it tells of their project old; the hub then tells anew. weight: how many events one fact may become.
    """

    name: str
    about: str
    action: str
    types: tuple[str, ...]
    event_types: tuple[str, ...]
    read: Read
    concerns: Callable[[Fact], bool]
    clean: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    snapshot: Callable[[Principal, Subscription], Snapshot]
    filter_names: tuple[str, ...] = ()
    option_names: tuple[str, ...] = ()
    option_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stirred_by: Callable[[Fact], bool] | None = None
    weight: Callable[[Fact], int] = lambda fact: 1
    rest: str = "/api/v1/bugs/"  # where a client reads again what a gap may hide

    def may_concern(self, fact: Fact) -> bool:
        return _matches(fact["type"], self.types) and self.concerns(fact)


_matches = lru_cache(maxsize=1_024)(matches)  # asked of thousands of facts for each client that comes back
