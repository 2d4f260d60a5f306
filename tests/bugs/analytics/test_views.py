"""Analytics over REST, as the cast sees them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from audit.actors import SYSTEM
from audit.identifiers import uuid7
from bugs import people, services
from bugs.models import AffectedUser, Bug, ErrorGroup, Project, Session
from bugs.services import counting, folding

URL = "/api/v1/analytics/"


def report(web, at=None, **fields):
    return services.report(
        project_id=web.pk, by=SYSTEM, created_at=at or datetime.now(UTC), **{"title": "x", "severity": "high", **fields}
    )


def of(answer, value):
    (row,) = [row for row in answer["series"] if row["value"] == value]
    return row


def test_days_of_berlin_begin_at_its_midnight(api, web):
    for at in ("2026-03-28T22:59Z", "2026-03-28T23:01Z", "2026-03-29T21:59Z", "2026-03-29T22:01Z"):
        report(web, datetime.fromisoformat(at))

    query = {"from": "2026-03-28", "to": "2026-03-31", "time_zone": "Europe/Berlin", "project": "WEB"}
    answer = api("carol").get(f"{URL}bugs/", query).json()

    assert [point["count"] for point in answer["points"]] == [1, 2, 1]
    assert [point["start"] for point in answer["points"]] == [
        "2026-03-27T23:00:00+00:00",
        "2026-03-28T23:00:00+00:00",
        "2026-03-29T22:00:00+00:00",
    ]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"])
def test_days_begin_inside_hours_where_offsets_do(api, web, zone):
    Project.objects.filter(pk=web.pk).update(time_zone=zone)
    span = {"from": "2026-06-10", "to": "2026-06-12"}
    start = datetime.fromisoformat(api("carol").get(f"{URL}bugs/", span).json()["points"][1]["start"])
    report(web, start - timedelta(seconds=1))
    report(web, start)

    answer = api("carol").get(f"{URL}bugs/", span).json()

    assert answer["time_zone"] == zone and [point["count"] for point in answer["points"]] == [1, 1]


@pytest.mark.parametrize("is_folded", [False, True])
def test_a_group_by_any_dimension_under_any_filters(api, web, people_of_web, is_folded):
    for severity, component in [("high", "cart"), ("high", "login"), ("low", "cart"), ("high", "cart")]:
        bug = report(web, severity=severity, component=component)
    services.assign(bug.pk, assignee=people_of_web["bob"], by=SYSTEM)
    if is_folded:
        folding.fold()
    client = api("carol")

    by_component = client.get(f"{URL}bugs/?group_by=component&severity=high").json()
    assert [(row["value"], row["total"]) for row in by_component["series"]] == [("cart", 2), ("login", 1)]
    by_assignee = client.get(f"{URL}bugs/?group_by=assignee&interval=none").json()
    assert [(row["value"], row["counts"]) for row in by_assignee["series"]] == [(None, [3]), ("bob", [1])]
    assert client.get(f"{URL}bugs/?assigned_to=bob").json()["total"] == 1
    assert client.get(f"{URL}bugs/?assigned_to=nobody-here").json()["total"] == 0
    assert client.get(f"{URL}bugs/?component_name=cart&component_name=login&severity=low").json()["total"] == 1


def test_the_others_come_together_after_the_top_twenty(api, web):
    for number in range(22):
        for _ in range(2 if number < 20 else 1):
            report(web, component=f"part {number}")

    rows = api("carol").get(f"{URL}bugs/?group_by=component").json()["series"]

    assert len(rows) == 21 and [row["is_other"] for row in rows] == [False] * 20 + [True]
    assert rows[-1]["total"] == 2 and rows[-1]["value"] is None


def test_a_comparison_with_as_long_a_range_before(api, web):
    now = datetime.now(UTC)
    for days, severity in [(1, "high"), (2, "high"), (3, "low"), (8, "high"), (9, "low")]:
        report(web, now - timedelta(days=days), severity=severity)

    answer = api("carol").get(f"{URL}bugs/?from=-7d&compare=previous&group_by=severity").json()

    assert answer["total"] == 3 and answer["previous"]["total"] == 2 and answer["previous"]["change_percent"] == 50
    assert of(answer, "high")["previous"] == 1 and of(answer, "high")["change_percent"] == 100


def test_bugs_by_their_status_now(api, web):
    for to in ("triaged", "triaged", "resolved"):
        services.change_status(report(web).pk, to=to, by=SYSTEM)
    services.delete(report(web).pk, by=SYSTEM)

    answer = api("carol").get(f"{URL}bugs/?group_by=status").json()

    assert {row["value"]: row["total"] for row in answer["series"]} == {"triaged": 2, "resolved": 1}


def test_times_to_triage_and_resolve_are_percentiles_by_group(api, web):
    now = datetime.now(UTC)
    for hours, severity in [(1, "high"), (2, "high"), (3, "high"), (10, "low")]:
        bug = report(web, now - timedelta(hours=hours), severity=severity)
        services.change_status(bug.pk, to="triaged", by=SYSTEM)

    times = api("carol").get(f"{URL}performance/").json()["time_to_triage"]

    assert times["count"] == 4 and times["median_seconds"] == pytest.approx(7200, rel=0.011)
    assert {row["value"]: row["count"] for row in times["groups"]} == {"high": 3, "low": 1}
    assert times["groups"][1]["p95_seconds"] == pytest.approx(36_000, rel=0.011)


def test_ageing_backlog_and_load(api, web, people_of_web):
    now = datetime.now(UTC)
    old = [report(web, now - timedelta(days=days)) for days in (0, 3, 20, 60, 400)]
    services.assign(old[1].pk, assignee=people_of_web["bob"], by=SYSTEM)
    services.assign(old[0].pk, assignee=people_of_web["bob"], by=SYSTEM)
    services.change_status(old[0].pk, to="resolved", by=SYSTEM)

    answer = api("carol").get(f"{URL}performance/?from=-5d").json()

    assert [age["count"] for age in answer["ageing"]["ages"]] == [0, 1, 1, 1, 1] and answer["ageing"]["open"] == 4
    assert answer["throughput"]["created"] == 2 and answer["throughput"]["resolved"] == 1
    assert [point["backlog"] for point in answer["throughput"]["points"]][-1] == 4
    assert answer["throughput"]["points"][0]["backlog"] in (3, 4)
    (bob,) = answer["load"]
    assert bob["assignee"] == "bob" and bob["open_by_severity"]["high"] == 1 and bob["resolved"] == 1


def test_the_reopen_rate(api, web):
    for times in (0, 1):
        bug = report(web)
        for to in ["resolved", "reopened"][: times + 1]:
            services.change_status(bug.pk, to=to, by=SYSTEM)

    answer = api("carol").get(f"{URL}performance/").json()

    assert answer["reopened"] == {"count": 1, "rate": 0.5}
    assert api("carol").get(f"{URL}bugs/?measure=reopened&group_by=severity").json()["total"] == 1


def test_reopenings_that_filters_cannot_reach_are_null(api, web):
    bug = report(web, component="cart")
    for to in ("resolved", "reopened"):
        services.change_status(bug.pk, to=to, by=SYSTEM)

    answer = api("carol").get(f"{URL}performance/?component_name=cart").json()

    assert answer["reopened"] == {"count": None, "rate": None}
    assert {point["reopened"] for point in answer["throughput"]["points"]} == {None}
    assert api("carol").get(f"{URL}performance/?severity=high").json()["reopened"]["count"] == 1


def test_targets_that_were_missed_and_bugs_that_are_late_now(api, web):
    Project.objects.filter(pk=web.pk).update(sla={"high": {"triage_hours": 8, "resolve_hours": 72}})
    now = datetime.now(UTC)
    late = report(web, now - timedelta(days=5))
    services.change_status(late.pk, to="triaged", by=SYSTEM)
    report(web, now - timedelta(hours=10))
    report(web, now - timedelta(hours=1))
    in_time = report(web, now - timedelta(days=4))
    Bug.objects.filter(pk=in_time.pk).update(
        status="resolved",
        triaged_at=now - timedelta(days=4) + timedelta(hours=1),
        resolved_at=now - timedelta(days=4) + timedelta(hours=2),
    )

    found = api("carol").get(f"{URL}performance/?from=-10d").json()["sla"]

    triage, resolve = found["triage"], found["resolve"]
    assert (triage["due"], triage["breached"], triage["overdue_now"], triage["met"]) == (3, 2, 1, 0.3333)
    assert (resolve["due"], resolve["breached"], resolve["overdue_now"]) == (2, 1, 1)


def errors_of(web, count=6, **fields):
    """A group with errors, one an hour, and its bug."""
    bug = report(web, component="cart")
    now = datetime.now(UTC)
    group = ErrorGroup.objects.create(
        project=web,
        fingerprint=uuid7().hex,
        grouping="stack",
        title="TypeError: x is null",
        bug=bug,
        first_seen_at=now - timedelta(hours=count),
        last_seen_at=now,
    )
    rows = [
        SimpleNamespace(
            occurred_at=now - timedelta(hours=number),
            group_id=group.pk,
            **{"level": "error", "component": "cart", "environment": "production", "release": "1.0", **fields},
        )
        for number in range(count)
    ]
    with transaction.atomic():
        counting.errors(web.pk, rows)
    return bug, group


def test_errors_over_time_where_they_are_and_whom_they_met(api, web):
    bug, group = errors_of(web)
    errors_of(web, count=2, level="warning", component="login")
    now = datetime.now(UTC)
    for number, user in enumerate("aab"):
        AffectedUser.objects.create(
            group_id=group.pk if number else uuid7(), user_key=user, first_seen_at=now - timedelta(hours=1)
        )
    Session.objects.create(project=web, key="s", state="crashed", errors=3, started_at=now, last_seen_at=now)

    answer = api("carol").get(f"{URL}errors/?from=-2d&group_by=level&interval=none").json()

    assert answer["total"] == 8 and answer["errors_per_hour"] == pytest.approx(8 / 48, rel=0.02)
    assert {row["value"]: row["total"] for row in answer["series"]} == {"error": 6, "warning": 2}
    assert answer["affected_users"] == {"total": 2, "counts": [2]}
    assert answer["sessions"]["crash_free"] == 0 and answer["sessions"]["errors_per_session"] == 3
    assert [row["component"] for row in answer["top_components"]] == ["cart", "login"]
    assert answer["top_groups"][0] | {"id": str(group.pk), "errors": 6} == answer["top_groups"][0]
    assert answer["top_groups"][0]["bug"] == f"WEB-{bug.number}"
    filtered = api("carol").get(f"{URL}errors/?component_name=login&group_by=group").json()
    assert filtered["total"] == 2 and filtered["affected_users"] is None and filtered["sessions"] is None


@pytest.mark.parametrize("is_folded", [False, True])
def test_the_figures_of_one_bug(api, web, is_folded):
    Project.objects.filter(pk=web.pk).update(sla={"high": {"triage_hours": 8}})
    bug, _ = errors_of(web)
    services.change_status(bug.pk, to="triaged", by=SYSTEM)
    if is_folded:
        folding.fold()

    answer = api("carol").get(f"/api/v1/bugs/WEB-{bug.number}/analytics/").json()

    assert len(answer["errors_per_day"]) == 30 and sum(day["count"] for day in answer["errors_per_day"]) == 6
    assert answer["by_release"] == [{"value": "1.0", "errors": 6}]
    assert answer["sla"]["triage"]["state"] == "met" and answer["sla"]["resolve"] is None
    assert answer["first_error_at"] and answer["time_to_triage_seconds"] >= 0 and answer["reopen_count"] == 0


@pytest.mark.parametrize(
    ("path", "query", "code", "pointer"),
    [
        ("bugs", "gruop_by=severity", "unknown_parameter", "/gruop_by"),
        ("bugs", "q=x", "unknown_parameter", "/q"),
        ("bugs", "group_by=title", "invalid", "/group_by"),
        ("bugs", "severity=terrible", "invalid", "/severity/0"),
        ("bugs", "from=yesterday", "invalid_range", "/from"),
        ("bugs", "from=now&to=-1d", "invalid_range", "/from"),
        ("bugs", "from=-4000h&interval=hour", "invalid_range", "/interval"),
        ("bugs", "time_zone=Mars/Olympus", "invalid_range", "/time_zone"),
        ("bugs", "project=NOPE", "unknown_project", "/project"),
        ("bugs", "measure=resolved&group_by=status", "not_counted", "/group_by"),
        ("bugs", "measure=reopened&component_name=x", "not_counted", "/measure"),
        ("bugs", "&".join(["component_name=x"] * 51), "invalid", "/component_name"),
        ("bugs", "component_name=a%00b", "invalid", "/component_name/0"),
        ("errors", "group_by=severity", "invalid", "/group_by"),
        ("performance", "compare=previous", "unknown_parameter", "/compare"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(api, web, path, query, code, pointer):
    response = api("carol").get(f"{URL}{path}/?{query}")

    assert response.status_code == 400 and response.json()["code"] == code, response.json()
    assert response.json()["errors"][0]["pointer"] == pointer


def test_projects_that_are_not_mallorys_do_not_exist_for_her(api, web, bug, people_of_web):
    ops = people.make_project(key="OPS", name="Operations", by=SYSTEM)
    people.join(project=ops, user=people_of_web["mallory"], role="admin", by=SYSTEM)
    client = api("mallory")

    assert client.get(f"{URL}bugs/?project=WEB").json()["code"] == "unknown_project"
    assert client.get(f"/api/v1/bugs/WEB-{bug.number}/analytics/").status_code == 404
    for path in ("bugs", "errors"):
        assert client.get(f"{URL}{path}/").json()["total"] == 0
    assert client.get(f"{URL}performance/").json()["ageing"]["open"] == 0
    assert api("carol").get(f"{URL}bugs/").json()["total"] == 1
