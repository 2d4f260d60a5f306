"""Figures of projects on the stream: told anew where something happened, at a pace of their own."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import orjson
from django.utils import timezone

from audit.actors import Principal
from audit.matching import matches
from bugs import filters as bug_filters
from bugs import policy
from bugs.selectors import figures
from streaming.streams.stream import SNAPSHOT_LIMIT, Fact, Snapshot, Stream, Subscription

TYPE, ACTION, OPTION = "analytics.updated", "analytics.read", "metrics_type"
REMEMBERED = 10_000
_STIRRED_BY = ("bug.*", "error.received", "error_group.*")


class Told(NamedTuple):
    """The figures of one kind of a project at one moment."""

    project: figures.Measured
    kind: str
    as_of: datetime
    figures: Mapping[str, Any]
    changes: Mapping[str, Any]

    def document(self, form: str) -> dict[str, Any]:
        """compact: the totals alone. detailed: with what there was over time."""
        left_out = {"compact": self.figures.keys() - {"totals"}, "detailed": set()}.get(form, {"series"})
        return {
            "project_id": self.project.id,
            "project": self.project.key,
            OPTION: self.kind,
            "as_of": self.as_of,
            "figures": {name: value for name, value in self.figures.items() if name not in left_out},
        }

    def event(self, form: str) -> bytes:
        return orjson.dumps(
            {
                # Not of the figures alone: those that come back to what they were are news, and clients drop ids twice.
                "event_id": uuid5(self.project.id, f"{self.kind} {self.as_of.isoformat()}"),
                "timestamp": self.as_of,
                "event_type": "analytics_update",
                "bug_id": None,
                "changes": self.changes,
                "metadata": {"type": TYPE, "matched": True, **self.document(form)},
            }
        )


class AnalyticsRendering:
    """The present figures of one project, of each kind that somebody asked for; none of projects nobody wants."""

    def __init__(self, fact: Fact, told: Mapping[str, Told]) -> None:
        self.latest = fact["subject"]
        self._told = told
        self._bodies: dict[tuple[str, str], tuple[bytes]] = {}

    def bodies(self, subscription: Subscription, principal: Principal) -> Sequence[bytes]:
        told = self._told.get(_kind(subscription))
        wanted = subscription.filters.get("project")
        if told is None or (wanted and told.project.key not in wanted):
            return ()
        key = (told.kind, subscription.format)
        if key not in self._bodies:
            self._bodies[key] = (told.event(subscription.format),)
        return self._bodies[key]


class Memory:
    """The totals that were told last, bounded: what has changed since is told beside the new ones."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[UUID, str], Mapping[str, Any]] = OrderedDict()

    def changes(self, project_id: UUID, kind: str, totals: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing the first time."""
        before = self._last.pop((project_id, kind), totals)
        self._last[project_id, kind] = totals
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return {name: {"from": before[name], "to": now} for name, now in totals.items() if before[name] != now}


_memory = Memory()


def read(facts: Sequence[Fact], asked: Sequence[Subscription]) -> list[AnalyticsRendering]:
    """The figures of all these projects, each kind that was asked for from one set of statements."""
    now, ids = timezone.now(), {UUID(fact["project_id"]) for fact in facts}
    measured = figures.projects(ids, keys=_keys(asked))
    told: dict[str, dict[str, Told]] = {}
    for kind in sorted({_kind(one) for one in asked}):
        for one in _told(kind, measured, now, _memory):
            told.setdefault(str(one.project.id), {})[kind] = one
    return [AnalyticsRendering(fact, told.get(fact["project_id"], {})) for fact in facts]


def _told(kind: str, measured: Sequence[figures.Measured], now: datetime, memory: Memory | None = None) -> list[Told]:
    found = figures.of_projects(kind, measured, now)
    return [
        Told(one, kind, now, its, memory.changes(one.id, kind, its["totals"]) if memory else {})
        for one in measured
        if (its := found.get(one.id))
    ]


def _kind(subscription: Subscription) -> str:
    return subscription.options.get(OPTION, figures.BUGS)


def _keys(asked: Sequence[Subscription]) -> set[str]:
    """Of the only projects that anybody wants; empty when somebody wants all."""
    keys = [subscription.filters.get("project") for subscription in asked]
    return {key for some in keys for key in some or ()} if all(keys) else set()


def _clean(values: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in values:
        if name != "project":
            raise bug_filters.BadFilter(name, "analytics can be filtered by project alone.")
    wanted = values["project"]
    return bug_filters.clean({"project": wanted if isinstance(wanted, list) else [wanted]}, is_live=True)


def _snapshot(principal: Principal, subscription: Subscription) -> Snapshot:
    mine = policy.projects(principal, ACTION)
    measured = figures.projects(mine, keys=subscription.filters.get("project") or (), limit=SNAPSHOT_LIMIT + 1)
    told = _told(_kind(subscription), measured[:SNAPSHOT_LIMIT], timezone.now())
    return Snapshot([one.document(subscription.format) for one in told], is_whole=len(measured) <= SNAPSHOT_LIMIT)


STREAMS = (
    Stream(
        name="analytics",
        about="figures of bugs, of errors or of how work goes, of each project where something happened",
        action=ACTION,
        types=(TYPE,),
        event_types=("analytics_update",),
        read=read,
        concerns=lambda fact: True,
        clean=_clean,
        snapshot=_snapshot,
        filter_names=("project",),
        option_names=(OPTION,),
        option_values={OPTION: tuple(figures.KINDS)},
        stirred_by=lambda fact: matches(fact["type"], _STIRRED_BY),
        rest="/api/v1/analytics/bugs/",
    ),
)
