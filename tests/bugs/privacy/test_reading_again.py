"""Changed rules reach what was written before: texts come back, others go, and what search knows of them with them."""

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.actors import SYSTEM
from audit.models import Event
from bugs import services
from bugs.ingest import redaction_work
from bugs.models import Bug, CodeChange, Comment, CommentEdit, Feedback, Redaction, SavedView, Word
from bugs.selectors import privacy, raw
from bugs.services import cleaning, comments, feedback, saved
from bugs.services import privacy as rules
from bugs.services import redacting as work
from bugs.services.feedback import Said

MAIL, PLACE = "ann.smith@example.com", "[redacted:email]"
OURS = {"patterns": [{"name": "customer", "pattern": "KD-[0-9]{4}"}]}


@pytest.fixture(autouse=True)
def quiet(settings: Any, monkeypatch: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    monkeypatch.setattr(privacy, "KEPT", 0)
    monkeypatch.setattr(work, "SETTLES", work.REST * 0)


def change(project: Any, **given: Any) -> None:
    rules.change(project.pk, rules=given, by=SYSTEM)
    while redaction_work.run_due(60):
        pass


def finds(text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bugs_bug WHERE words @@ %s::tsquery", [f"'{text}'"])
        return bool(cursor.fetchone()[0])


def test_a_detector_that_is_switched_off_brings_texts_back(web: Any, as_principal: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title=f"By {MAIL}", tags={"by": MAIL}, component=MAIL)
    comment = comments.add(bug.pk, body=f"Of {MAIL}", by=SYSTEM)
    comments.edit(comment.pk, body=f"From {MAIL}", by=SYSTEM)
    feedback.add(web.pk, [Said(message=f"Call {MAIL}", source="api", email="bob@example.com")], by=SYSTEM)
    assert not finds("smith")
    change(web, off=["email"])
    row = Bug.objects.get(pk=bug.pk)
    assert (row.title, row.tags, row.component, row.originals) == (f"By {MAIL}", {"by": MAIL}, MAIL, None)
    assert (Comment.objects.get().body, CommentEdit.objects.get().body) == (f"From {MAIL}", f"Of {MAIL}")
    said = Feedback.objects.get()
    assert (said.message, said.email) == (f"Call {MAIL}", PLACE)
    assert finds("smith") and Word.objects.filter(word="smith").exists()


def test_a_pattern_of_its_own_takes_texts_out(web: Any, as_principal: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title="For KD-4711", description="plain")
    comments.add(bug.pk, body="Zeppelin KD-4711", is_internal=False, by=SYSTEM)
    view = saved.create(name="KD-4711", q="KD-4711", ordering="", project_id=web.pk, by=as_principal("bob"))
    CodeChange.objects.create(project=web, commit="a", message="for KD-4711", files=["KD-4711.py", "b.py"])
    assert finds("4711") and finds("kd")
    change(web, **OURS)
    row, shown = Bug.objects.get(pk=bug.pk), SavedView.objects.get(pk=view.pk)
    assert (row.title, row.description) == ("For [redacted:customer]", "plain")
    assert raw.bug(bug.pk)["title"] == "For KD-4711"
    assert Comment.objects.get().body == "Zeppelin [redacted:customer]"
    assert (shown.name, shown.q) == ("[redacted:customer]", '"[redacted:customer]"')
    assert CodeChange.objects.get().files == ["[redacted:customer].py", "b.py"]
    assert not finds("4711") and finds("zeppelin")
    assert set(Word.objects.filter(word__in=["kd", "4711", "zeppelin"]).values_list("word", flat=True)) == {"zeppelin"}


def test_texts_that_are_other_now_are_another_version_and_nobodys_edit(web: Any) -> None:
    bugs = [services.report(project_id=web.pk, by=SYSTEM, title=title) for title in ("For KD-4711", "Plain")]
    before, events = list(Bug.objects.order_by("pk").values_list("updated_at", flat=True)), Event.objects.count()
    change(web, **OURS)
    found = list(Bug.objects.order_by("pk").values_list("version", "updated_at", "redaction_version"))
    version = privacy.present(web.pk).version
    assert found == [(2, before[0], version), (1, before[1], version)]
    assert Event.objects.count() == events + 1 and bugs


def test_rows_from_before_redaction_are_cleaned(web: Any, bug: Any) -> None:
    Bug.objects.filter(pk=bug.pk).update(title=f"Ann Jones: {MAIL}", redaction_version=0)
    Comment.objects.create(bug=bug, body=f"By {MAIL}", actor="system", created_at=bug.created_at)
    row = Feedback.objects.create(
        project=web, bug=bug, name="Ann Jones", email=MAIL, message="Ann Jones", source="api", created_at=bug.created_at
    )
    from bugs.services import indexing

    indexing.reindex(bug.pk)
    assert redaction_work.run_due(60) is False
    row.refresh_from_db()
    assert Bug.objects.get(pk=bug.pk).title == f"[redacted:name]: {PLACE}"
    assert Comment.objects.get().body == f"By {PLACE}"
    assert (row.name, row.email, row.message) == ("[redacted:name]", PLACE, "[redacted:name]")
    assert row.reporter and raw.feedback_of(row.pk)["name"] == "Ann Jones"
    assert not finds("jones") and not Word.objects.filter(word="jones").exists()


def test_a_project_that_was_read_is_not_read_again(web: Any) -> None:
    redaction_work.run_due(60)
    redaction_work.run_due(60)
    assert list(Redaction.objects.values_list("state", flat=True)) == ["done"]


def test_how_far_it_is_can_be_seen(web: Any, bug: Any) -> None:
    services.report(project_id=web.pk, by=SYSTEM, title="For KD-4711")
    change(web, **OURS)
    shown = privacy.state(web.pk)
    assert shown and (shown["state"], shown["done"], shown["total"], shown["changed"]) == ("done", 2, 2, 1)


def test_newer_rules_take_over(web: Any, bug: Any) -> None:
    rules.change(web.pk, rules=OURS, by=SYSTEM)
    first = work.claim()
    rules.change(web.pk, rules={"off": ["email"]}, by=SYSTEM)
    assert first and redaction_work.step(first) is False
    redaction_work.run_due(60)
    assert list(Redaction.objects.order_by("id").values_list("state", flat=True)) == ["done", "done"]
    assert Bug.objects.get(pk=bug.pk).redaction_version == privacy.present(web.pk).version


def test_whoever_lost_the_lease_writes_nothing(web: Any, monkeypatch: Any) -> None:
    services.report(project_id=web.pk, by=SYSTEM, title="For KD-4711")
    rules.change(web.pk, rules=OURS, by=SYSTEM)
    slow = work.claim()
    assert slow and redaction_work.step(slow) and work.claim() is None
    work.pause(slow)
    quick = work.claim()
    with pytest.raises(work.Lost):
        redaction_work.step(slow)
    assert Bug.objects.get().title == "For KD-4711"
    assert quick and redaction_work.step(quick) and Bug.objects.get().title == "For [redacted:customer]"


def test_what_was_written_by_the_rules_of_before_is_found_by_a_second_look(web: Any, monkeypatch: Any) -> None:
    old = privacy.present(web.pk)
    rules.change(web.pk, rules=OURS, by=SYSTEM)
    monkeypatch.setattr(work, "SETTLES", work.REST)
    redaction_work.run_due(60)
    assert privacy.state(web.pk)["state"] == "running"  # type: ignore[index]
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x")
    columns = cleaning.of_new(cleaning.BUG, bug.pk, {"title": "Late KD-4711"}, old)
    Bug.objects.filter(pk=bug.pk).update(**columns)
    counts = {**Redaction.objects.get().counts, "began": timezone.now().isoformat()}
    Redaction.objects.update(leased_until=None, counts=counts)
    monkeypatch.setattr(work, "SETTLES", work.REST * 0)
    redaction_work.run_due(60)
    assert Bug.objects.get(pk=bug.pk).title == "Late [redacted:customer]"


def test_an_edit_never_goes_back_to_older_rules(web: Any, monkeypatch: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x")
    old = privacy.present(web.pk)
    change(web, **OURS)
    monkeypatch.setattr(privacy, "active", lambda _: old)
    services.edit(bug.pk, changes={"title": "KD-4711"}, by=SYSTEM)
    row = Bug.objects.get(pk=bug.pk)
    assert (row.title, row.redaction_version) == ("[redacted:customer]", privacy.present(web.pk).version)


def test_a_bug_with_very_many_comments_is_done_in_parts(web: Any, bug: Any, monkeypatch: Any) -> None:
    from bugs.services import redacting_bugs

    monkeypatch.setattr(redacting_bugs, "BESIDE", 2)
    for number in range(5):
        comments.add(bug.pk, body=f"KD-471{number}", by=SYSTEM)
    change(web, **OURS)
    assert set(Comment.objects.values_list("body", flat=True)) == {"[redacted:customer]"}
    assert len(Comment.objects.all()) == 5 and not finds("4711")
