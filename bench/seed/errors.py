"""The rows of error groups, their users and their reports."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import zstandard

from bench.seed import bugs, packing, phrases
from bench.seed.bugs import ENVIRONMENTS
from bench.seed.packing import json, moment, number, raw, text
from bench.seed.plan import Plan
from bench.seed.vocabulary import COMPONENTS
from bugs.ingest.reading import normalize
from bugs.query import context

GROUP = (
    "id, project_id, fingerprint, grouping, title, culprit, level, bug_id, reports, users, context, context_words, "
    "first_seen_at, last_seen_at"
)
USER = "group_id, user_key, first_seen_at"
REPORT = (
    "id, project_id, group_id, event_id, occurred_at, received_at, level, message, component, environment, release, "
    "session_id, payload"
)
PAYLOADS, CONTEXTS, CULPRITS, CROWD = 2_000, 500, 400, 200_000
_KEY = 0xDA942042E4DD58B5C2B2AE3D27D4EB4F


def pools(database: Any, dice: random.Random, until_ms: int) -> tuple[list[bytes], list[bytes]]:
    """Reports of SDKs as ingest keeps them (traces, what went before, the request), and what groups keep of them."""
    pack = zstandard.ZstdCompressor(level=3).compress
    received = datetime.fromtimestamp(until_ms / 1000, UTC)
    found = [normalize.normalize(_event(dice, received), received_at=received) for _ in range(PAYLOADS)]
    payloads = [raw(pack(orjson.dumps(report.as_payload(), default=str))) for report in found]
    return payloads, [_context(database, report) for report in found[:CONTEXTS]]


def _context(database: Any, report: normalize.Report) -> bytes:
    calls = [crumb["data"] for crumb in report.breadcrumbs if crumb.get("type") == "http"]
    failed = [call for call in calls if call["status_code"] >= 500]
    kept = context.merge({}, {
        "breadcrumb": [crumb["message"] for crumb in report.breadcrumbs if "message" in crumb],
        "api_failure": [f"{call['method']} {call['url']} {call['status_code']}" for call in failed],
        "exception": [report.exception_type, report.exception_value],
        "file": [frame["filename"] for frame in report.frames],
        "function": [frame["function"] for frame in report.frames],
        "browser": [report.tags["browser"]],
        "os": [report.tags["os"]],
    })  # fmt: skip
    with database.cursor(binary=True) as cursor:
        (vector,) = cursor.execute("SELECT %s::tsvector", [context.vector(kept)]).fetchone()
    return json(kept) + raw(vector)


def _event(dice: random.Random, received: datetime) -> dict[str, Any]:
    names = [f"{dice.choice(COMPONENTS)}_{dice.choice(phrases.CHOICES['act'])}" for _ in range(40)]
    trace = [_call(dice, names) for _ in range(dice.randint(6, 30))]
    kind, _, said = dice.choice(phrases.ERRORS).replace("#", dice.choice(names)).partition(": ")
    at = received - timedelta(minutes=1)
    return {
        "platform": dice.choice(["python", "javascript", "java"]),
        "timestamp": at.isoformat(),
        "exception": {"values": [{"type": kind, "value": said, "stacktrace": {"frames": trace}}]},
        "breadcrumbs": {"values": [_crumb(dice, at, names) for _ in range(dice.randint(2, 8))]},
        "tags": {"browser": dice.choice(bugs.BROWSERS), "os": dice.choice(bugs.SYSTEMS)},
        "user": {"id": str(dice.randrange(CROWD))},
        "request": {"url": f"https://shop.example/{dice.choice(COMPONENTS)}/{dice.randrange(9999)}", "method": "POST"},
        "contexts": {"runtime": {"name": "CPython", "version": "3.12"}, "device": {"memory": dice.randrange(1 << 33)}},
    }


def _call(dice: random.Random, names: list[str]) -> dict[str, Any]:
    module = f"shop.{dice.choice(COMPONENTS)}.{dice.choice(names)}"
    return {
        "module": module,
        "filename": module.replace(".", "/") + ".py",
        "function": dice.choice(names),
        "lineno": dice.randrange(1, 900),
        "in_app": dice.random() < 0.5,
        "context_line": f"    {dice.choice(names)} = {dice.choice(names)}({dice.choice(names)}, {dice.randrange(99)})",
    }


def _crumb(dice: random.Random, at: datetime, names: list[str]) -> dict[str, Any]:
    moment = (at - timedelta(seconds=dice.random() * 300)).isoformat()
    if dice.random() < 0.3:
        status = dice.choice([200, 200, 200, 404, 401, 500])
        data = {"url": f"/api/v1/{dice.choice(names)}", "method": "GET", "status_code": status}
        return {"type": "http", "category": "fetch", "timestamp": moment, "data": data}
    return {"category": "ui.click", "message": f"button#{dice.choice(names)}", "timestamp": moment}


def groups(plan: Plan, begin: int, end: int) -> Iterator[bytes]:
    dice = plan.dice("culprits")
    names = phrases.CHOICES["act"]
    culprits = [text(f"shop.{dice.choice(COMPONENTS)} in {dice.choice(names)}") for _ in range(CULPRITS)]
    projects = [packing.uuid(project) for project in plan.cast.projects]
    for group in range(begin, end):
        bug, found = plan.groups.bug[group], plan.groups
        yield b"".join((
            plan.group_id(group), projects[plan.calendar.project[bug]],
            text(f"{(group + 1) * _KEY & (1 << 128) - 1:032x}"), text("v1:stack trace"), raw(_title(plan, bug)),
            culprits[group % CULPRITS], bugs.level(group), plan.bug_id(bug), number(found.reports[group]),
            number(found.users[group]), plan.contexts[group % len(plan.contexts)],
            moment(plan.calendar.created[bug]), moment(found.last[group]),
        ))  # fmt: skip


def _title(plan: Plan, bug: int) -> bytes:
    error = plan.frames[plan.frame[bug]].error
    assert error is not None
    return error.fill(plan.given(bug))


def users(plan: Plan, begin: int, end: int) -> Iterator[bytes]:
    """The same people meet many errors; a key is a hash of one."""
    for group in range(begin, end):
        head, seen = plan.group_id(group), moment(plan.calendar.created[plan.groups.bug[group]])
        first = plan.tail(group) % CROWD
        for place in range(plan.groups.users[group]):
            key = ((first + place) % CROWD + 1) * _KEY & (1 << 128) - 1
            yield head + text(f"{key:032x}") + seen


def reports(plan: Plan, week: int, begin: int, end: int) -> Iterator[bytes]:
    """A part of a week's reports in the order of time."""
    dice = plan.dice("reports", week, begin)
    throw, projects = dice.random, [packing.uuid(project) for project in plan.cast.projects]
    components, environments = [text(name) for name in COMPONENTS], [text(name) for name in ENVIRONMENTS]
    some = len(plan.payloads)
    for code in sorted(plan.groups.weeks[week])[begin:end]:
        at, group = plan.since + (code >> 20), code & 0xFFFFF
        bug = plan.groups.bug[group]
        project = plan.calendar.project[bug]
        when, tail = moment(at), dice.getrandbits(128)
        yield b"".join((
            packing.identifier(at, tail), projects[project], plan.group_id(group), raw(tail.to_bytes(16, "big")),
            when, when, bugs.level(group), raw(_title(plan, bug)), components[group % len(components)],
            environments[int(throw() * 2.3)], plan.release(project, at), text(f"{tail & 0xFFFFFFFFFFFF:012x}"),
            plan.payloads[int(throw() * some)],
        ))  # fmt: skip
