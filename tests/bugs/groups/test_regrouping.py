"""Stored reports go where today's rules put them, with everything that is counted by group."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from audit.models import Event
from bugs import tasks
from bugs.ingest import regrouping as runner
from bugs.models import AffectedUser, Bug, ErrorGroup, ErrorReport, Regrouping, RollupDelta
from bugs.selectors import counts
from bugs.services import contexts, regrouping

API = "/api/v1/"
RULES = f"{API}projects/WEB/grouping-rules/"
BY_REGION = {
    "name": "By region",
    "match": [{"field": "tag.region", "pattern": "*"}],
    "fingerprint": ["{{ default }}", "{{ tag.region }}"],
}


@pytest.fixture
def mixed(crash: Any, api: Any) -> Any:
    """One group: two reports of ann and ben from the EU, three of ben and cid from the US, one of eve from nowhere."""
    now = timezone.now()
    crash("KeyError", users="ab", tags={"region": "EU"}, at=now - timedelta(hours=9), release="1.0")
    crash("KeyError", users="bcc", tags={"region": "US"}, at=now - timedelta(hours=5), release="2.0")
    return crash("KeyError", users="e", at=now - timedelta(hours=7))


@pytest.fixture
def by_region(api: Any) -> None:
    assert api("alice").post(RULES, BY_REGION).status_code == 201


def regroup(do: Any, group: Any) -> None:
    answer = do(group, "regroup")
    assert answer.status_code == 202, answer.content
    assert not runner.run_due(60)


def amounts() -> dict[int, int]:
    """Reports that the counts over time have for each group, by the number of its bug."""
    rows: dict[int, int] = {}
    numbers = dict(ErrorGroup.objects.values_list("pk", "bug__number"))
    for group_id, amount in RollupDelta.objects.filter(measure="errors").values_list("group_id", "amount"):
        rows[numbers[group_id]] = rows.get(numbers[group_id], 0) + amount
    return rows


def sizes() -> list[tuple[int, int, int]]:
    """Of each group, in the order of bugs: its reports as counted, as stored, and its users as counted."""
    found = []
    for group in ErrorGroup.objects.order_by("bug__number"):
        assert group.users == AffectedUser.objects.filter(group_id=group.pk).count()
        found.append((group.reports, ErrorReport.objects.filter(group_id=group.pk).count(), group.users))
    return found


def test_reports_go_where_the_rules_put_them(mixed: Any, by_region: None, do: Any) -> None:
    regroup(do, mixed)
    assert sorted(sizes()) == [(1, 1, 1), (2, 2, 2), (3, 3, 2)]
    assert set(ErrorGroup.objects.values_list("grouping", flat=True)) == {"v2:rule", "v2:in_app"}


def test_bugs_are_filed_and_counted(mixed: Any, by_region: None, do: Any) -> None:
    regroup(do, mixed)
    found = Bug.objects.order_by("number").values_list("error_count", "user_count")
    assert found[0] == (1, 1) and sorted(found) == [(1, 1), (2, 2), (3, 2)]
    assert Event.objects.filter(type="bug.created").count() == 3
    assert Event.objects.filter(type="error_group.created").count() == 3


def test_counts_over_time_follow(mixed: Any, by_region: None, do: Any) -> None:
    assert amounts() == {1: 6}
    regroup(do, mixed)
    assert sorted(amounts().values()) == [1, 2, 3]


def test_a_recount_finds_nothing_wrong(mixed: Any, by_region: None, do: Any) -> None:
    regroup(do, mixed)
    from bugs.services import recounting

    assert sum(chunk.wrong for chunk in recounting.recount(mixed.project_id)) == 0


def test_moments_and_releases_follow(mixed: Any, by_region: None, do: Any) -> None:
    regroup(do, mixed)
    for group in ErrorGroup.objects.all():
        moments = ErrorReport.objects.filter(group_id=group.pk).values_list("occurred_at", flat=True)
        assert (group.first_seen_at, group.last_seen_at) == (min(moments), max(moments))
    assert set(ErrorGroup.objects.exclude(pk=mixed.pk).values_list("last_release", flat=True)) == {"1.0", "2.0"}


def test_filters_find_the_new_groups(mixed: Any, by_region: None, do: Any, api: Any) -> None:
    regroup(do, mixed)
    contexts.fold()
    answer = api("carol").get(f"{API}bugs/?q=error_release:1.0").json()
    assert len(answer["results"]) == 2  # what the old group once had, it had


def test_doing_it_again_changes_nothing(mixed: Any, by_region: None, do: Any) -> None:
    regroup(do, mixed)
    before = sizes(), amounts()
    for group in ErrorGroup.objects.all():
        regroup(do, group)
    assert (sizes(), amounts()) == before


def test_without_its_rule_they_come_back(mixed: Any, by_region: None, do: Any, api: Any) -> None:
    regroup(do, mixed)
    client = api("alice")
    client.delete(f"{RULES}{client.get(RULES).json()['results'][0]['id']}/")
    for group in ErrorGroup.objects.exclude(pk=mixed.pk):
        regroup(do, group)
    mixed.refresh_from_db()
    assert (mixed.reports, mixed.users) == (6, 4)
    assert Bug.objects.values_list("error_count", "user_count").get(number=1) == (6, 4)
    assert amounts()[1] == 6


def test_a_group_that_goes_as_a_whole_stays_itself(crash: Any, do: Any, api: Any) -> None:
    group = crash("KeyError", times=3, tags={"region": "EU"})
    api("alice").post(RULES, BY_REGION)
    old = group.fingerprint
    regroup(do, group)
    group.refresh_from_db()
    assert group.fingerprint != old and group.grouping == "v2:rule" and group.rule is not None
    assert (ErrorGroup.objects.count(), Bug.objects.count(), group.reports) == (1, 1, 3)
    crash("KeyError", tags={"region": "EU"})
    assert ErrorGroup.objects.get().reports == 4


def test_of_one_that_falls_apart_the_largest_part_stays_itself(crash: Any, do: Any, api: Any) -> None:
    crash("KeyError", times=3, tags={"region": "EU"})
    group = crash("KeyError", tags={"region": "US"})
    api("alice").post(RULES, BY_REGION)
    regroup(do, group)
    assert sizes() == [(3, 3, 0), (1, 1, 0)]


def test_what_a_rule_ignores_now_is_not_thrown_away(crash: Any, do: Any, api: Any) -> None:
    group = crash("KeyError", times=2)
    api("alice").post(RULES, {**BY_REGION, "match": [{"field": "level", "pattern": "*"}], "is_ignored": True})
    regroup(do, group)
    assert sizes() == [(2, 2, 0)]


def test_it_goes_in_chunks_and_goes_on_after_a_crash(mixed: Any, by_region: None, do: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)
    monkeypatch.setattr(runner, "TARGETS_MAX", 1)
    do(mixed, "regroup")
    for _ in range(30):  # each time only one step is done before the power fails
        work = regrouping.claim()
        if work is None:
            break
        runner._step(work)
        Regrouping.objects.update(leased_until=timezone.now())
    assert sorted(sizes()) == [(1, 1, 1), (2, 2, 2), (3, 3, 2)]
    assert sorted(amounts().values()) == [1, 2, 3]
    assert Regrouping.objects.get().attempts <= 1


def test_whoever_lost_the_lease_changes_nothing(mixed: Any, by_region: None, do: Any) -> None:
    do(mixed, "regroup")
    late = regrouping.claim()
    assert late is not None
    Regrouping.objects.update(leased_until=timezone.now())
    assert not runner.run_due(60)
    before = sizes()
    with pytest.raises(regrouping.Lost):
        regrouping.finish(late)
    assert sizes() == before


def test_a_step_that_always_fails_is_given_up(mixed: Any, do: Any, read: Any, monkeypatch: Any) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(runner, "_read", fail)
    do(mixed, "regroup")
    for _ in range(regrouping.MAX_ATTEMPTS):
        runner.run_due(60)
        Regrouping.objects.filter(finished_at=None).update(leased_until=timezone.now())
    assert (read(mixed)["regrouping"]["state"], read(mixed)["regrouping"]["reason"]) == ("failed", "failed")


def test_users_whose_reports_were_not_looked_at_stay(
    mixed: Any, by_region: None, do: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CHUNK", 2)  # ben's report from the EU goes with the first, his other one does not
    monkeypatch.setattr(regrouping, "MAX_ATTEMPTS", 1)
    move = regrouping.move

    def once(work: Regrouping, *parts: Any, **more: Any) -> Any:
        if work.moved:
            raise RuntimeError("no")
        return move(work, *parts, **more)

    monkeypatch.setattr(regrouping, "move", once)
    do(mixed, "regroup")
    runner.run_due(60)
    Regrouping.objects.filter(finished_at=None).update(leased_until=timezone.now(), attempts=0)
    runner.run_due(60)
    assert Regrouping.objects.get().reason == "failed"
    assert sorted(sizes()) == [(2, 2, 2), (4, 4, 4)]


def test_a_rule_that_takes_everything_apart_is_refused(mixed: Any, by_region: None, do: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(regrouping, "FOUND_MAX", 2)
    regroup(do, mixed)
    assert Regrouping.objects.get().reason == "too_many_groups"
    assert sizes() == [(6, 6, 4)]


def test_how_far_it_is_stands_in_the_group(mixed: Any, by_region: None, do: Any, read: Any) -> None:
    assert read(mixed)["regrouping"] is None
    answer = do(mixed, "regroup")
    assert answer.json()["regrouping"]["state"] == "waiting"
    refused = do(mixed, "regroup")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_regrouping")
    runner.run_due(60)
    shown = read(mixed)["regrouping"]
    assert (shown["state"], shown["looked_at"], shown["moved"]) == ("done", 6, 5)
    told = Event.objects.get(type="error_group.regrouped")
    assert (told.data["looked_at"], told.data["moved"], told.data["reason"]) == (6, 5, "")
    assert told.actor.startswith("key:")


def test_those_behind_a_group_are_grouped_anew_with_it(mixed: Any, crash: Any, do: Any, api: Any, read: Any) -> None:
    head = crash("ValueError")
    do(mixed, "merge", {"into": str(head.pk)})
    api("alice").post(RULES, BY_REGION)
    regroup(do, head)
    assert read(head)["regrouping"]["looked_at"] == 7
    assert read(head)["reports"] == 2  # what left has bugs of its own
    assert Bug.objects.count() == 4


def test_reports_that_go_to_a_group_behind_another_count_there(crash: Any, do: Any, api: Any) -> None:
    api("alice").post(RULES, BY_REGION)
    behind, head = crash("KeyError", tags={"region": "EU"}), crash("ValueError")
    do(behind, "merge", {"into": str(head.pk)})
    rule = api("alice").get(RULES).json()["results"][0]["id"]
    api("alice").patch(f"{RULES}{rule}/", {"is_active": False})
    group = crash("KeyError", times=2, tags={"region": "EU"})
    api("alice").patch(f"{RULES}{rule}/", {"is_active": True})
    regroup(do, group)
    behind.refresh_from_db()
    assert behind.reports == 3
    assert Bug.objects.values_list("error_count", flat=True).get(pk=head.bug_id) == 4


def test_a_worker_is_told_and_takes_it_over(mixed: Any, by_region: None, do: Any, settings: Any) -> None:
    settings.EVENT_ROUTES = {"bugs.tasks.regroup": ["error_group.regroup_requested"]}
    do(mixed, "regroup")
    tasks.regroup()
    assert Regrouping.objects.get().finished_at is not None


@pytest.mark.parametrize(("options", "looked_at"), [([], 0), (["--all"], 6)])
def test_a_whole_project_is_grouped_anew(mixed: Any, by_region: None, options: list[str], looked_at: int) -> None:
    call_command("regroup", "WEB", *options, verbosity=0)
    assert sum(Regrouping.objects.values_list("looked_at", flat=True)) == looked_at
    assert ErrorGroup.objects.count() == (3 if options else 1)


def test_groups_of_an_older_version_are_found(mixed: Any) -> None:
    ErrorGroup.objects.update(fingerprint="old", grouping="v1:in_app")
    call_command("regroup", "WEB", verbosity=0)
    group = ErrorGroup.objects.get()
    assert group.grouping == "v2:in_app" and group.fingerprint != "old"


def test_figures_agree_after_it(mixed: Any, by_region: None, do: Any) -> None:
    regroup(do, mixed)
    start = timezone.now() - timedelta(days=2)
    asked = counts.Question([mixed.project_id], ["errors"], start, timezone.now() + timedelta(days=1))
    found = counts.totals(asked, ["group_id"], 10)["group_id"]
    assert sorted(count for _, count in found) == [1, 2, 3]
