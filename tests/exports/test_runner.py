"""An export is complete and of one moment, or it is not there."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from audit import selectors as history
from bugs.models import Bug
from exports import events, files, runner, services
from exports.formats import Format
from exports.models import Export, State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(runner, "CHUNK_ROWS", 3)
    monkeypatch.setattr(runner, "REST", timedelta(0))


def during(monkeypatch, act, at=2):
    """Do something when the runner reports for the n-th time, as another process would."""
    calls, report = [], runner._report

    def reporting(export):
        report(export)
        calls.append(export.rows_done)
        if len(calls) == at:
            act(export)

    monkeypatch.setattr(runner, "_report", reporting)


def content(export):
    return (files.folder() / export.file).read_bytes()


def types(export):
    return [event.type for event in history.history_of(f"export:{export.pk}")]


def expire(export):
    Export.objects.filter(pk=export.pk).update(lease_until=Now() - timedelta(seconds=1))


@pytest.mark.parametrize("form", Format)
def test_a_requested_export_becomes_ready(form, request_export, bugs, media):
    export = request_export(form)
    assert runner.run_due() == 1
    export.refresh_from_db()
    body = content(export)
    assert (export.state, export.rows_done, export.rows_total) == (State.READY, 7, 7)
    assert (export.size, export.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert types(export) == ["export.requested", "export.completed"]
    assert [path.name for path in media.iterdir()] == [export.file]


def test_json_holds_every_bug_as_the_api_shows_it(request_export, bugs):
    export = request_export()
    runner.run_due()
    export.refresh_from_db()
    document = json.loads(content(export))
    assert [bug["reference"] for bug in document["results"]] == [f"WEB-{number}" for number in range(1, 8)]
    assert list(document["results"][0]) == export.fields


@pytest.mark.parametrize("form", [Format.JSON, Format.NDJSON])
def test_only_the_chosen_fields(form, request_export, bugs):
    export = request_export(form, fields=["title", "id"])
    runner.run_due()
    export.refresh_from_db()
    body = content(export)
    first = json.loads(body)["results"][0] if form == Format.JSON else json.loads(body.splitlines()[0])
    assert list(first) == ["id", "title"]


def test_csv_defuses_titles(request_export, bugs):
    export = request_export(Format.CSV, fields=["title"])
    runner.run_due()
    export.refresh_from_db()
    rows = list(csv.reader(io.StringIO(content(export).decode(), newline="")))
    assert rows[:2] == [["title"], ["'=bug 1"]]


def test_filters_are_the_list_parameters(request_export, bugs):
    Bug.objects.filter(number__lte=2).update(severity="critical")
    export = request_export(filters={"severity": "critical"})
    runner.run_due()
    export.refresh_from_db()
    assert export.rows_done == 2


def test_no_bugs_is_an_empty_file(request_export, web):
    export = request_export()
    runner.run_due()
    export.refresh_from_db()
    assert (export.state, export.rows_done, json.loads(content(export))["count"]) == (State.READY, 0, 0)


def test_all_of_it_is_of_one_moment(request_export, bugs, monkeypatch):
    def change(export):
        Bug.objects.filter(number=7).update(title="later")
        Bug.objects.filter(number=6).delete()

    during(monkeypatch, change)
    export = request_export()
    runner.run_due()
    export.refresh_from_db()
    titles = [bug["title"] for bug in json.loads(content(export))["results"]]
    assert titles == [f"=bug {number}" for number in range(1, 8)]


def test_progress_is_seen_while_it_runs(request_export, bugs, monkeypatch):
    seen = []
    during(monkeypatch, lambda export: seen.append(Export.objects.values_list("rows_done", "rows_total").get()))
    request_export()
    runner.run_due()
    assert seen == [(3, 7)]


def test_cancelled_midway(request_export, bugs, monkeypatch, alice, media):
    export = request_export()
    during(monkeypatch, lambda running: services.cancel(running.pk, by=alice))
    assert runner.run_due() == 0
    export.refresh_from_db()
    assert (export.state, export.file) == (State.CANCELLED, "")
    assert list(media.iterdir()) == []
    assert types(export) == ["export.requested"]


def test_a_stale_epoch_cannot_finish(request_export, bugs, monkeypatch, media):
    export = request_export()
    newer = []

    def overtake(running):
        """The lease ran out and another worker did the whole work."""
        expire(running)
        newer.append(runner.run_due())

    during(monkeypatch, overtake, at=3)
    assert runner.run_due() == 0
    export.refresh_from_db()
    assert newer == [1]
    assert (export.state, export.epoch) == (State.READY, 2)
    assert hashlib.sha256(content(export)).hexdigest() == export.sha256
    assert [path.name for path in media.iterdir()] == [export.file]
    assert types(export) == ["export.requested", "export.completed"]


def test_a_stale_epoch_cannot_publish_at_the_end(request_export, bugs, media):
    request_export()
    stale = runner.claim()
    expire(stale)
    current = runner.claim()
    path = files.unfinished(files.name(stale.pk, stale.epoch, stale.format))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"old")
    with pytest.raises(runner.Lost):
        runner._finish(stale, files.name(stale.pk, stale.epoch, stale.format), size=3, sha256="0" * 64)
    assert runner.run(current)
    assert len(list(media.iterdir())) == 1


class Killed(BaseException):
    """As a killed process: nothing is cleaned up."""


def test_a_crash_leaves_nothing_to_download_and_is_retried(request_export, bugs, monkeypatch, media):
    export = request_export()

    def die(running):
        raise Killed

    with monkeypatch.context() as patch:
        during(patch, die)
        with pytest.raises(Killed):
            runner.run_due()
    export.refresh_from_db()
    assert (export.state, export.file, export.attempts) == (State.RUNNING, "", 1)
    assert [path.suffix for path in media.iterdir()] == [files.PART]
    assert runner.run_due() == 0  # its lease still runs
    expire(export)
    assert runner.run_due() == 1
    export.refresh_from_db()
    assert (export.state, export.attempts, export.rows_done) == (State.READY, 2, 7)
    assert [path.name for path in media.iterdir()] == [export.file]


def test_a_crash_between_file_and_commit_is_retried(request_export, bugs, monkeypatch, media):
    export = request_export()

    def die(export, by):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(events, "completed", die)
        with pytest.raises(Killed):
            runner.run_due()
    export.refresh_from_db()
    assert export.state == State.RUNNING
    expire(export)
    assert runner.run_due() == 1
    export.refresh_from_db()
    assert [path.name for path in media.iterdir()] == [export.file]


def test_three_failures_are_the_end(request_export, bugs, monkeypatch, media):
    export = request_export()

    def fail(running):
        raise OSError("disk full: /secret/path")

    monkeypatch.setattr(events, "progress", fail)
    assert runner.run_due() == 0
    export.refresh_from_db()
    assert (export.state, export.attempts, export.error) == (State.FAILED, 3, runner.GAVE_UP)
    assert types(export) == ["export.requested", "export.failed"]
    assert list(media.iterdir()) == []


def test_three_crashes_are_the_end_too(request_export, bugs):
    export = request_export()
    for _ in range(3):
        runner.claim()
        expire(export)
    assert runner.run_due() == 0
    export.refresh_from_db()
    assert export.state == State.FAILED


def test_a_failed_attempt_rests_first(request_export, bugs, monkeypatch):
    monkeypatch.setattr(runner, "REST", timedelta(minutes=1))
    monkeypatch.setattr(runner, "_make", lambda *_: 1 / 0)
    export = request_export()
    runner.run_due()
    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.QUEUED, 1)


def test_files_of_dead_epochs_are_swept(request_export, bugs, media):
    export = request_export()
    media.mkdir()
    (media / f"{export.pk}.7.json.part").write_bytes(b"left behind")
    (media / "notes.part").write_bytes(b"somebody else's")
    runner.sweep()
    assert [path.name for path in media.iterdir()] == ["notes.part"]


def test_a_living_epoch_keeps_its_file(request_export, bugs, monkeypatch):
    during(monkeypatch, lambda running: runner.sweep())
    request_export()
    assert runner.run_due() == 1
