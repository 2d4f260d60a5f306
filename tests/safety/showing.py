"""Everything that Bugwire says of what it keeps: answers of every route, files, pages, events, calls of webhooks."""

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone

from apikeys.models import ApiKey
from audit import chains, eras, pulling, replays
from audit.models import AccessRecord, Event
from audit.selectors import Position
from bugs import models as bugs
from bugs import selectors
from exports import runner, snapshot
from exports.formats import Format
from exports.models import Export
from integrations import delivery, dispatch
from integrations.models import Connector, Endpoint
from integrations.outbound import Answer
from streaming.fanout.pulse import Pulse
from streaming.streams import STREAMS, TYPES, Subscription
from streaming.streams.stream import FORMATS
from tests.bugs.safety import doors
from tests.safety.planting import API, Doors

Places = Iterator[tuple[str, str]]
ROWS = 3  # of each kind that are asked for one by one
KINDS: dict[str, type[Model]] = {
    "bugs": bugs.Bug, "errors": bugs.ErrorReport, "error_grouping": bugs.ErrorReport, "feedback": bugs.Feedback,
    "error_groups": bugs.ErrorGroup, "error_patterns": bugs.ErrorGroup, "sessions": bugs.Session, "exports": Export,
    "releases": bugs.Release, "comments": bugs.Comment, "comment_history": bugs.Comment, "views": bugs.SavedView,
    "attachments": bugs.Attachment, "assignment_rules": bugs.AssignmentRule, "grouping_rules": bugs.GroupingRule,
    "escalation_rules": bugs.EscalationRule, "webhook": Endpoint, "connectors": Connector, "api_keys": ApiKey,
    "audit_events": Event, "audit_access": AccessRecord, "outcomes": bugs.ErrorReport, "erasures": bugs.Erasure,
    "group_roles": bugs.GroupRole,
}  # fmt: skip
# Beside those that are generated: parameters that show more of the same.
MORE = (
    *("bugs/?expand=all", "bugs/search/?text=broke", "bugs/search/?facets=all", "bugs/?q=is:open", "feedback/"),
    *(f"analytics/bugs/?group_by={name}" for name in ("component", "environment", "release", "severity")),
    *(f"analytics/errors/?group_by={name}" for name in ("component", "environment", "release", "level")),
    *("analytics/performance/?group_by=component", "ingest/outcomes/?project=WEB", "sessions/?project=WEB"),
)


def answers(client: Any) -> Places:
    """Of every GET route that shows no raw data, as one client gets them; refusals too."""
    for door in doors.operations():
        if door.method == "get" and door.requires and door.requires != "pii.read":
            for names in _names(door):
                yield from _answer(client, door.address(**names))
    for path in MORE:
        yield from _answer(client, API + path)


def _answer(client: Any, path: str) -> Places:
    answer = client.get(path, {} if "?" in path or not path.endswith("s/") else {"limit": 200})
    if answer.status_code == 400:
        answer = client.get(path)
    content = answer.getvalue() if answer.streaming else answer.content
    yield path, content.decode("utf-8", "replace") + str(dict(answer.headers))


def _names(door: doors.Door) -> Iterator[dict[str, Any]]:
    """What the path may name: some rows that are there."""
    if not door.groups:
        yield {}
    for row in _some(door) if door.groups else ():
        found = {
            "key": "WEB",
            "username": "bob",
            "pk": getattr(row, "event_id" if door.basename == "outcomes" else "pk"),
        }
        found["bug"] = getattr(row, "bug_id", None) or bugs.Bug.objects.order_by("?").values_list("pk", flat=True)[0]
        yield {name: found[name] for name in door.groups}


def _some(door: doors.Door) -> QuerySet[Any]:
    kind: Any = KINDS.get(door.basename, bugs.Bug)
    return kind.objects.order_by("?")[:ROWS]


def audit_pull(client: Any) -> Places:
    """All access records, as whoever keeps them elsewhere pulls them; those of an open transaction too."""
    cursor, ended = "", pulling._END
    patch = pytest.MonkeyPatch()
    patch.setattr(pulling, "_END", ended.replace(chains.SETTLED, "%s IS NOT NULL"))
    while True:
        query = urlencode({"format": "ndjson", "limit": 1_000} | ({"cursor": cursor} if cursor else {}))
        answer = client.get(f"{API}audit/access/?{query}")
        lines = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, lines
        yield "audit pull", lines.decode()
        if lines.count(b"\n") < 1_000:
            return patch.undo()
        cursor = answer["Next-Cursor"]


def exports(doors_: Doors) -> Places:
    """The file of every format. All is read in the transaction of the test, which no other snapshot sees."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot.Snapshot, "reading", lambda now: nullcontext())
        for form in Format:
            doors_.call("post", "exports/", {"format": form, "project": "WEB"})
            assert runner.run_due() == 1
    for path in Path(settings.MEDIA_ROOT, "exports").iterdir():
        yield path.name, path.read_text()


def events() -> Places:
    """What sockets get, of every type of stream in every format: all that is in the log, and what there is now."""
    alice = selectors.principal_of(bugs.User.objects.get(username="alice"))
    facts = replays.facts_since(Position(eras.current().mark, 0), types=TYPES, limit=100_000) or []
    facts += [Pulse.fact(stream, str(pk)) for stream in STREAMS.values() if stream.stirred_by for pk in alice.roles]
    for stream, form in product(STREAMS.values(), FORMATS):
        subscription = Subscription("s", stream, form, filter_key=b"any")
        mine = [fact for fact in facts if stream.may_concern(fact)]
        for rendering in stream.read(mine, [subscription]):
            for body in rendering.bodies(subscription, alice):
                yield f"stream {stream.name} {form}", body.decode()
        yield f"snapshot {stream.name} {form}", orjson.dumps(stream.snapshot(alice, subscription).items).decode()


def console(browser: Any) -> Places:
    """Lists and first pages of all that operators see, but single access records: these are raw data."""
    for app in ("apikeys", "audit", "bugs", "exports", "integrations"):
        for path in _console_lists(app):
            page = browser.get(path)
            assert page.status_code == 200, path
            yield path, page.content.decode()


def _console_lists(app: str) -> Iterator[str]:
    from django.contrib import admin

    for model in admin.site._registry:
        if model._meta.app_label == app:
            at = f"/admin/{app}/{model._meta.model_name}/"
            yield at
            row: Any = model._default_manager.order_by("-pk").first()  # type: ignore[attr-defined]
            if row is not None and model is not AccessRecord:
                yield f"{at}{row.pk}/change/"


def deliveries(said: str) -> Places:
    """What webhooks are sent. said: what their receivers answer, which is kept in part."""
    dispatch.dispatch()
    while claimed := delivery.claim():
        for one in claimed:
            yield f"webhook {one.id}", one.payload
            assert delivery.finish(one, timezone.now(), Answer(status=410, body=said.encode()))
