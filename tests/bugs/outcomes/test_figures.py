"""What became of what was sent, in numbers: received is the sum of the rest, folded or not."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugs.ingest import outcomes as counting
from bugs.ingest.outcomes import DISCARDED, FATES, RECEIVED, Counted
from bugs.models import Arrival, OutcomeDelta, OutcomeTotal, RefusedEvent
from bugs.selectors import outcomes as selectors
from bugs.services import outcomes
from bugs.views.outcomes import LONGEST, _by, _figures

URL = "/api/v1/ingest/outcomes/"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NUMBERS = ("received", "accepted", "deduplicated", "invalid", "limited", "filtered", "dropped", "pending", "discarded")


def moment(text):
    return datetime.fromisoformat(text)


def totals(response):
    assert response.status_code == 200, response.content
    return {row["category"]: {name: row[name] for name in NUMBERS if row[name]} for row in response.json()["totals"]}


def test_received_is_the_sum_of_the_rest(api, count):
    count("received", 10)
    for name, quantity, reason in (
        ("accepted", 3, ""),
        ("deduplicated", 1, ""),
        ("invalid", 2, "json_invalid"),
        ("limited", 1, "over_rate"),
        ("filtered", 1, "rule"),
        ("dropped", 1, "no_bug"),
        ("discarded", 7, "sample_rate"),
    ):
        count(name, quantity, reason=reason)
    (row,) = api("carol").get(URL).json()["totals"]
    assert [row[name] for name in NUMBERS] == [10, 3, 1, 2, 1, 1, 1, 1, 7]
    assert row["reasons"] == {
        "invalid": {"json_invalid": 2},
        "limited": {"over_rate": 1},
        "filtered": {"rule": 1},
        "dropped": {"no_bug": 1},
        "discarded": {"sample_rate": 7},
    }


def test_categories_are_apart_and_one_may_be_asked_for(api, count):
    count("received", 2)
    count("received", 1, category="feedback")
    count("dropped", 1, category="feedback", reason="no_bug")
    client = api("carol")
    assert totals(client.get(URL)) == {
        "error": {"received": 2, "pending": 2},
        "feedback": {"received": 1, "dropped": 1},
    }
    assert list(totals(client.get(f"{URL}?category=error"))) == ["error"]


def test_what_waits_is_counted_by_envelopes(api, arrive):
    arrive()
    arrive()
    Arrival.objects.filter(event_id=arrive()).update(leased_until=RawSQL("'infinity'::timestamptz", []))
    answer = api("carol").get(URL).json()
    assert (answer["waiting_envelopes"], answer["set_aside_envelopes"]) == (3, 1)


def test_a_point_for_each_hour_or_day_in_which_something_came(api, count):
    for hours in (1, 2, 26, 27):
        count("received", hours, at=NOON - timedelta(hours=hours))
    client = api("carol")
    span = "from=2026-04-28T00:00:00Z&to=2026-05-01T12:00:00Z"
    hours = client.get(f"{URL}?{span}").json()["series"]
    assert [(NOON - moment(point["start"]), point["received"]) for point in hours] == [
        (timedelta(hours=ago), ago) for ago in (27, 26, 2, 1)
    ]
    days = client.get(f"{URL}?{span}&group_by=day").json()["series"]
    assert [(point["start"][:10], point["received"]) for point in days] == [("2026-04-30", 53), ("2026-05-01", 3)]


def test_a_range_is_whole_hours(api, count):
    for hour in (10, 11, 12, 13):
        count("received", hour, at=NOON.replace(hour=hour))
    answer = api("carol").get(f"{URL}?from=2026-05-01T11:30:00Z&to=2026-05-01T12:00:01Z").json()
    assert (moment(answer["from"]), moment(answer["to"])) == (NOON.replace(hour=11), NOON.replace(hour=13))
    assert answer["totals"][0]["received"] == 23


def test_folding_changes_no_answer(api, count):
    for number in range(3):
        count("received", number + 1)
        count("received", 1, category="session")
    before = api("carol").get(URL).json()["totals"]
    assert (outcomes.fold(), OutcomeDelta.objects.count(), OutcomeTotal.objects.count()) == (6, 0, 2)
    assert api("carol").get(URL).json()["totals"] == before
    count("received", 4)
    assert totals(api("carol").get(URL))["error"]["received"] == 10
    outcomes.fold()
    assert totals(api("carol").get(URL))["error"]["received"] == 10
    assert OutcomeTotal.objects.count() == 2


def test_folding_goes_in_chunks_and_takes_what_belongs_to_no_project(count, monkeypatch):
    monkeypatch.setattr(outcomes, "CHUNK", 2)
    for _ in range(5):
        with transaction.atomic():
            counting.count({Counted(None, "unknown", "invalid", "ingest_key_invalid"): 1})
    assert outcomes.fold() == 5
    assert OutcomeTotal.objects.values_list("quantity", flat=True).get() == 5


def test_the_answer_is_one_statement(api, count):
    count()
    client = api("carol")
    client.get(URL)
    with CaptureQueriesContext(connection) as queries:
        client.get(URL)
    assert len([query for query in queries if "bugs_outcome" in query["sql"]]) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=yesterday", "invalid_range"),
        ("from=now&to=-2h", "invalid_range"),
        ("to=2026-05-01T00:00:00", "invalid_range"),
        (f"from=-{LONGEST['hour'].days + 1}d", "invalid_range"),
        (f"from=-{LONGEST['day'].days + 2}d&group_by=day", "invalid_range"),
        ("group_by=week", "invalid"),
        ("form=-1d", "unknown_parameter"),
        ("project=NONE", "unknown_project"),
    ],
)
def test_wrong_parameters_are_refused(api, web, query, code):
    answer = api("carol").get(f"{URL}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content


@pytest.mark.parametrize("query", ["from=-31d", "from=-400d&group_by=day", "from=now&to=now", "project=WEB"])
def test_the_longest_and_the_shortest_range(api, web, query):
    assert api("carol").get(f"{URL}?{query}").status_code == 200


def test_a_week_later_single_events_are_forgotten_and_their_counts_stay(web, count, monkeypatch):
    monkeypatch.setattr(outcomes, "CHUNK", 1)
    from uuid import uuid4

    from audit.identifiers import first_of

    count("invalid", reason="json_invalid")
    for days in (8, 9, 6):
        at = timezone.now() - timedelta(days=days)
        RefusedEvent.objects.create(
            pk=first_of(at), project_id=web.pk, event_id=uuid4(), outcome="invalid", reason="json_invalid", at=at
        )
    assert (outcomes.forget(), RefusedEvent.objects.count()) == (2, 1)
    assert OutcomeDelta.objects.count() == 1


STEP = st.one_of(
    st.tuples(st.just("receive"), st.sampled_from(["error", "session"]), st.integers(1, 5), st.integers(0, 3)),
    st.tuples(st.just("decide"), st.sampled_from(FATES), st.integers(0, 9), st.sampled_from(["", "a", "b"])),
    st.tuples(st.just("discard"), st.sampled_from(["error", "session"]), st.integers(1, 5), st.integers(0, 3)),
    st.tuples(st.just("fold"), st.none(), st.none(), st.none()),
)


def play(web, steps):
    """What waits to be decided at the end, by category and hour."""
    waiting = []
    for verb, what, number, which in steps:
        if verb == "fold":
            outcomes.fold()
        elif verb == "decide" and waiting:
            category, hour = waiting.pop(number % len(waiting))
            counting.count({Counted(web.pk, category, what, which): 1}, at=hour)
        elif verb in ("receive", "discard"):
            hour = NOON + timedelta(hours=which)
            counting.count({Counted(web.pk, what, RECEIVED if verb == "receive" else DISCARDED): number}, at=hour)
            waiting += [(what, hour)] * number if verb == "receive" else []
    return waiting


@given(steps=st.lists(STEP, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_history_what_is_pending_is_what_waits(web, steps):
    with transaction.atomic():
        waiting = play(web, steps)
        found = selectors.sums([web.pk], NOON, NOON + timedelta(hours=4), "hour").rows
        for category, rows in _by(found, "category"):
            for hour, point in _by(rows, "at"):
                assert _figures(category, point)["pending"] == waiting.count((category, hour))
        assert sum(_figures(category, rows)["pending"] for category, rows in _by(found, "category")) == len(waiting)
        transaction.set_rollback(True)
