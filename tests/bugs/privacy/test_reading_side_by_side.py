"""Texts are read again while others write, by several workers, and by workers that are killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.actors import SYSTEM
from bugs import services
from bugs.ingest import redaction_work
from bugs.models import Bug, Comment, Redaction
from bugs.selectors import privacy
from bugs.services import comments, redacting_bugs
from bugs.services import privacy as rules
from bugs.services import redacting as work

pytestmark = pytest.mark.django_db(transaction=True)
OURS = {"patterns": [{"name": "customer", "pattern": "KD-[0-9]{4}"}]}
BUGS = 60


@pytest.fixture(autouse=True)
def quiet(settings: Any, monkeypatch: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    monkeypatch.setattr(privacy, "KEPT", 0)
    monkeypatch.setattr(work, "SETTLES", work.REST * 0)
    monkeypatch.setattr(redacting_bugs, "CHUNK", 5)


@pytest.fixture
def bugs(web: Any) -> list[Bug]:
    found = [services.report(project_id=web.pk, by=SYSTEM, title=f"KD-{4000 + number}") for number in range(BUGS)]
    for bug in found:
        comments.add(bug.pk, body="KD-4711", by=SYSTEM)
    return found


def at_once(*calls: Callable[[], Any]) -> list[Exception]:
    failed: list[Exception] = []

    def run(call: Callable[[], Any]) -> None:
        try:
            call()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


def all_are_clean(project: Any) -> bool:
    version = privacy.present(project.pk).version
    rows = [
        *Bug.objects.values_list("title", "redaction_version"),
        *Comment.objects.values_list("body", "redaction_version"),
    ]
    return all("KD-" not in text and stamp == version for text, stamp in rows)


def test_edits_and_two_workers_meet(web: Any, bugs: list[Bug]) -> None:
    rules.change(web.pk, rules=OURS, by=SYSTEM)

    def edit() -> None:
        for bug in reversed(bugs):
            services.edit(bug.pk, changes={"description": "See KD-4712"}, by=SYSTEM)

    def talk() -> None:
        for bug in bugs:
            comments.add(bug.pk, body="KD-4713", by=SYSTEM)

    def read() -> None:
        while redaction_work.run_due(60):
            pass

    assert at_once(edit, talk, read, read) == []
    read()
    assert all_are_clean(web) and Comment.objects.count() == 2 * BUGS
    assert set(Bug.objects.values_list("description", flat=True)) == {"See [redacted:customer]"}
    assert Redaction.objects.get().state == "done"


def test_a_worker_that_is_killed_leaves_its_work_to_others(web: Any, bugs: list[Bug]) -> None:
    rules.change(web.pk, rules=OURS, by=SYSTEM)
    url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    command = [sys.executable, "-c", _SLOW]
    with subprocess.Popen(
        command, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout
        for _ in range(3):
            assert "of" in worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
    done = Bug.objects.exclude(title__startswith="KD-").count()
    assert 0 < done < BUGS and work.claim() is None  # its lease holds
    Redaction.objects.update(leased_until=None)
    redaction_work.run_due(60)
    assert all_are_clean(web) and privacy.state(web.pk)["state"] == "done"  # type: ignore[index]


_SLOW = """
import os, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from django.core.management import call_command
from bugs.services import redacting, redacting_bugs
redacting_bugs.CHUNK = 5
advance = redacting.advance
def slow(*args, **more):
    time.sleep(0.2)
    advance(*args, **more)
redacting.advance = slow
call_command("redact", project="WEB", verbosity=2)
"""
