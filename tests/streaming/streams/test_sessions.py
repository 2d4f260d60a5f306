"""Sessions on the stream: each that was touched is an event, of one user alone when asked so."""

import pytest

from bugs.ingest.digest.surroundings import user_key
from bugs.models import Session
from streaming.streams import sessions
from streaming.subscriptions import BadMessage
from tests.streaming.streams.asking import facts_of, subscribed

KIND = "sessions"


def kinds(events):
    return [event["event_type"] for event in events]


def test_a_session_begins_goes_on_and_ends(visit, told):
    for status in ("ok", "errored", "exited"):
        visit(status=status)
    assert kinds(told(KIND)) == ["session_started", "session_updated", "session_ended"]


def test_an_error_touches_its_session(crash, told):
    crash(tags={"session_id": "s-1"})
    (event,) = told(KIND)
    assert (event["event_type"], event["metadata"]["state"]) == ("session_started", "errored")


def test_an_event_has_the_session_as_rest_lists_it(visit, told, api, web):
    visit()
    (event,) = told(KIND)
    assert (event["bug_id"], event["changes"]) == (None, {})
    assert event["metadata"] == {
        "type": "session.updated",
        "project_id": str(web.pk),
        "matched": True,
        "session_id": str(Session.objects.get().pk),
        "state": "ok",
        "session": api("carol").get("/api/v1/sessions/").json()["results"][0],
    }
    assert "session" not in told(KIND, "compact")[0]["metadata"]


def test_each_event_tells_the_state_it_left(visit, told):
    visit()
    visit(status="crashed")
    assert [event["metadata"]["session"]["state"] for event in told(KIND)] == ["ok", "crashed"]
    assert kinds(told(KIND, filters={"state": "ok"})) == ["session_started"]


def test_the_same_event_has_the_same_id_again(visit, told):
    visit("a")
    visit("b")
    first, again = ([event["event_id"] for event in told(KIND)] for _ in range(2))
    assert first == again
    assert len(set(first)) == 2


def test_a_session_that_is_gone_is_left_out(visit, told):
    visit("a")
    visit("b")
    Session.objects.filter(key="a").delete()
    assert [event["metadata"]["session"]["key"] for event in told(KIND)] == ["b"]


@pytest.mark.parametrize("name", ["project", "release", "state", "environment"])
def test_each_filter_keeps_what_is_asked_for(name, visit, told, shown, app, join):
    visit("theirs", project=app, release="2.0", environment="test")
    visit("ours", "exited", release="1.0", environment="prod")
    wanted = {"project": "WEB", "release": "1.0", "state": "exited", "environment": "prod"}
    filters = {name: wanted[name]}
    assert [event["metadata"]["session"]["key"] for event in told(KIND, filters=filters)] == ["ours"]
    assert [item["key"] for item in shown(KIND, filters=filters)[0]] == ["ours"]


def test_a_user_is_named_by_id_or_by_key(visit, told, shown, web):
    visit("bob's", user="42")
    visit("other", user="43")
    for name in ("42", user_key(web.pk, {"id": "42"})):
        assert [event["metadata"]["session"]["key"] for event in told(KIND, user_id=name)] == ["bob's"]
        assert [item["key"] for item in shown(KIND, user_id=name)[0]] == ["bob's"]


@pytest.mark.parametrize("address", ["bob@example.com", "198.51.100.7"])
def test_nobody_learns_whether_an_address_is_there(address, visit, told, shown):
    visit(user=address)
    assert told(KIND, user_id=address) == []
    assert shown(KIND, user_id=address) == ([], True)


def test_what_a_projects_own_rules_hide_is_no_name(visit, told, web):
    web.privacy = {"patterns": [{"name": "customer", "pattern": "cust-[0-9]+"}]}
    web.save()
    visit(user="cust-7")
    assert told(KIND, user_id="cust-7") == []


def test_two_users_are_told_apart_by_one_rendering(visit, as_principal):
    visit("a", user="1")
    visit("b", user="2")
    asked = [subscribed(KIND, user_id=user) for user in ("1", "2")]
    renderings = asked[0].stream.read(facts_of(asked[0]), asked)
    carol = as_principal("carol")
    assert [len([body for each in renderings for body in each.bodies(one, carol)]) for one in asked] == [1, 1]


@pytest.mark.parametrize("filters", [{"user": "42"}, {"state": "sleeping"}, {"release": ["1.0", "1.1"]}])
def test_a_wrong_filter_is_named(filters):
    with pytest.raises(BadMessage) as refused:
        subscribed(KIND, filters=filters)
    assert str(refused.value).startswith(next(iter(filters)))


def test_all_facts_are_read_at_once(visit, django_assert_num_queries):
    for key in ("a", "b", "c"):
        visit(key)
    one = subscribed(KIND)
    facts = facts_of(one)
    with django_assert_num_queries(1):
        one.stream.read(facts, [one])


def test_a_snapshot_has_the_newest_first_and_its_bound(visit, shown, monkeypatch):
    monkeypatch.setattr(sessions, "SNAPSHOT_LIMIT", 2)
    for key in ("a", "b", "c"):
        visit(key)
    items, is_whole = shown(KIND)
    assert [item["key"] for item in items] == ["c", "b"]
    assert not is_whole


def test_a_snapshot_is_of_ones_own_projects(visit, shown, app):
    visit(project=app, user="42")
    assert shown(KIND) == ([], True)
    assert shown(KIND, user_id="42") == ([], True)
