"""The trail over REST: who sees what of it, filtered, in bounded pages, and pulled."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from audit import erasure, persons, scans
from audit.actors import SYSTEM
from audit.models import AccessRecord, Event
from bugs import people

URL = "/api/v1/audit/access/"
PII = ("read", "write", "export", "admin", "pii")


@pytest.fixture
def calls(api: Any, bug: Any) -> Any:
    """Some calls of bob and carol about WEB, and one that nobody may know of."""
    bob, carol = api("bob"), api("carol")
    bob.get("/api/v1/bugs/WEB-1/")
    bob.post("/api/v1/bugs/WEB-1/status/", {"to": "triaged"})
    carol.post("/api/v1/bugs/WEB-1/status/", {"to": "new"})
    api().get("/api/v1/bugs/")
    return bob


def operations(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["operation"] for one in answer.json()["results"]]


def test_admins_see_the_calls_of_their_projects_newest_first(api: Any, calls: Any, web: Any) -> None:
    answer = api("alice").get(URL)
    assert operations(answer) == ["bugs_move", "bugs_move", "bugs_retrieve"]
    refused = answer.json()["results"][0]
    assert (refused["outcome"], refused["code"], refused["status"]) == ("refused", "role_missing", 403)
    assert refused["project_ids"] == [str(web.pk)]
    assert not {"sealed", "person", "ip", "user_agent"} & refused.keys()


def test_nobody_else_does(api: Any, calls: Any, web: Any) -> None:
    other = people.make_project(key="OTH", name="Other", by=SYSTEM)
    mallory = get_user_model().objects.get(username="mallory")
    people.join(project=other, user=mallory, role="admin", by=SYSTEM)  # type: ignore[arg-type]
    assert operations(api("mallory").get(URL)) == []
    assert api("bob").get(URL).status_code == 403
    record = AccessRecord.objects.filter(operation="bugs_move")[0]
    assert api("mallory").get(f"{URL}{record.pk}/").status_code == 404


def test_a_record_of_two_projects_tells_each_admin_of_its_own(api: Any, bug: Any, web: Any) -> None:
    other = people.make_project(key="OTH", name="Other", by=SYSTEM)
    bob = get_user_model().objects.get(username="bob")
    people.join(project=other, user=bob, role="viewer", by=SYSTEM)  # type: ignore[arg-type]
    api("bob").get("/api/v1/bugs/")
    (record,) = AccessRecord.objects.filter(operation="bugs_list")
    assert set(record.project_ids) == {web.pk, other.pk}
    alice = api("alice")
    assert alice.get(f"{URL}{record.pk}/").json()["project_ids"] == [str(web.pk)]
    answer = alice.get(f"{URL}{record.pk}/proof/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_operators_see_what_names_no_project(calls: Any, api: Any, web: Any) -> None:
    from apikeys import services

    root = get_user_model().objects.create_superuser("root")

    def key(**more: Any) -> str:
        return services.issue(name="k", owner_id=root.pk, permissions=PII, by=SYSTEM, **more)[1]

    assert "anonymous" in [one["actor"] for one in api(key=key()).get(URL).json()["results"]]
    bound = api(key=key(project_ids=[web.pk])).get(URL).json()["results"]
    assert bound and "anonymous" not in [one["actor"] for one in bound]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"operation": "bugs_move"}, 2),
        ({"operation": "bugs_mov"}, 0),
        ({"outcome": "refused"}, 1),
        ({"status": "403"}, 1),
        ({"channel": "rest"}, 3),
        ({"channel": "stream"}, 0),
        ({"project": "WEB"}, 3),
        ({"project": "NONE"}, 0),
        ({"data_class": "raw"}, 0),
        ({"target": "bug:{bug}"}, 2),
        ({"actor": "{actor}"}, 2),
        ({"request_id": "{request_id}"}, 1),
        ({"operation": "bugs_move", "outcome": "allowed"}, 1),
    ],
)
def test_records_are_chosen_by_plain_parameters(
    api: Any, calls: Any, bug: Any, asked: dict[str, str], count: int
) -> None:
    record = AccessRecord.objects.filter(operation="bugs_retrieve")[0]
    known = {"bug": bug.pk, "actor": record.actor, "request_id": record.request_id}
    wanted = {name: text.format(**known) for name, text in asked.items()}
    assert len(operations(api("alice").get(URL, wanted))) == count


def test_records_are_chosen_by_time(api: Any, calls: Any) -> None:
    client, now = api("alice"), timezone.now()
    for name, moment, count in (
        ("occurred_after", now - timedelta(hours=1), 3),
        ("occurred_after", now + timedelta(hours=1), 0),
        ("occurred_before", now - timedelta(hours=1), 0),
        ("occurred_before", now + timedelta(hours=1), 3),
    ):
        found = client.get(URL, {name: moment.isoformat(), "operation": "bugs_move"}).json()["results"]
        assert len(found) == min(count, 2)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("name", ["occurred_after", "occurred_before"])
@pytest.mark.parametrize("url", [URL, "/api/v1/audit/events/"])
def test_any_moment_can_be_asked_for(api: Any, calls: Any, url: str, name: str, moment: str) -> None:
    found = api("alice").get(url, {name: moment}).json()["results"]
    assert bool(found) == ((name == "occurred_before") == moment.startswith("9"))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"nonsense": "1"}, "unknown_parameter"),
        ({"outcome": "perhaps"}, "invalid"),
        ({"status": "99999999999"}, "invalid"),
        ({"occurred_after": "yesterday"}, "invalid"),
        ({"actor": "\x00"}, "invalid"),
        ({"actor": "x" * 81}, "invalid"),
        ({"cursor": "x"}, "invalid_cursor"),
    ],
)
def test_what_is_no_parameter_is_refused(api: Any, calls: Any, asked: dict[str, str], code: str) -> None:
    answer = api("alice").get(URL, asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_pages_lead_through_all_records_and_back(api: Any, calls: Any) -> None:
    for _ in range(7):
        calls.get("/api/v1/bugs/WEB-1/")
    client = api("alice")
    whole = [one["id"] for one in client.get(URL).json()["results"]]
    seen, url = [], f"{URL}?limit=3"
    while url:
        page = client.get(url).json()
        ids = [one["id"] for one in page["results"] if one["id"] in whole]
        seen, back, url = [*seen, *ids], page["previous"], page["next"]
    assert seen == whole
    assert [one["id"] for one in client.get(back).json()["results"] if one["id"] in whole][-1] in whole


def test_a_page_looks_at_a_bounded_number_of_rows(api: Any, calls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(9):
        calls.get("/api/v1/bugs/WEB-1/")
    monkeypatch.setattr(scans, "ROWS_MAX", 4)
    client, found, pages, url = api("alice"), [], 0, f"{URL}?outcome=refused"
    while url and pages < 20:
        page = client.get(url).json()
        found, pages, url = [*found, *page["results"]], pages + 1, page["next"]
    assert [one["code"] for one in found] == ["role_missing"] and 3 <= pages < 20


# Personal fields --------------------------------------------------------------------------------------------------


def test_personal_fields_need_a_right_of_their_own(api: Any, calls: Any) -> None:
    assert api("alice").get(f"{URL}raw/").status_code == 403
    found = api("alice", permissions=PII).get(f"{URL}raw/", {"operation": "bugs_retrieve"}).json()["results"]
    assert found[0]["personal"] == {"ip": "127.0.0.1", "user_agent": "", "path": "/api/v1/bugs/WEB-1/"}


def test_reading_them_is_a_record_itself(api: Any, calls: Any) -> None:
    record = AccessRecord.objects.filter(operation="bugs_retrieve")[0]
    client = api("alice", permissions=PII)
    client.get(f"{URL}{record.pk}/raw/")
    client.get(f"{URL}raw/")
    raw = AccessRecord.objects.filter(data_class="raw").order_by("id").values_list("operation", "target")
    assert list(raw) == [("audit_access_raw", f"access:{record.pk}"), ("audit_access_raw_list", "access:*")]


def test_who_was_forgotten_has_none(api: Any, calls: Any) -> None:
    record = AccessRecord.objects.filter(operation="bugs_retrieve")[0]
    erasure.forget(f"user:{get_user_model().objects.get(username='bob').pk}")
    persons.forget_kept()
    assert api("alice", permissions=PII).get(f"{URL}{record.pk}/raw/").json()["personal"] is None


# Events -----------------------------------------------------------------------------------------------------------


def test_events_are_chosen_by_plain_parameters(api: Any, calls: Any, bug: Any) -> None:
    client, url = api("alice"), "/api/v1/audit/events/"

    def types(**asked: str) -> list[str]:
        return [one["type"] for one in client.get(url, asked).json()["results"]]

    assert types(type="bug.status_changed") == ["bug.status_changed"]
    assert types(type="bug.*", subject=f"bug:{bug.pk}") == ["bug.status_changed", "bug.created"]
    assert types(project="NONE") == [] and "bug.created" in types(project="WEB")
    actor = Event.objects.get(type="bug.status_changed").actor
    assert types(actor=actor) == ["bug.status_changed"]


# Lines for a SIEM, seals and proofs need rows that have settled ------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_records_are_pulled_as_lines_each_once(api: Any, calls: Any, settle: Any) -> None:
    settle()
    client, seen, cursor = api("alice"), [], ""
    for _ in range(10):
        answer = client.get(URL, {"limit": 2, "cursor": cursor} if cursor else {"limit": 2}, HTTP_ACCEPT=NDJSON)
        assert answer["Content-Type"] == NDJSON
        lines = [orjson.loads(line) for line in answer.content.splitlines()]
        assert not lines or lines[-1]["cursor"] == answer["Next-Cursor"] or len(lines) < 2
        seen, cursor = [*seen, *lines], answer["Next-Cursor"]
        if any(one["operation"] == "audit_access_list" for one in lines):
            break
        settle()
    mine = [one for one in seen if one["operation"] != "audit_access_list"]
    assert [one["operation"] for one in mine] == ["bugs_retrieve", "bugs_move", "bugs_move"]
    assert len({one["id"] for one in seen}) == len(seen)
    again = client.get(URL, {"cursor": mine[0]["cursor"], "format": "ndjson", "operation": "bugs_move"})
    assert [orjson.loads(line)["id"] for line in again.content.splitlines()] == [one["id"] for one in mine[1:]]


@pytest.mark.django_db(transaction=True)
def test_an_error_of_a_pull_is_a_problem(api: Any, bug: Any) -> None:
    for asked, code in (({"cursor": "x"}, "invalid_cursor"), ({"limit": "1001"}, "invalid_limit")):
        answer = api("alice").get(URL, asked, HTTP_ACCEPT=NDJSON)
        assert (answer.status_code, orjson.loads(answer.content)["code"]) == (400, code)


@pytest.mark.django_db(transaction=True)
def test_seals_and_proofs_are_had_over_rest(api: Any, calls: Any, settle: Any, settings: Any, tmp_path: Any) -> None:
    from audit import proofs, sealing, signing

    settings.DATA_DIR, settings.AUDIT_SEAL_LOG = tmp_path, str(tmp_path / "seals.log")
    client, record = api("alice"), AccessRecord.objects.filter(operation="bugs_move")[0]
    answer = client.get(f"{URL}{record.pk}/proof/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_sealed")
    settle()
    sealing.seal_all()
    proof = client.get(f"{URL}{record.pk}/proof/").json()
    assert proofs.check(proof, signing.trusted())["chain"] == "access" and str(record.pk) in proof["line"]
    event = Event.objects.get(type="bug.status_changed")
    proof = client.get(f"/api/v1/audit/events/{event.pk}/proof/").json()
    assert proofs.check(proof, signing.trusted())["chain"] == "events"
    listed = client.get("/api/v1/audit/seals/?chain=access").json()["results"]
    assert [one["chain"] for one in listed] == ["access"] * len(listed) and '"number":1' in listed[-1]["seal"]
    checked = client.post("/api/v1/audit/verify/", {"seals": 5}).json()
    assert checked["is_intact"] and {one["chain"]: one["logged"] for one in checked["chains"]} == {
        "access": len(listed),
        "events": 1,
    }
    answer = client.post("/api/v1/audit/verify/", {"seals": 201})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


NDJSON = "application/x-ndjson"
