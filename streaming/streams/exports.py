"""Exports on the stream: asked for, under way, done."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from audit.actors import Principal
from bugs import policy
from bugs.filters import BadFilter
from streaming import presenters
from streaming.streams.stream import SNAPSHOT_LIMIT, Fact, Snapshot, Stream, Subscription


class ExportRendering:
    """One step of an export, for those who see the export itself; only the newest progress of one is worth sending."""

    def __init__(self, fact: Fact) -> None:
        data = fact["data"]
        self._projects = [UUID(name) for name in data.get("project_ids") or [fact["project_id"]]]
        self._actions = ("export.create", "pii.export") if data.get("is_raw") else ("export.create",)
        self._body = (presenters.event(fact, None, form="compact"),)
        self.latest = fact["subject"] if fact["type"] == "export.progress" else None

    def bodies(self, subscription: Subscription, principal: Principal) -> Sequence[bytes]:
        may_see = all(policy.allows(principal, action, one) for action in self._actions for one in self._projects)
        return self._body if may_see else ()


def _read(facts: Sequence[Fact], asked: Sequence[Subscription]) -> list[ExportRendering]:
    return [ExportRendering(fact) for fact in facts]


def no_filters(name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """For streams without any."""
    if values:
        raise BadFilter(next(iter(values)), f"{name} takes no filters.")
    return {}


def _snapshot(principal: Principal, subscription: Subscription) -> Snapshot:
    """Those under way and the newest; they live in a sibling, which the settings name."""
    items = import_string(settings.STREAM_SNAPSHOTS["exports"])(principal, SNAPSHOT_LIMIT + 1)
    return Snapshot(items[:SNAPSHOT_LIMIT], is_whole=len(items) <= SNAPSHOT_LIMIT)


STREAMS = (
    Stream(
        name="exports",
        about="exports in projects where you may export, with progress",
        action="export.create",
        types=("export.*",),
        event_types=("export_requested", "export_progress", "export_completed", "export_failed", "export_revoked"),
        read=_read,
        concerns=lambda fact: True,
        clean=partial(no_filters, "exports"),
        snapshot=_snapshot,
        rest="/api/v1/exports/",
    ),
)
