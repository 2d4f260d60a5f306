"""Texts of people: what was taken out because it was hers goes for good, and nobody else's."""

from typing import Any

import pytest

from bugs import services
from bugs.forgetting import texts
from bugs.models import Bug, Comment, Feedback
from bugs.selectors import raw
from bugs.services import comments
from tests.bugs.forgetting.conftest import ANN, BEN

BOTH = f"Ask {ANN} or {BEN}"


def test_only_hers_goes_out_of_a_bug(web: Any, as_principal: Any, forget: Any) -> None:
    bug = services.report(project_id=web.pk, by=as_principal("bob"), title="x", description=BOTH, actual=f"to {BEN}")
    forget()
    left = raw.of_row(Bug, bug.pk)
    assert ANN not in str(left)
    assert left["/actual"] == f"to {BEN}"


def test_the_clean_text_stays(web: Any, as_principal: Any, forget: Any) -> None:
    bug = services.report(project_id=web.pk, by=as_principal("bob"), title="x", description=BOTH)
    clean = Bug.objects.get(pk=bug.pk).description
    forget()
    assert Bug.objects.get(pk=bug.pk).description == clean


def test_comments_and_their_earlier_texts(bug: Any, as_principal: Any, forget: Any) -> None:
    comment = comments.add(bug.pk, body=f"From {ANN}", by=as_principal("bob"))
    comments.edit(comment.pk, body=f"It was {ANN}, I think", by=as_principal("bob"))
    erasure = forget()
    assert not raw.of_row(Comment, comment.pk)
    assert erasure.counts["comments"] == 1 and erasure.counts["comment_edits"] == 1


def test_feedback_of_hers(api: Any, web: Any, forget: Any) -> None:
    said = {"project": "WEB", "message": f"Write to {ANN}", "email": ANN, "name": "Ann Miller"}
    row = Feedback.objects.get(pk=api("alice").post("/api/v1/feedback/", said).json()["id"])
    forget(names=["Ann Miller"])
    assert not raw.of_row(Feedback, row.pk)
    assert not raw.of_row(Bug, row.bug_id)


def test_all_that_she_told_in_feedback(api: Any, web: Any, forget: Any) -> None:
    """What was taken out goes also where it does not name her."""
    said = {"project": "WEB", "message": "Call 030 901820 or +49 30 901820", "email": ANN}
    row = Feedback.objects.get(pk=api("alice").post("/api/v1/feedback/", said).json()["id"])
    assert raw.of_row(Bug, row.bug_id)
    forget()
    assert not raw.of_row(Feedback, row.pk) and not raw.of_row(Bug, row.bug_id)


def test_feedback_is_of_who_gave_it_and_not_of_whose_key_brought_it(
    api: Any, web: Any, forget: Any, people_of_web: Any
) -> None:
    people_of_web["alice"].is_superuser = True
    people_of_web["alice"].save()
    said = {"project": "WEB", "message": "It broke", "email": BEN}
    row = Feedback.objects.get(pk=api("bob").post("/api/v1/feedback/", said).json()["id"])
    forget("bob", with_account=True)
    assert raw.of_row(Feedback, row.pk)


def test_names_that_stand_in_texts_are_taken_out(web: Any, as_principal: Any, forget: Any, api: Any) -> None:
    bug = services.report(project_id=web.pk, by=as_principal("bob"), title="Zyxwell cannot log in")
    forget(names=["Zyxwell"])
    assert "Zyxwell" not in Bug.objects.get(pk=bug.pk).title
    assert api("carol").get("/api/v1/bugs/?q=Zyxwell").json()["results"] == []


def test_another_project_keeps_what_it_has(web: Any, as_principal: Any, forget: Any) -> None:
    from audit.actors import SYSTEM
    from bugs import people

    other = people.make_project(key="OWN", name="Own", by=SYSTEM)
    bug = services.report(project_id=other.pk, by=SYSTEM, title="x", description=BOTH)
    forget()
    assert ANN in str(raw.of_row(Bug, bug.pk))


@pytest.mark.parametrize(("window", "chunk"), [(1, 200), (3, 2), (4, 1), (1_000, 1)])
def test_no_row_falls_between_two_windows(
    web: Any, as_principal: Any, forget: Any, monkeypatch: pytest.MonkeyPatch, window: int, chunk: int
) -> None:
    monkeypatch.setattr(texts, "WINDOW", window)
    monkeypatch.setattr(texts, "CHUNK", chunk)
    said = [f"Ask {ANN}", "nothing", "Miss Marple", "nothing", f"Ask {BEN}", "miss marple", f"{ANN}", "nothing"]
    for text in said:
        services.report(project_id=web.pk, by=as_principal("bob"), title="x", description=text)
    erasure = forget(names=["Miss Marple"])
    left = [str(raw.of_row(Bug, bug.pk)) + bug.description.lower() for bug in Bug.objects.order_by("pk")]
    assert not any(ANN in text or "marple" in text for text in left) and BEN in left[4]
    assert erasure.counts["bugs"] == 4
