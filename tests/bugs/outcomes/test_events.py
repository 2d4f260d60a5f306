"""What became of one event, whatever it was."""

from uuid import UUID, uuid4

import pytest
from django.db.models.expressions import RawSQL

from audit.actors import SYSTEM
from bugs import people
from bugs.ingest import outcomes
from bugs.ingest.digest import errors, feedback
from bugs.ingest.outcomes import Fate
from bugs.models import Arrival, ErrorReport
from tests.bugs.feedback.conftest import item, said

URL = "/api/v1/ingest/outcomes/"


def crash(project, key=None, **event):
    key = key or uuid4()
    event = {"exception": [{"type": "ValueError", "value": "bad"}], **event}
    errors.keep(project.pk, [item("event", event, event_id=key)])
    return key


def told(client, key):
    answer = client.get(f"{URL}{key}/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_one_that_was_accepted_says_where_it_is_and_what_is_missing(api, web):
    key = crash(web, level="loud", request={"url": "/pay", "headers": {"Cookie": "secret"}})
    document = told(api("carol"), key)
    report = ErrorReport.objects.get()
    assert (document["outcome"], document["project"], document["bug"]) == ("accepted", "WEB", "WEB-1")
    assert (document["id"], document["group_id"]) == (str(report.pk), str(report.group_id))
    assert (document["errors"], document["redacted"]) == (["level"], ["/request/headers/Cookie"])
    assert (document["times_seen"], document["event_id"]) == (1, str(key))
    assert told(api("carol"), key.hex) == document


def test_one_that_came_again(api, web):
    key = crash(web)
    for _ in range(2):
        crash(web, key)
    document = told(api("carol"), key)
    assert (document["outcome"], document["times_seen"]) == ("accepted", 3)


def test_one_that_waits(api, web, arrive):
    document = told(api("carol"), arrive())
    assert (document["outcome"], document["id"], document["times_seen"]) == ("pending", None, 1)


def test_one_that_could_not_be_read_waits_set_aside(api, web, arrive):
    key = arrive()
    Arrival.objects.update(leased_until=RawSQL("'infinity'::timestamptz", []))
    document = told(api("carol"), key)
    assert (document["outcome"], document["reason"]) == ("pending", "set_aside")


def test_one_that_was_refused_says_why(api, web):
    key = uuid4()
    outcomes.remember(web.pk, {key: Fate("limited", "over_rate")})
    outcomes.remember(web.pk, {key: Fate("invalid", "json_invalid")})
    document = told(api("carol"), key)
    assert (document["outcome"], document["reason"], document["times_seen"]) == ("invalid", "json_invalid", 2)


def test_one_that_was_refused_first_and_kept_later_is_accepted(api, web):
    key = uuid4()
    outcomes.remember(web.pk, {key: Fate("limited", "over_rate")})
    crash(web, key)
    assert told(api("carol"), key)["times_seen"] == 1


def test_one_that_was_no_object(api, web):
    key = uuid4()
    errors.keep(web.pk, [item("event", b"[]", event_id=key)])
    document = told(api("carol"), key)
    assert (document["outcome"], document["reason"]) == ("invalid", "json_invalid")


def test_feedback_leads_to_its_bug(api, web):
    key = uuid4()
    feedback.keep(web.pk, [said(key=key)])
    document = told(api("carol"), key)
    assert (document["outcome"], document["bug"], document["id"]) == ("accepted", "WEB-1", None)
    assert api("carol").get(f"/api/v1/feedback/{document['feedback_id']}/").status_code == 200


def test_a_report_that_is_kept_no_longer_was_accepted_all_the_same(api, web):
    key = crash(web)
    ErrorReport.objects.all().delete()
    document = told(api("carol"), key)
    assert (document["outcome"], document["id"], document["errors"]) == ("accepted", None, [])


@pytest.mark.parametrize("key", [UUID(int=5), "x" * 32, "0" * 36])
def test_what_nobody_sent_is_not_there(api, web, key):
    assert api("carol").get(f"{URL}{key}/").status_code == 404


def test_an_event_of_another_project_is_as_unknown_as_a_missing_one(api, web, join, people_of_web):
    other = people.make_project(key="APP", name="Other", by=SYSTEM)
    key = crash(other)
    assert api("carol").get(f"{URL}{key}/").status_code == 404
    assert api("carol").get(f"{URL}{key}/?project=APP").status_code == 404


def test_an_id_that_two_projects_have_needs_the_project(api, web, people_of_web):
    other = people.make_project(key="APP", name="Other", by=SYSTEM)
    people.join(project=other, user=people_of_web["carol"], role="viewer", by=SYSTEM)
    key = crash(web)
    crash(other, key)
    client = api("carol")
    assert client.get(f"{URL}{key}/").json()["code"] == "ambiguous_event"
    assert client.get(f"{URL}{key}/?project=APP").json()["bug"] == "APP-1"
