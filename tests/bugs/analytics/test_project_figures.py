"""The figures of projects that streams tell are those that analytics answer over REST at the same moment."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import people, services
from bugs.choices import Level, Severity
from bugs.models import ErrorGroup, Project
from bugs.selectors import figures
from bugs.services import counting, folding

URL = "/api/v1/analytics/"
MOVES = (["triaged"], ["triaged", "resolved"], ["resolved", "reopened"], ["triaged", "in_progress"], ["closed"], [])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is now for all who ask; it stands still."""
    shown = SimpleNamespace(now=datetime.now(UTC))
    monkeypatch.setattr(timezone, "now", lambda: shown.now)
    return shown


@pytest.fixture
def ops(web: Project, people_of_web: dict[str, Any]) -> Project:
    """Another project of carol's, with another midnight."""
    made = people.make_project(key="OPS", name="Operations", by=SYSTEM)
    Project.objects.filter(pk=made.pk).update(time_zone="Asia/Kathmandu")
    people.join(project=made, user=people_of_web["carol"], role="viewer", by=SYSTEM)
    return made


def shown(kind: str, project: Project) -> Any:
    """As a client reads them."""
    found = figures.of_projects(kind, figures.projects([project.pk]), timezone.now())
    return orjson.loads(orjson.dumps(found[project.pk]))


def group_of(project: Project, name: str, **more: Any) -> ErrorGroup:
    now = datetime.now(UTC)
    seen = {"first_seen_at": now - timedelta(days=9), "last_seen_at": now}
    return ErrorGroup.objects.create(project=project, fingerprint=name, grouping="stack", title=name, **seen, **more)


def fill(project: Project, clock: Any, chance: random.Random, bugs: int) -> None:
    """Forty days of bugs and ten of errors, at any moments."""
    end, group = clock.now, group_of(project, chance.randbytes(8).hex())
    for _ in range(bugs):
        at = end - timedelta(minutes=chance.randrange(40 * 24 * 60) ** chance.choice((1, 0.6)))
        bug = services.report(
            project_id=project.pk, by=SYSTEM, title="x", created_at=at, severity=chance.choice(Severity.values)
        )
        for to in chance.choice(MOVES):
            clock.now = at = at + (end - at) * chance.random()
            services.change_status(bug.pk, to=to, by=SYSTEM)
        if chance.random() < 0.1:
            services.delete(bug.pk, by=SYSTEM)
    clock.now = end
    count_errors(project, group, [end - timedelta(minutes=chance.randrange(10 * 24 * 60)) for _ in range(200)], chance)


def count_errors(project: Project, group: ErrorGroup, times: list[datetime], chance: random.Random) -> None:
    where = {"group_id": group.pk, "component": "cart", "environment": "production", "release": "1.0"}
    rows = [SimpleNamespace(occurred_at=at, level=chance.choice(Level.values), **where) for at in times]
    with transaction.atomic():
        counting.errors(project.pk, rows)


@pytest.fixture
def filled(web: Project, ops: Project, clock: Any) -> list[Project]:
    """Some of it is folded into the rollups, some is not yet."""
    chance = random.Random(11)
    fill(web, clock, chance, bugs=8)
    fill(ops, clock, chance, bugs=8)
    folding.fold()
    fill(web, clock, chance, bugs=8)
    return [web, ops]


