"""From an empty database to a full one, and how long each step took."""

import random
import time
from array import array
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from audit import partitions
from audit.identifiers import first_of
from bench.seed import around, calendar, cast, crew, errors, frames, indexes, lifecycles, vocabulary
from bench.seed.plan import RELEASE_MS, Groups, Plan, make_groups
from bugs.models import Bug, Project, Release
from bugs.query import words

SEED = 7
FRAMES_MAX, STREAM_MAX = 3_000, 1_200_000  # at most; small data has fewer texts
TABLES = ["bugs_bug", "bugs_comment", "bugs_errorgroup", "bugs_affecteduser", "bugs_errorreport", "bugs_word"]
BAR = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


class NotEmpty(Exception):
    """The database has bugs that somebody may want to keep."""


def fill(
    *,
    bugs: int,
    errors: int,
    seed: int = SEED,
    until: datetime | None = None,
    force: bool = False,
    rollups: bool = True,
) -> dict[str, float]:
    """Fill the database; seconds by step.

    Raises NotEmpty when there are bugs, unless `force` says that they may stay beside, and ValueError when there are
    too few error reports for the bugs that come from errors. rollups: count it all for analytics too.
    """
    with psycopg.connect(dsn()) as database:
        indexes.put_back(database, lambda name: None)
    if Bug.objects.exists() and not force:
        raise NotEmpty
    steps = Steps()
    with Progress(*BAR) as progress:
        plan = _plan(bugs, errors, seed, until or datetime.now(UTC))
        steps.mark("plan")
        _fill(plan, progress, steps)
    if rollups:
        call_command("rebuild_rollups", verbosity=0, stdout=StringIO())
        steps.mark("rollups")
    return steps.seconds


class Steps:
    """Seconds since the last mark, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = time.monotonic()

    def mark(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name], self._began = now - self._began, now


def dsn() -> str:
    parameters = connection.get_connection_params()
    kept = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    return psycopg.conninfo.make_conninfo(**kept)


def _plan(bugs: int, reports: int, seed: int, until: datetime) -> Plan:
    dice = random.Random(seed)
    end = int(until.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000
    since = end - calendar.DAYS * calendar.DAY_MS
    actors = cast.make(dice, since)
    days = calendar.make(dice, bugs=bugs, shares=actors.shares, until_ms=end)
    with psycopg.connect(dsn(), autocommit=True) as database:
        stream = _stream(database, dice, min(STREAM_MAX, max(5_000, bugs * 4)))
        made = frames.make(database, dice, max(40, min(FRAMES_MAX, bugs // 40)), stream[: frames.SLOTS])
        payloads, contexts = errors.pools(database, dice, end) if reports else ([], [])
        for month in _months(since, end):
            database.execute(partitions.create_month("bugs_errorreport", month))
    usable = [place for place, frame in enumerate(made) if reports or frame.error is None]
    plan = Plan(
        seed=seed,
        until=end,
        since=since,
        cast=actors,
        calendar=days,
        frames=made,
        frame=array("H", dice.choices(usable, k=bugs)),
        texts=[word for word, _ in stream],
        stems=[stem for _, stem in stream],
        lives=lifecycles.make(dice),
        groups=Groups(array("I"), array("I"), array("I"), array("q"), [], {}),
        payloads=payloads,
        contexts=contexts,
    )
    failed = [bug for bug in range(bugs) if plan.frames[plan.frame[bug]].error]
    if len(failed) > reports or len(failed) > 1 << 20:
        raise ValueError(f"{bugs} bugs have {len(failed)} groups of errors; that many reports at least, or none.")
    resolved = [plan.stage(bug).resolved for bug in failed]
    made_groups = make_groups(
        dice, bugs=failed, created=days.created, resolved=resolved, reports=reports, since=since, until=end
    )
    return Plan(**{name: getattr(plan, name) for name in Plan.__slots__} | {"groups": made_groups})


def _stream(database: Any, dice: random.Random, length: int) -> list[tuple[bytes, bytes]]:
    fixed = frames.fixed_words()
    row = database.execute("SELECT tsvector_to_array(to_tsvector('english', %s))", ["\n".join(fixed)]).fetchone()
    taken = {word for text in fixed for word in words.of(text)} | set(row[0])
    return vocabulary.stream(dice, vocabulary.plain(database, vocabulary.candidates(dice), taken), length)


def _months(since: int, until: int) -> list[datetime]:
    first = datetime.fromtimestamp(since / 1000, UTC)
    months = [partitions.month_start(first, offset) for offset in range(calendar.DAYS // 28 + 2)]
    return [month for month in months if month.timestamp() * 1000 <= until]


def _fill(plan: Plan, progress: Progress, steps: Steps) -> None:
    with psycopg.connect(dsn()) as database:
        indexes.drop(database, TABLES)
        steps.mark("indexes off")
        totals = {"bugs_bug": len(plan.frame), "bugs_errorreport": sum(map(len, plan.groups.weeks))}
        with crew.workers(plan, dsn()) as fill_table:
            for table in crew.TABLES:
                task = progress.add_task(table, total=totals.get(table))
                for count in fill_table(table):
                    progress.advance(task, count)
                progress.update(task, total=progress.tasks[task].completed)
                steps.mark(table)
        task = progress.add_task("words of projects", total=len(plan.cast.projects))
        for _ in around.learn(database, plan.cast.projects):
            progress.advance(task)
        steps.mark("words of projects")
        around.visit(database, first_of(datetime.fromtimestamp(plan.until / 1000, UTC) - around.SESSIONS))
        _rest(plan)
        steps.mark("sessions and releases")
        task = progress.add_task("indexes", total=indexes_of(database))
        indexes.put_back(database, lambda name: progress.advance(task))
        steps.mark("indexes")
    with psycopg.connect(dsn(), autocommit=True) as database:
        database.execute("VACUUM (ANALYZE)")
    steps.mark("vacuum and statistics")


def indexes_of(database: Any) -> int:
    total: int = database.execute(f"SELECT count(*) FROM {indexes.KEPT}").fetchone()[0]
    return total


def _rest(plan: Plan) -> None:
    """What there are few of: the next numbers, releases."""
    counts = plan.calendar.counts(len(plan.cast.projects))
    for place, (project, count) in enumerate(zip(plan.cast.projects, counts, strict=True)):
        Project.objects.filter(pk=project).update(next_bug_number=count + 1)
        Release.objects.bulk_create(
            Release(project_id=project, version=plan.release(place, at)[4:].decode(), created_at=day, released_at=day)
            for at in range(plan.since, plan.until, RELEASE_MS)
            for day in [datetime.fromtimestamp(at / 1000, UTC)]
        )
