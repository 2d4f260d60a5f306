"""Counts that are kept equal a full count, whatever happened before."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.actors import SYSTEM
from audit.identifiers import first_of, uuid7
from bugs import rollups, services
from bugs.choices import BugType, Severity, Status
from bugs.lifecycle import MOVES
from bugs.models import Bug, ErrorReport, Rollup, RollupDelta
from bugs.services import counting, folding, recounting


def kept() -> dict:
    """What the rollups and differences say together."""
    names = ", ".join(rollups.COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {names}, sum(count)::int FROM (
                SELECT {names}, count FROM bugs_rollup UNION ALL SELECT {names}, amount FROM bugs_rollupdelta
            ) x GROUP BY {names} HAVING sum(count) <> 0"""
        )
        return {rollups.Fact(*row[:-1]): row[-1] for row in cursor.fetchall()}


def counted() -> dict:
    """The same from the bugs themselves."""
    total: rollups.Facts = rollups.Facts()
    for bug in Bug.objects.all():
        total.update(rollups.facts(bug))
    return dict(total)


def without_reopenings(found: dict) -> dict:
    return {fact: amount for fact, amount in found.items() if fact.measure != rollups.REOPENED}


STEPS = st.one_of(
    st.tuples(st.just("report"), st.integers(0, 3), st.sampled_from(Severity.values)),
    st.tuples(st.just("edit"), st.integers(0, 3), st.sampled_from(BugType.values)),
    st.tuples(st.just("severity"), st.integers(0, 3), st.sampled_from(Severity.values)),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 9)),
    st.tuples(st.just("assign"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("delete"), st.integers(0, 3), st.none()),
    st.tuples(st.just("restore"), st.integers(0, 3), st.none()),
    st.tuples(st.just("fold"), st.none(), st.none()),
)


def play(web, person, steps) -> None:
    bugs: list = []
    for verb, number, what in steps:
        if verb == "fold":
            folding.fold()
        elif verb == "report":
            created_at = datetime.now(UTC) - timedelta(days=number * 40, minutes=number * 7)
            bugs.append(
                services.report(project_id=web.pk, by=SYSTEM, title="x", severity=what, created_at=created_at).pk
            )
        elif bugs:
            step(Bug.objects.get(pk=bugs[number % len(bugs)]), verb, what, person)


def step(bug, verb, what, person) -> None:
    if bug.deleted_at:
        if verb == "restore":
            services.restore(bug.pk, by=SYSTEM)
        return
    if verb == "move":
        ways = sorted(MOVES[Status(bug.status)])
        services.change_status(bug.pk, to=ways[what % len(ways)], by=SYSTEM)
    elif verb == "edit":
        services.edit(bug.pk, changes={"bug_type": what, "component": f"part {what}"}, by=SYSTEM)
    elif verb == "severity":
        services.edit(bug.pk, changes={"severity": what}, by=SYSTEM)
    elif verb == "assign":
        services.assign(bug.pk, assignee=person if what else None, by=SYSTEM)
    elif verb == "delete":
        services.delete(bug.pk, by=SYSTEM)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=5, max_size=30))
def test_whatever_happens_to_bugs_the_counts_are_those_of_a_full_count(web, people_of_web, steps):
    for table in (Bug, Rollup, RollupDelta):
        table.objects.all().delete()
    before = kept()
    play(web, people_of_web["bob"], [("report", 1, "high"), *steps])
    now = kept()

    assert before == {} and without_reopenings(now) == counted()
    assert sum(fact.measure == rollups.REOPENED for fact in now) <= 4 and folding.fold() >= 0
    assert kept() == now and not RollupDelta.objects.exists()


def lost_and_rebuilt(web) -> dict:
    """The counts after they were spoilt and put right."""
    Rollup.objects.filter(measure="created").delete()
    Rollup.objects.filter(measure="resolved").update(count=7)
    counting.changed(web.pk, {}, {rollups.Fact("closed", datetime(2020, 1, 1, tzinfo=UTC), 3): 5})
    counting.changed(web.pk, {}, {rollups.Fact("reopened", datetime(2020, 1, 1, tzinfo=UTC)): 2})
    for _ in recounting.recount(web.pk):
        pass
    return kept()


def test_the_rebuild_command_finds_what_was_kept(web, people_of_web, monkeypatch):
    steps = [("report", n % 4, "high") for n in range(6)]
    steps += [("move", n % 4, n) for n in range(40)] + [("delete", 1, None), ("assign", 2, True)]
    play(web, people_of_web["bob"], steps)
    before = kept()
    assert any(fact.measure == rollups.REOPENED for fact in before)
    folding.fold()

    assert lost_and_rebuilt(web) == before
    call_command("rebuild_rollups", "--project", "WEB")
    assert kept() == before


def test_a_rebuild_of_right_counts_changes_nothing(web, bug):
    assert [chunk.wrong for chunk in recounting.recount(web.pk)].count(0) == len(list(recounting.recount(web.pk)))


def test_a_backlog_is_folded_in_chunks_and_reads_are_right_all_the_while(web, monkeypatch):
    monkeypatch.setattr(folding, "CHUNK", 4)
    for number in range(11):
        services.report(project_id=web.pk, by=SYSTEM, title="x", severity=Severity.values[number % 3])
    waiting, now = RollupDelta.objects.count(), kept()

    folded = []
    while not folded or folded[-1] == 4:
        folded.append(folding._fold_chunk())
        assert kept() == now

    assert len(folded) > 2 and sum(folded) == waiting and not RollupDelta.objects.exists()


def test_one_run_of_folding_ends_though_there_is_more(web, bug, monkeypatch):
    monkeypatch.setattr(folding, "MAX_SECONDS", 0.0)
    now = kept()

    assert folding.fold() == 0 and RollupDelta.objects.exists() and kept() == now


def reports(web, count=5):
    """Error reports over two days, as the database has them."""
    now = datetime.now(UTC) - timedelta(days=2)
    return [
        SimpleNamespace(
            occurred_at=now + timedelta(hours=7 * number),
            group_id=uuid7(),
            level="error",
            component="cart" if number % 2 else "",
            environment="production",
            release="1.0",
        )
        for number in range(count)
    ]


def test_errors_are_counted_again_from_their_reports(web):
    rows = reports(web)
    counting.errors(web.pk, rows)
    before = kept()
    ErrorReport.objects.bulk_create(
        ErrorReport(
            project_id=web.pk,
            event_id=uuid7(),
            received_at=row.occurred_at,
            payload=b"",
            **vars(row),
        )
        for row in rows
    )
    folding.fold()
    Rollup.objects.all().delete()

    for _ in recounting.recount(web.pk):
        pass

    assert kept() == before and sum(before.values()) == 5


def test_counts_of_reports_that_are_gone_stay(web):
    old = reports(web)
    for row in old:
        row.occurred_at -= timedelta(days=400)
    counting.errors(web.pk, old)
    folding.fold()
    before = kept()

    for _ in recounting.recount(web.pk):
        pass

    assert kept() == before


@pytest.mark.django_db(transaction=True)
def test_counting_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError):
        counting.changed(uuid7(), {}, {rollups.Fact("created", datetime(2020, 1, 1, tzinfo=UTC)): 1})


def test_the_first_identifier_of_a_moment_bounds_reports():
    assert first_of(datetime(2026, 1, 1, tzinfo=UTC)) < uuid7()
