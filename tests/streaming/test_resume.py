"""After a break: what was missed, or a gap that says so; the present state where one asks for it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from audit import announcements, log
from audit.actors import SYSTEM
from bugs import services
from bugs.models import Bug, Project
from streaming.fanout import ring
from tests.streaming.serving import REREAD_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]


def report(project: Project, **fields: Any) -> Bug:
    return services.report(project_id=project.pk, by=SYSTEM, **{"title": "Checkout is blank", **fields})


def bugs_of(client: Any, count: int) -> list[str]:
    return [client.next()["event"]["bug_id"] for _ in range(count)]


def test_a_process_that_begins_anew_knows_the_tokens_of_the_one_before(
    stream_process: Any, listener: Open, web: Project
) -> None:
    first = listener()
    stream_process.end(suddenly=True)
    missed = [str(report(web).pk) for _ in range(3)]
    stream_process.start()
    assert bugs_of(listener(resume=first.token), 3) == missed


def test_more_than_memory_holds_comes_from_the_log(
    listener: Open, web: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring.Ring.__init__, "__defaults__", ((), 2))
    first = listener()
    missed = [str(report(web).pk) for _ in range(5)]
    bugs_of(first, 5)
    assert bugs_of(listener(resume=first.token), 5) == missed


def test_the_last_event_of_a_replay_carries_a_token_behind_all_of_them(listener: Open, web: Project) -> None:
    first = listener()
    for _ in range(3):
        report(web)
    bugs_of(first, 3)
    time.sleep(3 * REREAD_SECONDS)
    second = listener(resume=first.token)
    tokens = [second.next()["resume"] for _ in range(3)]
    assert tokens[:2] == [first.token, first.token] != tokens[1:]
    assert listener(resume=tokens[2]).hears_nothing(1)


def test_resuming_in_band_brings_it_again(listener: Open, web: Project) -> None:
    client = listener()
    bug = str(report(web).pk)
    assert bugs_of(client, 1) == [bug]
    answer = client.ask("resume", id="s1", resume=client.token)
    assert (answer["op"], answer["id"], answer["resume"]) == ("subscribed", "s1", client.token)
    assert bugs_of(client, 1) == [bug]


def test_resuming_where_nothing_was_missed_is_answered(listener: Open) -> None:
    client = listener()
    assert client.ask("resume", id="s1", resume=client.token)["op"] == "subscribed"


GAPS = [("deadbeef.12", "unknown_token"), ("nonsense", "unknown_token"), ("{mark}.999999999999", "unknown_token")]


def test_a_token_that_is_not_ours_is_a_gap_that_says_where_to_read(listener: Open) -> None:
    mark = listener().token.partition(".")[0]
    for token, reason in GAPS:
        gap = listener(resume=token.replace("{mark}", mark)).next()
        assert (gap["op"], gap["reason"], gap["refetch"]) == ("gap", reason, "/api/v1/bugs/")


def test_what_is_no_longer_kept_is_a_gap(stream_process: Any, listener: Open, web: Project, settings: Any) -> None:
    from datetime import timedelta

    from django.db import transaction
    from django.utils import timezone

    first = listener(type="error_events")
    with transaction.atomic():
        data = {"reports": []}
        log.announce("error.received", subject=f"project:{web.pk}", project_id=web.pk, data=data, is_kept=True)
    announcements.prune(timezone.now() + timedelta(hours=2))
    stream_process.end()
    stream_process.start()
    assert listener(type="error_events", resume=first.token).next()["reason"] == "too_old"


def test_a_snapshot_is_what_there_is_before_what_comes(listener: Open, web: Project) -> None:
    old = report(web, severity="high")
    report(web, severity="low")
    client = listener(type="bug_updates", filters={"severity": "high"}, snapshot=True)
    snapshot = client.next()
    assert ([item["id"] for item in snapshot["items"]], snapshot["whole"]) == ([str(old.pk)], True)
    services.change_status(old.pk, to="triaged", by=SYSTEM)
    assert bugs_of(client, 1) == [str(old.pk)]


def test_a_snapshot_comes_with_a_gap_and_not_with_a_replay(listener: Open, web: Project) -> None:
    first = listener()
    report(web)
    assert listener(resume=first.token, snapshot=True).next()["op"] == "event"
    lost = listener(resume="deadbeef.1", snapshot=True)
    assert [lost.next()["op"], lost.next()["op"]] == ["gap", "snapshot"]


def test_a_filter_that_only_events_answer_has_no_snapshot(client: Open, web: Project) -> None:
    one = client()
    one.next()
    asked = {"id": "s1", "type": "bug_updates", "filters": {"q": "changed:severity"}}
    assert one.ask("subscribe", **asked, snapshot=True)["code"] == "invalid_filter"
    assert one.ask("subscribe", **asked)["op"] == "subscribed"


def test_what_was_told_of_a_bug_is_not_shown_again_once_it_is_deleted(listener: Open, web: Project) -> None:
    first = listener()
    bug = report(web)
    assert "bug" in first.next()["event"]["metadata"]
    services.delete(bug.pk, by=SYSTEM)
    again = listener(resume=first.token).next()["event"]
    assert again["bug_id"] == str(bug.pk)
    assert "bug" not in again["metadata"]
