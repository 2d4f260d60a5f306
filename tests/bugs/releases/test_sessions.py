"""What SDKs say of sessions, in any order and any number of times, ends in the same rows."""

import threading
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from bugs.ingest.digest import sessions
from bugs.ingest.digest.surroundings import user_key
from bugs.ingest.outcomes import ACCEPTED, DROPPED, INVALID, Fate
from bugs.ingest.reading import sessions as reading
from bugs.models import Release, Session, SessionCount
from tests.bugs.releases.conftest import item, session

API = "/api/v1/"


def row(key: str = "s-1") -> Session:
    return Session.objects.get(key=key)


def test_a_session_is_a_row_with_what_its_sdk_says(say: Any, web: Any) -> None:
    started = timezone.now() - timedelta(minutes=5)
    told = session(did="ann", started=started.isoformat(), duration=12.5, status="exited", errors=2, init=True)
    assert say(told) == [Fate(ACCEPTED)]
    kept = row()
    assert (kept.state, kept.errors, kept.duration, kept.is_tracked) == ("exited", 2, 12.5, True)
    assert (kept.release, kept.environment, kept.started_at) == ("1.0", "prod", started)
    assert kept.user_key == user_key(web.pk, {"id": "ann"})


def test_a_release_that_a_session_names_exists_from_then_on(say: Any, count: Any) -> None:
    say(session(release="1.0"), session("s-2", release="1.0"))
    count(release="1.1", exited=1)
    assert set(Release.objects.values_list("version", flat=True)) == {"1.0", "1.1"}


@pytest.mark.parametrize("together", [True, False])
def test_updates_in_any_order_and_twice_end_the_same(say: Any, together: bool) -> None:
    updates = [
        {"seq": 1, "init": True, "status": "ok", "errors": 0},
        {"seq": 2, "status": "ok", "errors": 1},
        {"seq": 3, "status": "exited", "errors": 1, "duration": 9.0},
    ]
    started = timezone.now().isoformat()
    for number, order in enumerate(permutations([*updates, updates[0]])):
        told = [session(f"s-{number}", started=started, **update) for update in order]
        for batch in [told] if together else [[one] for one in told]:
            say(*batch)
        kept = row(f"s-{number}")
        assert (kept.state, kept.errors, kept.sequence, kept.duration) == ("exited", 1, 3, 9.0), order


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_crash_is_final(say: Any, together: bool, order: tuple[int, int]) -> None:
    told = [session(seq=1, status="crashed"), session(seq=2, status="exited")]
    for batch in [[told[n] for n in order]] if together else [[told[n]] for n in order]:
        say(*batch)
    assert row().state == "crashed"


def test_without_numbers_the_senders_clock_decides(say: Any) -> None:
    now = timezone.now()
    late, early = (now - timedelta(seconds=seconds) for seconds in (1, 30))
    started = (now - timedelta(minutes=1)).isoformat()
    say(session(started=started, timestamp=late.isoformat(), status="exited"))
    say(session(started=started, timestamp=early.isoformat(), status="ok", errors=1))
    assert (row().state, row().errors) == ("exited", 1)


def test_at_the_same_moment_the_session_has_got_as_far_as_anybody_says(say: Any) -> None:
    now = timezone.now().isoformat()
    for status in ("exited", "ok"):
        say(session(started=now, timestamp=now, status=status))
    assert row().state == "exited"


def test_a_session_that_errors_named_gives_way_to_what_its_sdk_says(say: Any, crash: Any) -> None:
    crash(tags={"session_id": "s-1"}, release="0.9")
    assert (row().is_tracked, row().state, row().errors) == (False, "errored", 1)
    say(session(status="exited", errors=1, release="1.0"))
    assert (row().is_tracked, row().state, row().errors, row().release) == (True, "exited", 1, "1.0")


def test_errors_of_a_tracked_session_are_counted_once(say: Any, crash: Any) -> None:
    say(session(status="ok"))
    crash(tags={"session_id": "s-1"})
    say(session(status="exited", errors=1, seq=2**61))
    crash(tags={"session_id": "s-1"})
    assert row().errors == 1


def test_what_is_said_of_sessions_older_than_five_days_is_dropped(say: Any) -> None:
    now = timezone.now()
    old, young = ((now - age).isoformat() for age in (timedelta(days=5, seconds=1), timedelta(days=4, hours=23)))
    fates = say(session("old", started=old), session("young", started=young), received_at=now)
    assert fates == [Fate(DROPPED, "too_old"), Fate(ACCEPTED)]
    assert not Session.objects.filter(key="old").exists()


def test_a_sender_whose_clock_is_wrong_is_put_right(say: Any) -> None:
    now = timezone.now()
    theirs = now - timedelta(days=400)
    told = session(started=(theirs - timedelta(seconds=30)).isoformat(), timestamp=theirs.isoformat())
    assert say(told, received_at=now, sent_at=theirs.isoformat()) == [Fate(ACCEPTED)]
    assert row().started_at == now - timedelta(seconds=30)


def test_nothing_began_later_than_it_came(say: Any) -> None:
    now = timezone.now()
    say(session(started=(now + timedelta(hours=3)).isoformat()), received_at=now)
    assert row().started_at == now


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"null",
        {},
        session(sid=""),
        session(sid=None),
        session(started="yesterday"),
        session(started=1e300),
        session(status="asleep"),
    ],
)
def test_what_is_no_session_is_invalid_and_stops_no_other(say: Any, payload: Any) -> None:
    assert say(payload, session("s-2")) == [Fate(INVALID, "session_malformed"), Fate(ACCEPTED)]
    assert Session.objects.count() == 1


