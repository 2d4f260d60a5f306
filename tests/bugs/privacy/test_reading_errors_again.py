"""Changed rules reach stored errors, their groups, the bugs they bear and what is found of them."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from audit.actors import SYSTEM
from bugs.ingest import redaction_work
from bugs.ingest.digest import packing, writer
from bugs.ingest.reading.normalize import normalize
from bugs.models import Bug, ErrorGroup, ErrorReport, PayloadDictionary, Rollup, RollupDelta, Word
from bugs.selectors import payloads, privacy, reports
from bugs.services import contexts, dictionaries
from bugs.services import privacy as rules
from bugs.services import redacting as work

MAIL = "ann.smith@example.com"
OURS = {"patterns": [{"name": "customer", "pattern": "KD-[0-9]{4}"}]}


@pytest.fixture(autouse=True)
def quiet(settings: Any, monkeypatch: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    monkeypatch.setattr(privacy, "KEPT", 0)
    monkeypatch.setattr(work, "SETTLES", work.REST * 0)


def crash(project: Any, value: str, **more: Any) -> None:
    frames = [{"filename": "pay.py", "function": "pay", "lineno": 1, "in_app": True}]
    raised = {"type": "PayError", "value": value, "stacktrace": {"frames": frames}, "mechanism": {"handled": True}}
    event = {"exception": [raised], "timestamp": timezone.now().isoformat(), **more}
    writer.accept(project.pk, [normalize(event, received_at=timezone.now(), event_id=uuid4())])


def change(project: Any, **given: Any) -> None:
    rules.change(project.pk, rules=given, by=SYSTEM)
    while redaction_work.run_due(60):
        pass


def shown() -> dict[str, Any]:
    ids = list(ErrorReport.objects.values_list("pk", flat=True))
    found: dict[str, Any] = orjson.loads(reports.documents_of(ids)[0])
    return found


def test_a_pattern_reaches_reports_groups_and_bugs(web: Any) -> None:
    crumbs = [{"category": "ui", "message": "opened KD-4711", "timestamp": 1}]
    crash(web, "no KD-4711 there", breadcrumbs={"values": crumbs}, tags={"component": "shop KD-4711"})
    contexts.fold()
    change(web, **OURS)
    document, group, bug = shown(), ErrorGroup.objects.get(), Bug.objects.get()
    assert document["exception"]["value"] == "no [redacted:customer] there"
    assert "KD-4711" not in orjson.dumps([document, group.context, bug.tags]).decode()
    assert group.title == "PayError: no [redacted:customer] there"
    assert "4711" not in f"{group.context_words} {bug.title} {bug.description} {bug.component} {bug.words}"
    assert not Word.objects.filter(word="4711").exists()
    assert group.redaction_version == ErrorReport.objects.get().redaction_version == privacy.present(web.pk).version


def test_a_detector_that_is_switched_off_brings_reports_and_titles_back(web: Any) -> None:
    crash(web, f"no mail to {MAIL}", breadcrumbs={"values": [{"category": "ui", "message": f"wrote to {MAIL}"}]})
    assert MAIL not in orjson.dumps(shown()).decode()
    change(web, off=["email"])
    group = ErrorGroup.objects.get()
    assert shown()["exception"]["value"] == f"no mail to {MAIL}"
    assert group.title == f"PayError: no mail to {MAIL}"
    assert group.context["breadcrumb"] == [f"ui wrote to {MAIL}"]


def test_what_nobody_changed_stays_to_the_byte(web: Any) -> None:
    crash(web, "plain", release="1.0")
    before, names = shown(), list(ErrorGroup.objects.values_list("title", "culprit", "context"))
    change(web, **OURS)
    assert (shown(), list(ErrorGroup.objects.values_list("title", "culprit", "context"))) == (before, names)


def test_errors_are_counted_where_they_are_now(web: Any) -> None:
    crash(web, "plain", tags={"component": "KD-4711"})
    change(web, **OURS)
    from bugs.services import folding

    folding.fold()
    counted = Rollup.objects.filter(measure="errors").values_list("component", "count")
    assert list(counted) == [("[redacted:customer]", 1)] and not RollupDelta.objects.exists()


def test_reports_of_before_redaction_are_cleaned(web: Any) -> None:
    crash(web, "plain")
    row = ErrorReport.objects.get()
    document = shown()
    document["exception"]["value"] = f"of {MAIL}"
    text = orjson.dumps({name: value for name, value in document.items() if name not in ("id", "group_id", "project")})
    ErrorReport.objects.update(payload=packing.pack(web.pk, text), redaction_version=0)
    redaction_work.run_due(60)
    assert shown()["exception"]["value"] == "of [redacted:email]" and row.pk


def test_what_was_learnt_of_payloads_is_learnt_anew(web: Any) -> None:
    for number in range(120):
        crash(web, f"no KD-4711 in basket {number}", release=f"1.{number}")
    learnt = dictionaries.train(web.pk)
    assert learnt and b"KD-4711" in bytes(learnt.data)
    packing._newest.cache_clear()
    crash(web, "late KD-4711")
    change(web, **OURS)
    (row,) = PayloadDictionary.objects.all()
    assert row.pk > learnt.pk and b"KD-4711" not in bytes(row.data)
    for payload in ErrorReport.objects.values_list("payload", flat=True):
        assert payloads.dictionary_of(bytes(payload)[:18]) == row.pk and b"KD-4711" not in payloads.unpack(payload)


def test_what_cannot_be_opened_stays_sealed(web: Any) -> None:
    crash(web, f"of {MAIL} and KD-4711")
    ErrorReport.objects.update(originals=b"\x00\x09" + b"x" * 60)  # of a key that is gone
    change(web, **OURS)
    assert shown()["exception"]["value"] == "of [redacted:email] and [redacted:customer]"
    assert bytes(ErrorReport.objects.get().originals) == b"\x00\x09" + b"x" * 60
