"""Kinds of errors on the stream: what happened to each, with as much of it as the format asks for."""

import pytest

from audit.actors import SYSTEM
from bugs import services
from bugs.models import ErrorGroup
from bugs.services import grouping
from streaming.streams import patterns
from streaming.subscriptions import BadMessage
from tests.streaming.streams.asking import facts_of, subscribed

KIND = "error_patterns"


def kinds(events):
    return [event["event_type"] for event in events]


def test_a_new_kind_of_error_is_a_new_pattern(crash, told, web):
    kept = crash()
    (event,) = told(KIND)
    metadata = event["metadata"]
    assert (event["event_type"], event["bug_id"], event["changes"]) == ("new_pattern", str(kept.bug_id), {})
    assert {name: metadata[name] for name in ("type", "project_id", "matched", "group_id", "level")} == {
        "type": "error_group.created",
        "project_id": str(web.pk),
        "matched": True,
        "group_id": str(kept.group_id),
        "level": "error",
    }
    assert {name: metadata["pattern"][name] for name in ("project", "bug", "title", "reports", "users")} == {
        "project": "WEB",
        "bug": "WEB-1",
        "title": "ValueError: bad",
        "reports": 1,
        "users": 0,
    }


def test_one_more_error_of_a_known_kind_is_no_news(crash, told):
    crash()
    crash()
    assert len(told(KIND)) == 1


def test_an_error_of_a_fixed_bug_is_a_regression(crash, told):
    services.change_status(crash(release="1.0").bug_id, to="resolved", resolution="fixed", by=SYSTEM)
    crash(release="1.1")
    assert kinds(told(KIND)) == ["new_pattern", "regression"]


def test_merging_and_splitting_are_told(crash, told):
    group, into = crash().group_id, crash("KeyError").group_id
    grouping.merge(group, into=into, by=SYSTEM)
    grouping.split(into, groups=[group], by=SYSTEM)
    *_, merge, split = told(KIND)
    assert (merge["event_type"], merge["metadata"]["into"]) == ("merge", str(into))
    assert (split["event_type"], split["metadata"]["out_of"]) == ("split", str(into))


def test_compact_is_the_event_alone(crash, told):
    crash()
    assert "pattern" not in told(KIND, "compact")[0]["metadata"]


def test_detailed_has_the_group_as_rest_lists_it(crash, told, api):
    crash()
    assert [told(KIND, "detailed")[0]["metadata"]["pattern"]] == api("carol").get("/api/v1/error-groups/").json()[
        "results"
    ]


def test_a_group_that_is_gone_is_left_out(crash, told):
    gone, kept = crash(), crash("KeyError")
    ErrorGroup.objects.filter(pk=gone.group_id).delete()
    assert [event["metadata"]["group_id"] for event in told(KIND, "compact")] == [str(kept.group_id)]


@pytest.mark.parametrize("name", ["level", "project", "environment", "release"])
def test_each_filter_keeps_what_is_asked_for(name, crash, told, shown, app, join):
    join("dave", "viewer", app)
    crash("KeyError", project=app, environment="test", release="2.0")
    kept = crash(level="fatal", environment="prod", release="1.0")
    wanted = {"level": "fatal", "project": "WEB", "environment": "prod", "release": "1.0"}
    filters = {name: wanted[name]}
    assert [event["metadata"]["group_id"] for event in told(KIND, filters=filters)] == [str(kept.group_id)]
    assert [item["id"] for item in shown(KIND, filters=filters)[0]] == [str(kept.group_id)]


def test_where_a_group_came_back_counts_at_once(crash, told):
    services.change_status(crash(release="1.0").bug_id, to="resolved", resolution="fixed", by=SYSTEM)
    crash(release="1.1", environment="canary")
    for filters in ({"release": "1.1"}, {"environment": "canary"}):
        assert "regression" in kinds(told(KIND, filters=filters))


def test_a_wrong_filter_is_named():
    with pytest.raises(BadMessage, match=r"There is no filter 'projetc'\. Did you mean project\?"):
        subscribed(KIND, filters={"projetc": "WEB"})


def test_all_facts_are_read_at_once(crash, django_assert_num_queries):
    for name in ("KeyError", "ValueError", "OSError"):
        crash(name)
    one = subscribed(KIND, "detailed", filters={"release": "1.0"})
    facts = facts_of(one)
    with django_assert_num_queries(2):
        one.stream.read(facts, [one])


def test_a_snapshot_has_the_groups_seen_last_first(crash, shown):
    old, new = crash(), crash("KeyError")
    items, is_whole = shown(KIND, "compact")
    assert [item["id"] for item in items] == [str(new.group_id), str(old.group_id)]
    assert is_whole and items[0].keys() == {"id", "project", "bug", "level"}


def test_a_snapshot_has_no_more_than_its_bound_and_says_so(crash, shown, monkeypatch):
    monkeypatch.setattr(patterns, "SNAPSHOT_LIMIT", 1)
    crash()
    crash("KeyError")
    items, is_whole = shown(KIND, "detailed")
    assert (len(items), is_whole) == (1, False)


def test_a_snapshot_by_place_looks_at_a_bounded_number_of_groups(crash, shown, monkeypatch):
    monkeypatch.setattr(patterns, "PLACES_SCAN_MAX", 1)
    crash(release="1.0")
    crash("KeyError", release="2.0")
    assert shown(KIND, filters={"release": "1.0"}) == ([], False)


def test_a_snapshot_is_of_ones_own_projects(crash, shown, app):
    crash(project=app)
    assert shown(KIND) == ([], True)
