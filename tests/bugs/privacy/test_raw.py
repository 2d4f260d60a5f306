"""Texts as they were written: for whom, and what stays of it in the record."""

from typing import Any

import pytest

from audit.actors import SYSTEM
from audit.models import AccessRecord
from bugs import services
from bugs.models import Bug
from bugs.services import comments, feedback
from bugs.services.feedback import Said

MAIL = "ann.smith@example.com"
PII = ("read", "pii")


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}


@pytest.fixture
def places(web: Any) -> dict[str, str]:
    """What can be read raw: its field -> its URL."""
    bug = services.report(project_id=web.pk, by=SYSTEM, title=f"Of {MAIL}")
    comment = comments.add(bug.pk, body=f"Of {MAIL}", is_internal=True, by=SYSTEM)
    (said,) = feedback.add(web.pk, [Said(message=f"Of {MAIL}", source="api")], by=SYSTEM)
    return {
        "title": f"/api/v1/bugs/WEB-{bug.number}/raw/",
        "body": f"/api/v1/comments/{comment.pk}/raw/",
        "message": f"/api/v1/feedback/{said.pk}/raw/",
    }


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_those_who_may_read_what_was_written(api: Any, places: Any, name: str) -> None:
    client = api(name, permissions=PII)
    for field, url in places.items():
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        assert answer.json()[field] == f"Of {MAIL}"
        assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("name", "permissions"), [("carol", PII), ("alice", ("read", "write", "export", "admin"))])
def test_others_may_not(api: Any, places: Any, name: str, permissions: Any) -> None:
    client = api(name, permissions=permissions)
    for url in places.values():
        answer = client.get(url)
        assert answer.status_code in (403, 404) and MAIL not in answer.content.decode()


def test_a_right_elsewhere_is_none_here(api: Any, join: Any, places: Any, people_of_web: Any) -> None:
    from bugs import people

    other = people.make_project(key="OWN", name="Own", by=SYSTEM)
    people.join(project=other, user=people_of_web["carol"], role="admin", by=SYSTEM)  # type: ignore[arg-type]
    people.join(project=other, user=people_of_web["mallory"], role="admin", by=SYSTEM)  # type: ignore[arg-type]
    carol, mallory = api("carol", permissions=PII), api("mallory", permissions=PII)
    assert carol.get(places["title"]).status_code == carol.get(places["message"]).status_code == 403
    assert {mallory.get(url).status_code for url in places.values()} == {404}


def test_each_reading_is_on_record(api: Any, places: Any, web: Any) -> None:
    bug = Bug.objects.get(number=1)
    api("bob", permissions=PII).get(places["title"])
    record = AccessRecord.objects.filter(operation="bugs_raw").get()
    assert (record.target, record.data_class, record.project_ids) == (f"bug:{bug.pk}", "raw", [web.pk])
    assert MAIL not in str(record.__dict__)
