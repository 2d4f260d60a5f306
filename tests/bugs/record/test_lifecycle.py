"""A bug's way: times, resolutions, notes, regressions, merged and deleted bugs."""

import pytest

from audit.actors import SYSTEM
from audit.models import Event
from bugs import services
from bugs.models import Bug, Comment

URL = "/api/v1/bugs/"


def code_of(answer):
    return answer.json()["code"]


def types_of(bug):
    return list(Event.objects.filter(subject=f"bug:{bug.pk}").order_by("seq").values_list("type", flat=True))


def moved(bug, *states, **more):
    for state in states:
        services.change_status(bug.pk, to=state, by=SYSTEM, **more)
    return Bug.objects.get(pk=bug.pk)


def test_triage_is_the_first_time_a_bug_leaves_new(bug):
    first = moved(bug, "triaged")

    assert first.triaged_at and moved(bug, "in_progress", "triaged").triaged_at == first.triaged_at


def test_a_bug_that_is_closed_at_once_is_triaged_resolved_and_closed(bug):
    bug = moved(bug, "closed")

    assert bug.triaged_at == bug.resolved_at == bug.closed_at is not None
    assert bug.resolution == "fixed"


def test_closing_keeps_the_time_of_resolving(bug):
    resolved = moved(bug, "resolved", resolution="wont_fix")
    closed = moved(bug, "closed")

    assert resolved.closed_at is None and closed.resolved_at == resolved.resolved_at
    assert closed.resolution == "wont_fix"


def test_reopening_takes_the_end_back_and_is_counted(bug):
    bug = moved(bug, "resolved", "reopened", "closed", "reopened")

    assert (bug.resolution, bug.resolved_at, bug.closed_at, bug.reopen_count) == ("", None, None, 2)
    assert bug.triaged_at is not None


@pytest.mark.parametrize("to", ["triaged", "in_progress"])
def test_a_resolution_belongs_to_an_end(api, bug, to):
    answer = api("bob").post(f"{URL}{bug.pk}/status/", {"to": to, "resolution": "fixed"})

    assert (answer.status_code, code_of(answer)) == (400, "misplaced_resolution")
    assert answer.json()["errors"][0]["pointer"] == "/resolution" and Bug.objects.get().status == "new"


def test_a_resolved_bug_can_get_another_resolution(api, bug):
    client = api("bob")
    client.post(f"{URL}{bug.pk}/status/", {"to": "resolved"})
    answer = client.post(f"{URL}{bug.pk}/status/", {"to": "resolved", "resolution": "by_design"})

    assert answer.json()["resolution"] == "by_design"
    assert types_of(bug) == ["bug.created", "bug.status_changed", "bug.edited"]


def test_notes_of_a_move_become_a_comment(api, bug):
    client = api("bob")
    assert client.post(f"{URL}{bug.pk}/status/", {"to": "triaged", "notes": "Looks real"}).status_code == 200

    comment = Comment.objects.get()
    assert (comment.body, comment.is_internal, comment.author.username) == ("Looks real", False, "bob")


def test_the_same_move_again_says_nothing_again(api, bug):
    client = api("bob")
    for _ in range(2):
        client.post(f"{URL}{bug.pk}/status/", {"to": "triaged", "notes": "Looks real"})

    assert Comment.objects.count() == 1 and types_of(bug).count("bug.status_changed") == 1


def test_notes_over_the_bound_move_nothing(api, bug):
    answer = api("bob").post(f"{URL}{bug.pk}/status/", {"to": "triaged", "notes": "x" * 20_001})

    assert answer.status_code == 400 and Bug.objects.get().status == "new"


@pytest.mark.parametrize("end", ["resolved", "closed"])
def test_errors_of_a_fixed_bug_reopen_it_once(bug, end):
    moved(bug, end)

    assert [services.regress(bug.pk, by=SYSTEM, release="2.0") for _ in range(3)] == [True, False, False]
    assert types_of(bug)[-2:] == ["bug.status_changed", "bug.regressed"]
    event = Event.objects.get(type="bug.regressed")
    assert event.data["changes"] == {"status": {"from": end, "to": "reopened"}} and event.data["release"] == "2.0"
    assert Bug.objects.get().status == "reopened" and Bug.objects.get().reopen_count == 1


@pytest.mark.parametrize("resolution", ["duplicate", "wont_fix", "by_design", "cannot_reproduce"])
def test_errors_of_a_bug_that_was_not_fixed_do_not_reopen_it(bug, resolution):
    moved(bug, "closed", resolution=resolution)

    assert not services.regress(bug.pk, by=SYSTEM) and Bug.objects.get().status == "closed"


def test_open_and_deleted_bugs_do_not_regress(bug):
    assert not services.regress(bug.pk, by=SYSTEM)
    services.delete(bug.pk, by=SYSTEM)
    assert not services.regress(bug.pk, by=SYSTEM)


def test_a_merged_bug_stays_as_it_is(api, web, bug):
    target = services.report(project_id=web.pk, by=SYSTEM, title="The other")
    Bug.objects.filter(pk=bug.pk).update(merged_into=target, status="closed", resolution="fixed")
    client = api("alice")
    events = Event.objects.count()

    for answer in (
        client.post(f"{URL}{bug.pk}/status/", {"to": "reopened"}),
        client.patch(f"{URL}{bug.pk}/", {"title": "Mine"}),
        client.post(f"{URL}{bug.pk}/assign/", {"assignee": "bob"}),
    ):
        assert (answer.status_code, code_of(answer)) == (409, "bug_merged")
    assert not services.regress(bug.pk, by=SYSTEM)
    assert Event.objects.count() == events


def test_alice_deletes_and_restores_a_bug(api, bug):
    client = api("alice")
    before = client.get(f"{URL}{bug.pk}/").json()["title"]
    client.delete(f"{URL}{bug.pk}/")
    answer = client.post(f"{URL}WEB-{bug.number}/restore/")

    assert answer.status_code == 200 and answer.json()["title"] == before
    assert client.get(f"{URL}{bug.pk}/").status_code == 200
    assert types_of(bug) == ["bug.created", "bug.deleted", "bug.restored"]


def test_only_admins_restore_and_only_what_is_deleted(api, bug):
    assert code_of(api("alice").post(f"{URL}{bug.pk}/restore/")) == "not_found"
    services.delete(bug.pk, by=SYSTEM)
    assert code_of(api("bob").post(f"{URL}{bug.pk}/restore/")) == "role_missing"
    assert Bug.objects.get().deleted_at is not None


def test_what_is_deleted_cannot_be_changed(api, bug):
    services.delete(bug.pk, by=SYSTEM)
    client = api("alice")

    assert code_of(client.patch(f"{URL}{bug.pk}/", {"title": "x"})) == "not_found"
    assert code_of(client.post(f"{URL}{bug.pk}/status/", {"to": "triaged"})) == "not_found"