def test_bugs_are_what_rest_says(filled: list[Project], api: Any) -> None:
    client = api("carol")
    for project in filled:
        its = {"project": project.key}
        found = shown("bugs", project)
        totals = found["totals"]
        for span in ("24h", "7d"):
            for measure in ("created", "resolved", "reopened"):
                query = {**its, "from": f"-{span}", "interval": "none", "measure": measure}
                assert totals[f"{measure}_{span}"] == client.get(f"{URL}bugs/", query).json()["total"]
        ageing = client.get(f"{URL}performance/", its).json()["ageing"]
        assert totals["open"] == ageing["open"] > 0
        assert found["by_severity"] == {
            name: sum(age["by_severity"][name] for age in ageing["ages"]) for name in Severity.values
        }
        rows = client.get(f"{URL}bugs/", {**its, "group_by": "status", "from": "-60d", "interval": "none"}).json()
        by_status = {row["value"]: row["total"] for row in rows["series"]}
        assert found["by_status"] == {name: by_status.get(name, 0) for name in found["by_status"]}
        assert sum(found["series"]["created"]) == totals["created_24h"]


def test_errors_are_what_rest_says(filled: list[Project], api: Any) -> None:
    client = api("carol")
    for project in filled:
        found = shown("errors", project)
        for span in ("1h", "24h", "7d"):
            query = {"project": project.key, "from": f"-{span}", "group_by": "level", "interval": "none"}
            answer = client.get(f"{URL}errors/", query).json()
            assert found["totals"][f"errors_{span}"] == answer["total"]
            if span == "24h":
                by_level = {row["value"]: row["total"] for row in answer["series"]}
                assert found["by_level"] == {level: by_level.get(level, 0) for level in Level.values}
        assert sum(found["series"]["errors"]) == found["totals"]["errors_24h"] > 0
        query = {"project": project.key, "from": "-24h", "interval": "hour", "time_zone": "UTC"}
        points = client.get(f"{URL}errors/", query).json()["points"]
        start = datetime.fromisoformat(found["series"]["from"])
        quarters = [start + timedelta(minutes=15) * number for number in range(len(found["series"]["errors"]))]
        for point in points:
            first, last = (datetime.fromisoformat(point[name]) for name in ("start", "end"))
            inside = zip(quarters, found["series"]["errors"], strict=True)
            assert sum(count for at, count in inside if first <= at < last) == point["count"]


def test_how_work_goes_is_what_rest_says(filled: list[Project], api: Any) -> None:
    client = api("carol")
    for project in filled:
        answer = client.get(f"{URL}performance/", {"project": project.key}).json()
        found = shown("performance", project)
        assert found["time_to_triage"] == answer["time_to_triage"]
        assert found["time_to_resolve"] == answer["time_to_resolve"]
        assert found["series"] == {"time_zone": answer["time_zone"], "points": answer["throughput"]["points"]}
        assert found["totals"] == {
            "open": answer["ageing"]["open"],
            "created_30d": answer["throughput"]["created"],
            "triaged_30d": answer["time_to_triage"]["count"],
            "resolved_30d": answer["throughput"]["resolved"],
            "reopened_30d": answer["reopened"]["count"],
            "reopen_rate": answer["reopened"]["rate"],
            "triage_median_seconds": answer["time_to_triage"]["median_seconds"],
            "triage_p90_seconds": answer["time_to_triage"]["p90_seconds"],
            "resolve_median_seconds": answer["time_to_resolve"]["median_seconds"],
            "resolve_p90_seconds": answer["time_to_resolve"]["p90_seconds"],
        }


def test_groups_that_spike_are_counted_and_the_newest_named(web: Project, bug: Any) -> None:
    now = datetime.now(UTC)
    for number in range(12):
        group_of(web, f"g{number}", spiking_since=now - timedelta(minutes=number), bug=bug if not number else None)
    group_of(web, "behind", spiking_since=now, merged_into=ErrorGroup.objects.get(fingerprint="g0"))
    found = shown("errors", web)
    assert found["totals"]["spiking_groups"] == 12
    assert [group["title"] for group in found["spiking"]] == [f"g{number}" for number in range(10)]
    assert [group["bug"] for group in found["spiking"][:2]] == [f"WEB-{bug.number}", None]


def test_a_project_without_anything_has_figures(web: Project) -> None:
    for kind in figures.KINDS:
        assert set(shown(kind, web)["totals"].values()) <= {0, None}
