"""Each report says why it is in its group."""

from typing import Any

import orjson

from audit.actors import SYSTEM
from bugs.ingest import grouping as identity
from bugs.ingest.digest import packing
from bugs.ingest.grouping import stored
from bugs.ingest.reading.normalize import Report
from bugs.models import ErrorReport
from bugs.selectors import reports
from bugs.services import grouping

API = "/api/v1/"
RULE = {"name": "Payments", "match": [{"field": "exception", "pattern": "Key*"}], "fingerprint": ["payments"]}


def why(api: Any, group: Any) -> Any:
    report = ErrorReport.objects.filter(group_id=group.pk).latest("id")
    answer = api("carol").get(f"{API}errors/{report.pk}/grouping/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_stack_decided(api: Any, crash: Any) -> None:
    group = crash("KeyError")
    found = why(api, group)
    assert (found["group_id"], found["title"], found["fingerprint"]) == (str(group.pk), group.title, group.fingerprint)
    assert (found["version"], found["rule"]) == (identity.VERSION, "in_app")
    assert "KeyError" in found["parts"]["exception"] and found["parts"]["frames"]
    assert found["custom_rule"] is None and found["behind"] is None
    assert found["today"]["is_same"] and found["today"]["parts"] == found["parts"]


def test_the_sdk_decided(api: Any, crash: Any) -> None:
    found = why(api, crash("KeyError", fingerprint=["mine"]))
    assert (found["rule"], found["parts"]["fingerprint"]) == ("fingerprint", ["mine"])


def test_a_rule_of_the_project_decided(api: Any, crash: Any) -> None:
    client = api("alice")
    made = client.post(f"{API}projects/WEB/grouping-rules/", RULE).json()
    group = crash("KeyError")
    found = why(api, group)
    assert (found["rule"], found["custom_rule"]) == ("rule", {"id": made["id"], "name": "Payments"})
    client.delete(f"{API}projects/WEB/grouping-rules/{made['id']}/")
    found = why(api, group)
    assert found["custom_rule"] == {"id": made["id"], "name": None}


def test_a_rule_that_was_made_since_would_decide_today(api: Any, crash: Any) -> None:
    group = crash("KeyError")
    made = api("alice").post(f"{API}projects/WEB/grouping-rules/", RULE).json()
    found = why(api, group)
    assert (found["rule"], found["today"]["rule"]) == ("in_app", "rule")
    assert (found["today"]["is_same"], found["today"]["custom_rule"]["id"]) == (False, made["id"])


def test_someone_put_its_group_behind_another(api: Any, crash: Any, do: Any) -> None:
    one, two = crash("KeyError"), crash("ValueError")
    do(one, "merge", {"into": str(two.pk)})
    behind = why(api, one)["behind"]
    assert (behind["id"], behind["title"], behind["kind"]) == (str(two.pk), two.title, "merge")
    assert behind["actor"].startswith("key:") and behind["similarity"] is None and behind["frames"] == []


def test_a_similar_stack_did(api: Any, crash: Any) -> None:
    frames = [{"function": name, "module": "shop.pay", "in_app": True} for name in ("checkout", "pay", "charge")]
    one, two = (
        crash(kind, exception=[{"type": kind, "value": "bad", "stacktrace": {"frames": frames[place:]}}])
        for place, kind in enumerate(("KeyError", "ValueError"))
    )
    grouping.attach(one.pk, into=two.pk, similarity=0.9, by=SYSTEM)
    behind = why(api, one)["behind"]
    assert (behind["kind"], behind["similarity"], behind["actor"]) == ("attach", 0.9, "system")
    assert len(behind["frames"]) == 2 and "charge" in behind["frames"][0]


def test_of_a_report_that_was_kept_without_it_the_reason_is_made_anew(api: Any, crash: Any, web: Any) -> None:
    group = crash("KeyError")
    row = ErrorReport.objects.get()
    payload = orjson.loads(reports.documents_of([row.pk])[0])
    payload["meta"].pop("grouping", None)
    ErrorReport.objects.update(payload=packing.pack(web.pk, orjson.dumps(payload)))
    found = why(api, group)
    assert (found["is_kept"], found["rule"], found["today"]["is_same"]) == (False, "in_app", True)


def test_a_report_is_read_back_as_it_was(crash: Any) -> None:
    crash(
        "KeyError",
        fingerprint=["a", "{{ default }}"],
        tags={"region": "EU"},
        user={"id": "ann"},
        breadcrumbs=[{"message": "click"}],
        request={"url": "https://shop.example"},
    )
    row = ErrorReport.objects.get()
    document = orjson.loads(reports.documents_of([row.pk])[0])
    found = stored.report_of(document)
    assert isinstance(found, Report) and (found.id, found.event_id) == (row.pk, row.event_id)
    again = {**found.as_payload(grouping=document["meta"]["grouping"])}
    kept = {name: value for name, value in document.items() if name not in ("id", "group_id", "project")}
    assert orjson.loads(orjson.dumps(again)) == kept