def test_numbers_and_texts_beyond_their_bounds_are_cut(say: Any) -> None:
    wild = session("k" * 100, release="r" * 300, environment="e" * 99, errors=10**18, seq=2**63, duration=1e308)
    say(wild, session("s-2", errors=-5, seq="x", duration="long", did={"a": 1}))
    kept = row("k" * 64)
    assert (len(kept.release), len(kept.environment), kept.errors, kept.duration) == (200, 64, 2**31 - 1, None)
    assert (row("s-2").errors, row("s-2").user_key) == (0, "")


def test_counts_of_servers_are_added_by_the_hour(count: Any) -> None:
    at = timezone.now().replace(minute=10)
    if at > timezone.now():
        at -= timedelta(hours=1)
    count(at=at, exited=10, errored=2, crashed=1)
    count(at=at + timedelta(minutes=1), exited=5, abnormal=1, unhandled=3)
    kept = SessionCount.objects.get()
    assert (kept.exited, kept.errored, kept.crashed, kept.abnormal) == (15, 5, 1, 1)
    assert kept.hour == at.replace(minute=0, second=0, microsecond=0)


def test_counts_stop_at_what_a_column_holds(count: Any) -> None:
    at = timezone.now() - timedelta(hours=1)
    for _ in range(2):
        assert count(at=at, exited=2**62, crashed=2**31 - 1) == [Fate(ACCEPTED)]
    assert SessionCount.objects.get().exited == 2**31 - 1


@pytest.mark.parametrize(
    "aggregates", [None, [], {}, [[]], [{"started": "x"}], [{}] * (reading.AGGREGATES_MAX + 1), ["x"]]
)
def test_counts_that_cannot_be_read_are_invalid(say: Any, aggregates: Any) -> None:
    payload = {"attrs": {"release": "1.0"}, "aggregates": aggregates}
    assert say(payload, kind="sessions") == [Fate(INVALID, "session_malformed")]
    assert not SessionCount.objects.exists()


def test_buckets_that_are_too_old_are_left_out(say: Any) -> None:
    now = timezone.now()
    old = {"started": (now - timedelta(days=6)).isoformat(), "exited": 7}
    new = {"started": now.isoformat(), "exited": 1}
    assert say({"attrs": {}, "aggregates": [old, new]}, kind="sessions") == [Fate(ACCEPTED)]
    assert [each.exited for each in SessionCount.objects.all()] == [1]
    assert say({"attrs": {}, "aggregates": [old]}, kind="sessions") == [Fate(DROPPED, "too_old")]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_no_value_raises_anything_but_unfit(value: Any) -> None:
    now = timezone.now()
    names = ("sid", "did", "status", "started", "timestamp", "seq", "errors", "duration", "attrs", "aggregates")
    for told in (value, dict.fromkeys(names, value), session() | {"attrs": value, "timestamp": value, "seq": value}):
        for read in (reading.update, reading.tallies):
            try:
                read(told, received_at=now, sent_at=value)
            except reading.Unfit:
                pass


def test_batches_in_opposite_order_do_not_wait_in_a_circle(transactional_db: None, web: Any) -> None:
    keys = [f"s-{n}" for n in range(60)]
    faults: list[Exception] = []

    def keep(order: list[str]) -> None:
        try:
            for _ in range(5):
                sessions.keep(web.pk, [item(session(key)) for key in order])
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep, args=[order]) for order in (keys, keys[::-1]) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and Session.objects.count() == len(keys)


def test_the_journey_of_a_session_shows_what_was_tracked(api: Any, say: Any) -> None:
    say(session(status="exited", duration=3.5))
    read = api("carol").get(f"{API}sessions/s-1/").json()["session"]
    assert (read["project"], read["duration"], read["is_tracked"], read["state"]) == ("WEB", 3.5, True, "exited")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["s-3", "s-2", "s-1"]),
        ("state=crashed", ["s-2"]),
        ("release=2.0", ["s-3"]),
        ("release=1.0&state=exited", ["s-1"]),
        ("environment=test", ["s-3"]),
        ("project=NONE", []),
        ("project=WEB", ["s-3", "s-2", "s-1"]),
    ],
)
def test_sessions_are_listed_and_filtered(api: Any, say: Any, query: str, expected: list[str]) -> None:
    now = timezone.now()
    times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (3, 2, 1)]
    say(
        session("s-1", started=times[0], status="exited"),
        session("s-2", started=times[1], status="crashed"),
        session("s-3", started=times[2], release="2.0", environment="test"),
    )
    listed = api("carol").get(f"{API}sessions/?{query}").json()["results"]
    assert [each["key"] for each in listed] == expected


def test_a_page_of_a_rare_state_gives_up_and_goes_on(api: Any, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bugs.selectors import sessions as selectors

    monkeypatch.setattr(selectors, "SCAN_MAX", 2)
    now = timezone.now()
    for number in range(6):
        state = "crashed" if number == 0 else "exited"
        say(session(f"s-{number}", started=(now - timedelta(minutes=9 - number)).isoformat(), status=state))
    client, url, found = api("carol"), f"{API}sessions/?state=crashed", []
    while url:
        page = client.get(url).json()
        found += [each["key"] for each in page["results"]]
        url = page["next"]
    assert found == ["s-0"]


def test_a_state_that_there_is_not_is_refused(api: Any, web: Any) -> None:
    assert api("carol").get(f"{API}sessions/?state=asleep").json()["code"] == "invalid"


@pytest.mark.parametrize("kind", ["session", "sessions"])
def test_an_item_over_a_mebibyte_is_not_read(say: Any, kind: str) -> None:
    assert say(session(more="x" * 1024 * 1024), kind=kind) == [Fate(INVALID, "body_too_large")]
