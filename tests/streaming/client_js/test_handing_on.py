"""What the JavaScript client asks for, and what it hands on: each event once, and a word when some may be missing."""

from collections.abc import Callable
from typing import Any


def test_the_first_message_asks_for_all(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client("a", "b"), peer.visit()
    assert [one["id"] for one in visit.join(("a", "1"), ("b", "2"))] == ["a", "b"]
    one.heard("ready")


def test_each_subscription_resumes_where_it_was(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client("a", "b"), peer.visit()
    visit.join(("a", "1"), ("b", "2"))
    visit.event("e1", "5", sub="b")
    one.heard("event")
    visit.link.close(1012)
    asked = peer.visit().welcome()
    assert [(one["id"], one["resume"]) for one in asked] == [("a", "1"), ("b", "5")]


def test_an_event_is_handed_on_once_per_subscription(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client("a", "b"), peer.visit()
    visit.join(("a", "1"), ("b", "2"))
    for sub, name in (("a", "e1"), ("a", "e1"), ("b", "e1"), ("a", "e2")):
        visit.event(name, "9", sub=sub)
    assert [(event["event_id"], sub) for event, sub in one.heard("event", 3)] == [
        ("e1", "a"),
        ("e1", "b"),
        ("e2", "a"),
    ]


def test_memory_of_events_is_bounded(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    visit.join()
    for number in [*range(5_001), 0, 5_000]:
        visit.event(f"e{number}", "9")
    visit.event("last", "9")
    assert [event["event_id"] for event, _ in one.heard("event", 5_003)[5_001:]] == ["e0", "last"]


def test_what_has_no_id_always_counts(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    visit.join()
    visit.event(None, "1")
    visit.event(None, "1")
    assert len(one.heard("event", 2)) == 2


def test_a_gap_names_what_to_read_again(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    visit.join()
    visit.say("gap", sub="s", resume="t5", reason="too_old", refetch="/api/v1/bugs/")
    assert one.heard("gap") == [["s", "too_old", "/api/v1/bugs/"]]
    visit.link.close(1012)
    assert peer.visit().welcome()[0]["resume"] == "t5"


def test_who_was_too_slow_asks_for_the_rest(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    visit.join()
    visit.say("gap", sub="s", resume="t5", reason="too_slow", refetch="/api/v1/bugs/")
    visit.event("of before", "t9")
    assert visit.hear("subscribe")["subscriptions"][0]["resume"] == "t5"
    visit.say("subscribed", id="s", resume="t5")
    visit.event("e1", "t5")
    assert [event["event_id"] for event, _ in one.heard("event")] == ["e1"]
    assert one.does("heard.some(([name]) => name === 'gap')") is False


def test_a_break_before_the_rest_came_loses_nothing(client: Callable[..., Any], peer: Any) -> None:
    client()
    visit = peer.visit()
    visit.join()
    visit.say("gap", sub="s", resume="t5", reason="too_slow", refetch=None)
    visit.event("of before", "t9")
    visit.hear("subscribe")
    visit.link.close(1012)
    assert peer.visit().welcome()[0]["resume"] == "t5"


def test_what_was_not_yet_replayed_is_asked_for_again(client: Callable[..., Any], peer: Any) -> None:
    client()
    peer.visit().join(("s", "t1"))
    first = client("s", resume="t1")
    visit = peer.visit()
    visit.join(("s", "t8"))
    visit.link.close(1012)
    assert peer.visit().welcome()[0]["resume"] == "t1"
    assert first.does("stream.token('s')") == "t1"


def test_a_snapshot_is_handed_on(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(snapshot=True), peer.visit()
    assert visit.join()[0]["snapshot"] is True
    visit.say("snapshot", sub="s", resume="t3", items=[{"id": "b1"}], whole=True)
    assert one.heard("snapshot") == [[[{"id": "b1"}], "s", True]]
    visit.link.close(1012)
    assert peer.visit().welcome()[0]["resume"] == "t3"


def test_a_snapshot_that_did_not_come_is_asked_for_again(client: Callable[..., Any], peer: Any) -> None:
    client(snapshot=True)
    visit = peer.visit()
    visit.join()
    visit.link.close(1012)
    assert "resume" not in peer.visit().welcome()[0]


def test_one_that_is_refused_does_not_keep_the_others_out(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client("a", "b"), peer.visit()
    visit.welcome()
    visit.say("error", code="invalid_filter", detail="No.", id="a")
    assert [asked["id"] for asked in visit.hear("subscribe")["subscriptions"]] == ["b"]
    assert one.heard("error") == [["invalid_filter", "No.", "a"]]


def test_who_could_not_be_joined_now_is_joined_later(client: Callable[..., Any], peer: Any) -> None:
    client()
    visit = peer.visit()
    visit.welcome()
    visit.say("error", code="unavailable", detail="Later.", id=None)
    assert visit.hear("subscribe")["subscriptions"][0]["id"] == "s"


def test_what_is_unsubscribed_is_not_handed_on(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client("a", "b"), peer.visit()
    visit.join(("a", "1"), ("b", "1"))
    one.heard("ready")
    one.does("stream.unsubscribe('a')")
    assert visit.hear("unsubscribe")["id"] == "a"
    visit.event("e1", "2", sub="a")
    visit.event("e1", "2", sub="b")
    assert [sub for _, sub in one.heard("event")] == ["b"]


def test_what_is_subscribed_later_is_joined_at_once(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client("a"), peer.visit()
    visit.join(("a", "1"))
    one.heard("ready")
    one.does("stream.subscribe({ id: 'b', type: 'resolutions' })")
    assert visit.hear("subscribe")["subscriptions"] == [{"id": "b", "type": "resolutions"}]


def test_events_can_be_iterated(client: Callable[..., Any], peer: Any) -> None:
    one, visit = client(), peer.visit()
    one.does(
        "void (async () => { got = []; for await (const [event] of stream) got.push(event.event_id); done = true; })()"
    )
    visit.join()
    visit.event("e1", "1")
    visit.event("e2", "2")
    one.heard("event", 2)
    one.does("stream.close()")
    one.page.wait_for_function("() => window.done")
    assert one.does("got") == ["e1", "e2"]
