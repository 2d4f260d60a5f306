"""How work on bugs goes: how long it takes, what waits, what came and went, who has how much."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bugs import rollups
from bugs.choices import Severity
from bugs.selectors import counts, targets
from bugs.selectors.counts import Count, Question
from bugs.selectors.series import COLUMNS, Asked, heading, names_of
from bugs.selectors.targets import OPEN

SHARES = (0.5, 0.9, 0.95)
AGES = (1, 7, 30, 90)  # days at which an open bug becomes of the next age
AGE_NAMES = ("0-1d", "1-7d", "7-30d", "30-90d", "90d+")
MAX_PEOPLE = 50
MAX_GROUPS = 50
FLOW = (rollups.CREATED, rollups.RESOLVED, rollups.REOPENED)

# Open bugs are read once, by an index alone: by severity and age, and by whose they are.
_OPEN_BUGS = f"""
    SELECT GROUPING(assignee_id), assignee_id, severity, age, count(*) FROM (
        SELECT severity, assignee_id, width_bucket(created_at, %s::timestamptz[]) AS age FROM bugs_bug
        WHERE project_id = ANY(%s) AND {OPEN}{{where}}
    ) open GROUP BY GROUPING SETS ((severity, age), (assignee_id, severity))
"""  # noqa: S608 - names of ours


def of_projects(asked: Asked, dimension: str, now: datetime) -> dict[str, Any]:
    """All figures of how work goes."""
    ages, people = _open_bugs(asked, now)
    found = _by_measure(asked, now)
    backlog = sum(sum(by_severity.values()) for by_severity in ages.values())
    return {
        **heading(asked.range),
        "time_to_triage": _times(asked, rollups.TRIAGED, dimension),
        "time_to_resolve": _times(asked, rollups.RESOLVED, dimension),
        "ageing": {"open": backlog, "ages": _ages(ages)},
        **flow(asked, found, backlog, now),
        "sla": targets.of_projects(asked, now),
        "load": _load(asked, people),
    }


def _times(asked: Asked, measure: str, dimension: str) -> dict[str, Any]:
    column = COLUMNS.get(dimension, dimension)
    by_value = {value: buckets for (_, value), buckets in counts.durations(asked.question(measure), column).items()}
    return times(by_value, column)


def times(by_value: dict[str, dict[int, int]], column: str) -> dict[str, Any]:
    """How long it took, of all and of each value of a column."""
    whole: dict[int, int] = defaultdict(int)
    for buckets in by_value.values():
        for bucket, count in buckets.items():
            whole[bucket] += count
    groups = sorted(by_value.items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))[:MAX_GROUPS]
    names = names_of(column, [value for value, _ in groups if value])
    rows = [{"value": names.get(value), **_quantiles(buckets)} for value, buckets in groups] if column else []
    return {**_quantiles(whole), "groups": rows}


def _quantiles(buckets: dict[int, int]) -> dict[str, Any]:
    median, p90, p95 = (None if found is None else round(found) for found in rollups.percentiles(buckets, SHARES))
    return {"count": sum(buckets.values()), "median_seconds": median, "p90_seconds": p90, "p95_seconds": p95}


def _open_bugs(asked: Asked, now: datetime) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Bugs that are open now: age -> severity -> count, and assignee -> severity -> count."""
    edges = [now - timedelta(days=days) for days in reversed(AGES)]
    where, parameters = targets.where(asked)
    ages = {name: dict.fromkeys(Severity.values, 0) for name in AGE_NAMES}
    people: dict[str, dict[str, int]] = {}
    found = counts.rows(_OPEN_BUGS.format(where=where), [edges, list(asked.project_ids), *parameters])
    for is_of_age, assignee, severity, place, count in found:
        if is_of_age:
            ages[AGE_NAMES[len(AGES) - place]][severity] += count
        elif assignee is not None:
            people.setdefault(str(assignee), dict.fromkeys(Severity.values, 0))[severity] += count
    return ages, people


def _ages(table: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    return [{"age": name, "count": sum(row.values()), "by_severity": row} for name, row in table.items()]


def _by_measure(asked: Asked, now: datetime) -> dict[str, list[int] | None]:
    """Counts of each piece, and what was before (0) and after the range (last); None where filters cannot reach."""
    found: dict[str, list[int] | None] = {}
    edges = [*asked.range.edges, asked.range.end]
    end = end_of_flow(asked, now)
    for measure in FLOW:
        known = measure != rollups.REOPENED or asked.filters.keys() <= set(rollups.REOPENED_DIMENSIONS)
        question = Question(asked.project_ids, [measure], asked.range.start, end, asked.filters)
        found[measure] = _places(counts.series(question, edges), len(edges)) if known else None
    return found


def end_of_flow(asked: Asked, now: datetime) -> datetime:
    """Up to when bugs that come and go must be counted: the backlog is walked back from what is open now."""
    return max(asked.range.end, now + timedelta(days=1))


def _places(found: list[Count], number: int) -> list[int]:
    places = [0] * (number + 1)
    for one in found:
        places[one.place] += one.count
    return places


def flow(asked: Asked, found: Mapping[str, list[int] | None], backlog: int, now: datetime) -> dict[str, Any]:
    """What came and went, and how much was left. found: as `_by_measure`; backlog: what is open now."""
    created, resolved = found[rollups.CREATED] or [], found[rollups.RESOLVED] or []
    reopened = found[rollups.REOPENED]
    later = [0] * len(created)
    for place in reversed(range(len(created))):  # from what is open now, back to the end of each piece
        later[place] = backlog
        backlog += resolved[place] - created[place]
    points = [
        {
            "start": start,
            "end": end,
            "created": created[place],
            "resolved": resolved[place],
            "reopened": reopened and reopened[place],
            "backlog": later[place] if start <= now else None,
        }
        for place, (start, end) in enumerate(asked.range.pieces, start=1)
    ]
    ended = sum(resolved[1:-1])
    return {
        "throughput": {"created": sum(created[1:-1]), "resolved": ended, "points": points},
        "reopened": _reopened(reopened, ended),
    }


def _reopened(reopened: list[int] | None, ended: int) -> dict[str, Any]:
    if reopened is None:
        return {"count": None, "rate": None}
    again = sum(reopened[1:-1])
    return {"count": again, "rate": round(again / (ended + again), 4) if ended + again else None}


def _load(asked: Asked, people: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    found = counts.totals(asked.question(rollups.RESOLVED), ["assignee_id"], MAX_PEOPLE + 1)
    resolved = dict(found["assignee_id"])
    resolved.pop("", None)
    names = names_of("assignee_id", [*{*people, *resolved}])
    rows: list[dict[str, Any]] = [
        {
            "assignee": names[person],
            "open": sum(people.get(person, {}).values()),
            "open_by_severity": people.get(person) or dict.fromkeys(Severity.values, 0),
            "resolved": resolved.get(person, 0),
        }
        for person in names
    ]
    return sorted(rows, key=lambda row: (-row["open"], -row["resolved"], row["assignee"]))[:MAX_PEOPLE]
