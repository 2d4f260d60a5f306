"""Believable data through COPY: five projects, forty people, a year of bugs, sixty days of error reports."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

import orjson
import psycopg
import zstandard
from django.db import connection
from psycopg.types.json import Jsonb
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from audit import partitions
from audit.actors import SYSTEM
from bugs import people
from bugs.choices import BugType, Level, Resolution, Role, Severity, Status
from bugs.models import Project, User

PROJECTS = {"WEB": "Web shop", "API": "Public API", "APP": "Mobile app", "PAY": "Payments", "OPS": "Operations"}
WHERE = ["checkout", "basket", "search", "login", "profile", "invoice", "upload", "report", "calendar", "mail"]
WHAT = ["fails", "hangs", "is empty", "shows the wrong total", "loses its filter", "answers 500", "is slow"]
WHEN = ["after an update", "on a slow network", "with two tabs open", "in Firefox", "on Mondays", "at midnight"]
ERRORS = ["TimeoutError", "KeyError", "ValueError", "IntegrityError", "TypeError", "ConnectionResetError"]
DONE = (Status.RESOLVED, Status.CLOSED)
BATCH = 2_000

_BUG = (
    "id, project_id, number, title, description, status, severity, bug_type, resolution, component, environment, "
    "release, tags, reporter_id, assignee_id, error_level, error_count, version, created_at, updated_at, "
    "resolved_at, deleted_at"
)
_GROUP = "id, project_id, fingerprint, grouping, title, culprit, level, bug_id, reports, first_seen_at, last_seen_at"
_REPORT = (
    "id, project_id, group_id, event_id, occurred_at, received_at, level, message, component, environment, "
    "release, session_id, payload"
)


def fill(*, bugs: int, reports: int) -> None:
    """Fill an empty database; one that has its projects already stays as it is."""
    if Project.objects.filter(key="PAY").exists():
        return
    dice = random.Random(7)
    now = datetime.now(UTC)
    projects, users = _cast()
    _make_months(now)
    groups: list[tuple[Any, ...]] = []
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with psycopg.connect(dsn()) as database, Progress(*columns) as progress:
        _copy(database, progress, "bugs_bug", _BUG, _bugs(dice, now, projects, users, bugs, groups), bugs)
        _copy(database, progress, "bugs_errorgroup", _GROUP, groups, len(groups))
        _copy(database, progress, "bugs_errorreport", _REPORT, _reports(dice, now, groups, reports), reports)
        database.execute(
            "INSERT INTO bugs_seenevent (project_id, event_id, seen_at) "
            "SELECT project_id, event_id, received_at FROM bugs_errorreport"
        )
        database.execute(
            "UPDATE bugs_project p SET next_bug_number = 1 + "
            "(SELECT coalesce(max(number), 0) FROM bugs_bug b WHERE b.project_id = p.id)"
        )
    with psycopg.connect(dsn(), autocommit=True) as database:
        database.execute("VACUUM ANALYZE")


def _cast() -> tuple[list[UUID], list[int]]:
    projects = [people.make_project(key=key, name=name, by=SYSTEM) for key, name in PROJECTS.items()]
    users = [User.objects.create(username=f"person{number:02}") for number in range(40)]
    for number, user in enumerate(users):
        for project in projects[number % 2 :: 2]:
            people.join(project=project, user=user, role=list(Role)[number % len(Role)], by=SYSTEM)
    return [project.pk for project in projects], [user.pk for user in users]


def _make_months(now: datetime) -> None:
    with connection.cursor() as cursor:
        for offset in (-3, -2, -1):
            month = partitions.month_start(now, offset)
            cursor.execute(partitions.create_month("bugs_errorreport", month))


def dsn() -> str:
    parameters = connection.get_connection_params()
    return psycopg.conninfo.make_conninfo(
        dbname=parameters["dbname"], user=parameters.get("user"), host=parameters.get("host")
    )


def _copy(database: Any, progress: Progress, table: str, columns: str, rows: Iterable[Any], total: int) -> None:
    task = progress.add_task(table, total=total)
    with database.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for number, row in enumerate(rows, 1):
            copy.write_row(row)
            if number % BATCH == 0:
                progress.advance(task, BATCH)
    progress.update(task, completed=total)


def _identifier(moment: datetime, dice: random.Random) -> UUID:
    """A UUIDv7 of a moment in the past."""
    milliseconds = int(moment.timestamp() * 1000)
    tail = dice.getrandbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & (1 << 62) - 1)


def _moments(dice: random.Random, now: datetime, days: int, count: int) -> Iterator[datetime]:
    """In order, as a table that was filled day by day has them."""
    step = timedelta(days=days) / max(count, 1)
    return (now - timedelta(days=days) + step * (number + dice.random()) for number in range(count))


def _bugs(
    dice: random.Random,
    now: datetime,
    projects: list[UUID],
    users: list[int],
    count: int,
    groups: list[tuple[Any, ...]],
) -> Iterator[tuple[Any, ...]]:
    numbers = dict.fromkeys(projects, 0)
    for created in _moments(dice, now, 365, count):
        project = dice.choices(projects, (40, 25, 15, 12, 8))[0]
        numbers[project] += 1
        yield _bug(dice, now, created, project, numbers[project], users, groups)


def _bug(
    dice: random.Random,
    now: datetime,
    created: datetime,
    project: UUID,
    number: int,
    users: list[int],
    groups: list[tuple[Any, ...]],
) -> tuple[Any, ...]:
    status = dice.choices(list(Status), (20, 15, 12, 18, 30, 5))[0]
    done = status in DONE
    updated = created + (now - created) * dice.random() ** 3
    title = f"{dice.choice(WHERE).capitalize()} {dice.choice(WHAT)} {dice.choice(WHEN)}"
    bug_id = _identifier(created, dice)
    is_error = dice.random() < 0.2
    errors = int(dice.paretovariate(0.9)) if is_error else 0
    if is_error:
        error = f"{dice.choice(ERRORS)}: {title.lower()}"
        groups.append(_group(dice, now, bug_id, project, error, min(errors, 100_000)))
    return (
        bug_id, project, number, title, f"{title}. " * dice.randint(1, 12), status,
        dice.choices(list(Severity), (35, 40, 20, 5))[0], dice.choice(list(BugType)),
        dice.choice(list(Resolution)) if done else "", dice.choice(WHERE),
        dice.choice(["production", "staging", ""]), f"2.{dice.randint(0, 40)}.{dice.randint(0, 9)}",
        Jsonb({"team": dice.choice(["blue", "green", "red"]), "browser": dice.choice(["firefox", "chrome"])}),
        dice.choice(users), dice.choice(users) if dice.random() < 0.6 else None,
        "error" if is_error else "", min(errors, 100_000), dice.randint(1, 6), created, updated,
        updated if done else None, None,
    )  # fmt: skip


def _group(
    dice: random.Random, now: datetime, bug_id: UUID, project: UUID, title: str, reports: int
) -> tuple[Any, ...]:
    first = now - timedelta(days=60) * dice.random()
    fingerprint = f"{dice.getrandbits(128):032x}"
    identifier = _identifier(first, dice)
    return (
        identifier,
        project,
        fingerprint,
        "in-app frames",
        title,
        "shop.views.show",
        Level.ERROR,
        bug_id,
        reports,
        first,
        now,
    )


def _reports(
    dice: random.Random, now: datetime, groups: list[tuple[Any, ...]], count: int
) -> Iterator[tuple[Any, ...]]:
    weights = list(accumulate(group[8] for group in groups))
    payloads = [_payload(dice) for _ in range(500)]
    chosen = iter(dice.choices(groups, cum_weights=weights, k=count))
    for moment, group in zip(_moments(dice, now, 60, count), chosen, strict=True):
        yield (
            _identifier(moment, dice), group[1], group[0], UUID(int=dice.getrandbits(128)), moment, moment, group[6],
            group[4], dice.choice(WHERE), "production", f"2.{dice.randint(0, 40)}.0",
            f"{dice.getrandbits(64):016x}", dice.choice(payloads),
        )  # fmt: skip


def _payload(dice: random.Random) -> bytes:
    frames = [
        {"function": f"{dice.choice(WHERE)}_{line}", "filename": f"shop/{dice.choice(WHERE)}.py", "lineno": line}
        for line in range(1, dice.randint(8, 40))
    ]
    report = {"exception": [{"type": dice.choice(ERRORS), "value": dice.choice(WHAT), "frames": frames}]}
    return zstandard.ZstdCompressor(level=3).compress(orjson.dumps(report))
