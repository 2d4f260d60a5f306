"""Old reports go, what they counted stays; whole months at once, a project's own days by their ids."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from audit import partitions
from bugs.models import ErrorGroup, ErrorReport, Project, Rollup, SeenEvent
from bugs.services import folding, recounting, retention

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
OLD, LAST_OLD, FIRST_KEPT = (
    datetime(2024, 11, 3, tzinfo=UTC),
    datetime(2025, 4, 30, 23, 59, tzinfo=UTC),
    datetime(2025, 5, 1, tzinfo=UTC),
)


def months():
    with connection.cursor() as cursor:
        cursor.execute(partitions.MONTHS, [retention.TABLE])
        return [row[0] for row in cursor.fetchall()]


def left():
    return set(ErrorReport.objects.values_list("id", flat=True))


def counted(project):
    folding.fold()
    rows = Rollup.objects.filter(project_id=project.pk, measure="errors").order_by("period")
    return list(rows.values_list("period", "group_id").annotate(Sum("count")))


def days_ago(days):
    return NOW - timedelta(days=days)


def test_months_that_ended_a_year_ago_are_dropped_whole(came):
    came(OLD), came(LAST_OLD)
    kept = came(FIRST_KEPT) + came(NOW)
    gone = retention.retain(NOW)
    assert [month.name for month in gone.months] == ["bugs_errorreport_2024_11", "bugs_errorreport_2025_04"]
    assert left() == set(kept)
    assert not {"bugs_errorreport_2024_11", "bugs_errorreport_2025_04"} & set(months())


def test_zero_months_keep_everything(came, settings):
    settings.ERROR_RETENTION_MONTHS = 0
    came(OLD)
    assert retention.retain(NOW).months == [] and len(left()) == 1


def test_another_number_of_months_keeps_as_many(came, settings):
    settings.ERROR_RETENTION_MONTHS = 1
    came(datetime(2026, 3, 31, tzinfo=UTC))
    kept = came(datetime(2026, 4, 1, tzinfo=UTC))
    retention.retain(NOW)
    assert left() == set(kept)


def test_old_reports_that_no_month_took_are_deleted_by_their_ids(came):
    came(OLD, 3, has_month=False)
    kept = came(datetime(2025, 7, 1, tzinfo=UTC), 2, has_month=False)
    assert retention.retain(NOW).reports == {"no month": 3}
    assert left() == set(kept)


def test_a_project_may_keep_fewer_days(came, project):
    project.retention_days = 30
    project.save()
    came(days_ago(31)), came(days_ago(200))
    kept = came(days_ago(29)) + came(NOW)
    assert retention.retain(NOW).reports["PAY"] == 2
    assert left() == set(kept)


def test_the_days_of_one_project_are_not_those_of_another(came, project):
    other = Project.objects.create(number=8, key="APP", name="App")
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    came(days_ago(60))
    kept = came(days_ago(60), of=other)
    retention.retain(NOW)
    assert left() == set(kept)


def test_what_a_month_takes_along_is_not_deleted_by_its_id(came, project):
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    came(OLD, 5)
    assert retention.retain(NOW).reports["PAY"] == 0


def test_days_beyond_the_months_change_nothing(came, project):
    Project.objects.filter(pk=project.pk).update(retention_days=3_000)
    came(days_ago(300))
    assert retention.retain(NOW).reports == {"no month": 0}


def test_many_are_deleted_in_transactions_of_a_bounded_size(came, project, monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 4)
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    came(days_ago(40), 11)
    assert retention.retain(NOW).reports["PAY"] == 11
    assert left() == set()


def test_a_run_that_has_no_more_time_leaves_the_rest_to_the_next(came, project, monkeypatch):
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    came(days_ago(40), 3)
    monkeypatch.setattr(retention, "RUN_SECONDS", -1)
    assert not retention.retain(NOW).is_complete
    monkeypatch.setattr(retention, "RUN_SECONDS", 60)
    assert retention.retain(NOW).is_complete
    assert left() == set()


def test_counts_are_the_same_before_and_after(came, project):
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    for at in (OLD, LAST_OLD, days_ago(100), days_ago(40), NOW):
        came(at, 2)
    before = counted(project)
    retention.retain(NOW)
    assert counted(project) == before
    assert ErrorGroup.objects.get().reports == 10


def test_counting_anew_leaves_alone_what_is_gone(came, project):
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    for at in (OLD, days_ago(40), days_ago(33), days_ago(20), NOW):
        came(at, 2)
    before = counted(project)
    retention.retain(NOW)
    assert sum(chunk.wrong for chunk in recounting.recount(project.pk)) == 0
    assert counted(project) == before


def test_counting_anew_still_repairs_what_is_there(came, project):
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    came(days_ago(40)), came(days_ago(20)), came(NOW)
    before = counted(project)
    retention.retain(NOW)
    Rollup.objects.filter(period__gt=days_ago(1)).update(count=7)
    list(recounting.recount(project.pk))
    assert counted(project) == before


def test_a_month_that_is_in_use_stays_until_the_next_run(came, monkeypatch):
    came(OLD)
    monkeypatch.setattr(retention, "_alone", lambda statement: False)
    gone = retention.retain(NOW)
    assert gone.months == [] and not gone.is_complete


def test_a_month_that_was_detached_and_not_dropped_is_dropped(came):
    came(OLD)
    with connection.cursor() as cursor:
        cursor.execute(partitions.detach(retention.TABLE, "bugs_errorreport_2024_11"))
    assert [month.name for month in retention.retain(NOW).months] == ["bugs_errorreport_2024_11"]
    assert "bugs_errorreport_2024_11" not in months()


def test_event_ids_are_forgotten_after_90_days(project):
    for days in (91, 95, 89, 0):
        row = SeenEvent.objects.create(project_id=project.pk, event_id=uuid4())
        SeenEvent.objects.filter(event_id=row.event_id).update(seen_at=days_ago(days))
    assert retention.retain(NOW).seen == 2
    assert SeenEvent.objects.count() == 2


def test_event_ids_are_forgotten_in_chunks(project, monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 3)
    SeenEvent.objects.bulk_create(SeenEvent(project_id=project.pk, event_id=uuid4()) for _ in range(8))
    SeenEvent.objects.update(seen_at=days_ago(100))
    assert retention.retain(NOW).seen == 8


@pytest.mark.django_db
def test_a_report_that_is_gone_is_not_found(web, came, api):
    [gone], [kept] = came(OLD, of=web), came(NOW, of=web)
    client = api("carol")
    assert client.get(f"/api/v1/errors/{gone}/").status_code == 200
    retention.retain(NOW)
    assert client.get(f"/api/v1/errors/{gone}/").status_code == 404
    assert client.get(f"/api/v1/errors/{kept}/").status_code == 200


def test_the_group_of_reports_that_are_gone_is_still_there(web, came, api):
    came(OLD, of=web)
    retention.retain(NOW)
    group = ErrorGroup.objects.get()
    client = api("carol")
    assert client.get(f"/api/v1/error-groups/{group.pk}/").json()["reports"] == 1
    assert client.get(f"/api/v1/errors/?group={group.pk}").json()["results"] == []


def test_a_dry_run_says_what_would_go_and_changes_nothing(came, project, capsys):
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    came(datetime(2020, 1, 1, tzinfo=UTC)), came(datetime.now(UTC) - timedelta(days=40))
    call_command("retain", "--dry-run")
    said = capsys.readouterr().out
    assert "bugs_errorreport_2020_01 would go" in said and "1 reports of PAY would go" in said
    assert len(left()) == 2
    assert Project.objects.get().reports_from is None


def test_the_command_says_what_went(came, project, capsys):
    Project.objects.filter(pk=project.pk).update(retention_days=30)
    came(datetime(2020, 1, 1, tzinfo=UTC)), came(datetime.now(UTC) - timedelta(days=40))
    call_command("retain")
    assert "1 reports of PAY went\n0 event ids went\n" in capsys.readouterr().out
    assert left() == set()
