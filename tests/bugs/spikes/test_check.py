"""Groups that spike: found from the counts, told of once, with those behind them, until it is over."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from bugs.models import Bug, ErrorGroup, Project
from bugs.services import counting, folding, spikes

NOW = datetime(2026, 5, 20, 12, 10, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def project(db, settings):
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    return Project.objects.create(number=7, key="PAY", name="Pay")


@pytest.fixture
def group(project):
    def make(name="a", *, age=timedelta(days=2), **more):
        seen = {"first_seen_at": NOW - age, "last_seen_at": NOW}
        return ErrorGroup.objects.create(
            project=more.pop("project", project), fingerprint=name, grouping="stack trace", title=name, **seen, **more
        )

    return make


def count(group, number, at=NOW, level="error"):
    row = {"level": level, "group_id": group.pk, "component": "", "environment": "", "release": ""}
    counting.errors(group.project_id, [SimpleNamespace(occurred_at=at, **row)] * number)
    ErrorGroup.objects.filter(pk=group.pk, last_seen_at__lt=at).update(last_seen_at=at)


def usually(group, number=2, hours=48):
    for period in range(1, 2 * hours):
        count(group, number, NOW - period * HALF_HOUR - timedelta(minutes=20))


def told():
    return list(Event.objects.filter(type="error_group.spiking").order_by("id").values_list("data", flat=True))


def test_a_spike_is_marked_and_told_of(group):
    one = group()
    usually(one)
    count(one, 30)
    assert spikes.check(NOW) == 1
    one.refresh_from_db()
    assert one.spiking_since == NOW
    [data] = told()
    assert (data["group_id"], data["bug_id"], data["level"], data["observed"]) == (str(one.pk), None, "error", 30)
    assert 1 < data["expected"] < 2.1


def test_it_is_told_of_once(group):
    one = group()
    usually(one)
    count(one, 30)
    assert [spikes.check(NOW), spikes.check(NOW + timedelta(minutes=1))] == [1, 0]
    assert len(told()) == 1


def test_the_event_names_the_bug(group, project):
    bug = Bug.objects.create(project=project, number=1, title="b", created_at=NOW, updated_at=NOW)
    one = group(bug=bug)
    usually(one)
    count(one, 30)
    spikes.check(NOW)
    assert told()[0]["bug_id"] == str(bug.pk)


def test_folded_counts_and_those_that_are_not_say_the_same(group):
    one = group()
    usually(one)
    folding.fold()
    count(one, 30)
    spikes.check(NOW)
    [data] = told()
    one.refresh_from_db()
    ErrorGroup.objects.update(spiking_since=None)
    folding.fold()
    spikes.check(NOW)
    assert told()[1] == data


def test_as_many_as_always_is_no_spike(group):
    one = group()
    usually(one, 30)
    count(one, 31)
    assert spikes.check(NOW) == 0


def test_a_new_group_does_not_spike(group):
    one = group(age=timedelta(hours=11))
    count(one, 1_000)
    assert spikes.check(NOW) == 0


def test_the_time_before_the_first_error_is_no_past(group):
    """Ten errors in each period of twelve and a half hours: not ten in some and none in all others of a week."""
    one = group(age=timedelta(hours=12, minutes=40))
    usually(one, 10, hours=12)
    count(one, 40)
    spikes.check(NOW)
    assert told()[0]["expected"] > 9


def test_groups_behind_another_are_counted_with_it(group):
    head = group("head")
    members = [group(name, merged_into=head) for name in ("b", "c")]
    usually(head)
    for one in (head, *members):
        count(one, 10)
    spikes.check(NOW)
    [data] = told()
    assert (data["group_id"], data["observed"]) == (str(head.pk), 30)


def test_what_members_always_do_is_no_spike_of_their_head(group):
    head = group("head")
    member = group("b", merged_into=head)
    usually(member, 30)
    count(member, 30)
    assert spikes.check(NOW) == 0


def test_a_group_that_was_merged_while_it_spiked_is_unmarked(group):
    head = group("head")
    member = group("b", merged_into=head, spiking_since=NOW)
    spikes.check(NOW)
    member.refresh_from_db()
    assert member.spiking_since is None


def test_a_spike_that_is_over_is_unmarked_and_the_next_one_told_of(group):
    one = group()
    usually(one)
    count(one, 30)
    spikes.check(NOW)
    spikes.check(NOW + timedelta(hours=2))
    one.refresh_from_db()
    assert one.spiking_since is None
    count(one, 300, NOW + timedelta(hours=3))
    assert spikes.check(NOW + timedelta(hours=3)) == 1
    assert len(told()) == 2


def test_a_spike_outlives_the_beginning_of_a_quarter(group):
    one = group()
    usually(one)
    for minute in range(0, 45, 5):
        count(one, 10, NOW + timedelta(minutes=minute))
    spikes.check(NOW + timedelta(minutes=34))
    for minute in (35, 36, 40):
        spikes.check(NOW + timedelta(minutes=minute))
        one.refresh_from_db()
        assert one.spiking_since is not None
    assert len(told()) == 1


def test_levels_and_releases_of_one_group_are_added_up(group):
    one = group()
    usually(one)
    for level in ("error", "warning", "fatal"):
        count(one, 2, level=level)
    count(one, 24)
    spikes.check(NOW)
    assert told()[0]["observed"] == 30


def test_projects_are_looked_at_each(group, project):
    other = Project.objects.create(number=8, key="APP", name="App")
    for one in (group(), group(project=other)):
        usually(one)
        count(one, 30)
    assert spikes.check(NOW) == 2


def test_all_groups_are_read_with_one_statement(group):
    for name in "abcdef":
        one = group(name)
        count(one, 2)
        count(one, 2, NOW - timedelta(hours=3))
    with CaptureQueriesContext(connection) as asked:
        spikes.check(NOW)
    assert len(asked) == 2  # the counts, and groups that are behind others


def test_documents_of_groups_and_patterns_tell_of_it(group, web, api):
    one = group(project=web)
    usually(one)
    count(one, 30)
    spikes.check(NOW)
    client = api("carol")
    shown = client.get(f"/api/v1/error-groups/{one.pk}/").json()
    [listed] = client.get(f"/api/v1/error-patterns/?from={NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}").json()[
        "results"
    ]
    assert shown["spiking_since"].startswith("2026-05-20T12:10:00")
    assert listed["spiking_since"].startswith("2026-05-20T12:10:00")
