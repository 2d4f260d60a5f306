"""What people write is clean in its columns, whole beside them, and stays so when it is edited."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from audit.actors import SYSTEM
from bugs import services
from bugs.commits import cut
from bugs.models import Attachment, Bug, CodeChange, Comment, CommentEdit, Project, Release, Reporter, Word
from bugs.privacy import originals
from bugs.selectors import privacy, raw, reporters
from bugs.services import attachments, cleaning, comments, feedback, releases, saved
from bugs.services.feedback import Said

MAIL, CARD = "ann.smith@example.com", "4111 1111 1111 1111"
PLACE = "[redacted:email]"
PROSE = ("title", "description", "steps", "expected", "actual", "component")


@pytest.fixture(autouse=True)
def quiet(settings: Any, tmp_path: Path) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}


def said(bug: Bug) -> Bug:
    return Bug.objects.get(pk=bug.pk)


def taken(row: Any) -> dict[str, str]:
    return raw.of_row(type(row), row.pk)


def everything() -> str:
    """All rows of all tables as text, but what is sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.parametrize("field", PROSE)
def test_every_text_of_a_bug_is_clean(web: Any, field: str) -> None:
    text = f"Write to {MAIL} now"
    bug = services.report(project_id=web.pk, by=SYSTEM, **{"title": "It broke", field: text})
    assert getattr(said(bug), field) == f"Write to {PLACE} now"
    assert taken(bug) == {f"/{field}": text}
    assert raw.bug(bug.pk)[field] == text


def test_tags_and_custom_texts_are_clean(web: Any) -> None:
    fields = {"note": {"type": "text"}, "day": {"type": "date"}, "kind": {"type": "choice", "choices": [MAIL]}}
    Project.objects.filter(pk=web.pk).update(custom_fields=fields)
    given = {"note": f"of {MAIL}", "day": "2026-05-31", "kind": MAIL}
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x", tags={"by": MAIL, f"of {MAIL}": "1"}, custom=given)
    bug = said(bug)
    assert bug.tags == {"by": PLACE, f"of {PLACE}": "1"}
    assert bug.custom == {"note": f"of {PLACE}", "day": "2026-05-31", "kind": MAIL}
    assert raw.bug(bug.pk)["tags"] == {"by": MAIL, f"of {MAIL}": "1"}
    assert raw.bug(bug.pk)["custom"] == given


def test_a_version_is_no_address(web: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x", release="1.8.0.1", environment=f"of-{MAIL}")
    assert (said(bug).release, PLACE in said(bug).environment) == ("1.8.0.1", True)
    assert raw.bug(bug.pk)["environment"] == f"of-{MAIL}"


def test_what_fits_no_more_is_cut_before_a_placeholder(web: Any) -> None:
    title = "a" * 280 + " j@ab.ch " + "b" * 11
    bug = services.report(project_id=web.pk, by=SYSTEM, title=title)
    assert said(bug).title == "a" * 280 + f" {PLACE} bb"
    long = "a" * 290 + " j@ab.ch"
    services.edit(bug.pk, changes={"title": long}, by=SYSTEM)
    assert (said(bug).title, raw.bug(bug.pk)["title"]) == ("a" * 290 + " ", long)


def test_a_clean_text_keeps_nothing(web: Any, bug: Any) -> None:
    row = said(bug)
    assert (row.originals, row.redaction_version) == (None, privacy.active(web.pk).version)


def test_originals_open_in_their_own_row_alone(web: Any) -> None:
    one, other = (services.report(project_id=web.pk, by=SYSTEM, title=f"{MAIL} {n}") for n in (1, 2))
    from config import keyring

    with pytest.raises(keyring.Unreadable):
        originals.opened(said(one).originals, table="bugs_bug", row=other.pk)


def test_an_edit_of_one_text_keeps_what_others_had(web: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title=f"A {MAIL}", description=f"B {MAIL}")
    services.edit(bug.pk, changes={"title": f"C {CARD}"}, by=SYSTEM)
    assert taken(bug) == {"/title": f"C {CARD}", "/description": f"B {MAIL}"}
    services.edit(bug.pk, changes={"title": "Nobody", "severity": "low"}, by=SYSTEM)
    assert taken(bug) == {"/description": f"B {MAIL}"}


def test_who_writes_a_placeholder_back_keeps_what_it_stands_for(web: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x", description=f"Ask {MAIL} first.")
    services.edit(bug.pk, changes={"description": f"Ask {PLACE} first. Then me@example.com."}, by=SYSTEM)
    assert said(bug).description == f"Ask {PLACE} first. Then {PLACE}."
    assert raw.bug(bug.pk)["description"] == f"Ask {MAIL} first. Then me@example.com."
    services.edit(bug.pk, changes={"description": f"Ask first. Then {PLACE}."}, by=SYSTEM)
    assert raw.bug(bug.pk)["description"] == "Ask first. Then me@example.com."


def test_a_secret_that_only_its_neighbour_gives_away_does_not_come_to_light(web: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x", description="password: hunter2horse")
    clean = said(bug).description
    assert "hunter2horse" not in clean
    services.edit(bug.pk, changes={"description": clean.replace("password: ", "It was ")}, by=SYSTEM)
    assert "hunter2horse" not in f"{said(bug).description} {raw.bug(bug.pk)}"


def test_tags_are_merged_around_what_is_taken_out(web: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x", tags={"by": MAIL, "os": "x"})
    services.edit(bug.pk, changes={"tags": {"by": PLACE, "os": "y", "new": MAIL}}, by=SYSTEM)
    assert raw.bug(bug.pk)["tags"] == {"by": MAIL, "os": "y", "new": MAIL}


def test_to_guess_a_text_right_is_like_to_guess_it_wrong(web: Any) -> None:
    """Otherwise the version would tell who wrote it."""
    told = []
    for guess in (MAIL, "ann.smyth@example.com"):
        bug = services.report(project_id=web.pk, by=SYSTEM, title=f"By {MAIL}")
        edited = services.edit(bug.pk, changes={"title": f"By {guess}"}, by=SYSTEM)
        told.append((edited.version, said(bug).title))
    assert told[0] == told[1] == (2, f"By {PLACE}")


@pytest.mark.parametrize("is_internal", [False, True])
def test_comments_and_what_they_said_before_are_clean(web: Any, bug: Any, is_internal: bool) -> None:
    comment = comments.add(bug.pk, body=f"By {MAIL}", is_internal=is_internal, by=SYSTEM)
    comments.edit(comment.pk, body=f"By {CARD}", by=SYSTEM)
    row, edit = Comment.objects.get(), CommentEdit.objects.get()
    assert (row.body, edit.body) == ("By [redacted:card]", f"By {PLACE}")
    shown = raw.comment(comment.pk)
    assert (shown["body"], shown["edits"][0]["body"]) == (f"By {CARD}", f"By {MAIL}")


def test_notes_of_a_move_are_a_clean_comment(web: Any, bug: Any) -> None:
    services.change_status(bug.pk, to="triaged", notes=f"Told by {MAIL}", by=SYSTEM)  # type: ignore[arg-type]
    assert Comment.objects.get().body == f"Told by {PLACE}"


def test_the_record_knows_the_name_of_its_reporter(web: Any, join: Any, as_principal: Any) -> None:
    from bugs.models import User

    User.objects.filter(username="bob").update(first_name="Robert", last_name="Miller")
    bob = as_principal("bob")
    bug = services.report(project_id=web.pk, by=bob, title="Robert Miller cannot pay")
    comments.add(bug.pk, body="I met robert miller.", by=SYSTEM)
    assert said(bug).title == "[redacted:name] cannot pay"
    assert Comment.objects.get().body == "I met [redacted:name]."


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        (f"of {MAIL} now.txt", f"of {PLACE} now.txt"),
        (f"of {MAIL}.txt", f"of {PLACE}.txt"),
        ("plain.txt", "plain.txt"),
        (MAIL, PLACE),
    ],
)
def test_names_of_files_are_clean(web: Any, bug: Any, name: str, clean: str) -> None:
    columns = cleaning.of_new(cleaning.ATTACHMENT, bug.pk, {"name": name}, privacy.active(web.pk))
    assert columns["name"] == clean
    if not name.endswith(".txt"):
        return
    attachments.add(bug.pk, file=ContentFile(b"words"), name=name, declared="text/plain", by=SYSTEM)
    assert Attachment.objects.get().name == clean
    assert raw.bug(bug.pk)["attachments"][0]["name"] == name


def test_feedback_seals_who_said_it(web: Any) -> None:
    words = Said(message=f"Ann Smith here.\nCall {CARD}", source="api", name="Ann Smith", email=MAIL)
    (row,) = feedback.add(web.pk, [words], by=SYSTEM)
    row.refresh_from_db()
    assert (row.name, row.email) == ("[redacted:name]", PLACE)
    assert row.message == "[redacted:name] here.\nCall [redacted:card]"
    bug = Bug.objects.get()
    assert (bug.title, "Ann" in bug.description) == ("[redacted:name] here.", False)
    shown = raw.feedback_of(row.pk)
    assert (shown["name"], shown["email"], shown["message"]) == ("Ann Smith", MAIL, words.message)
    comments.add(bug.pk, body="Ann Smith wrote again", by=SYSTEM)
    assert Comment.objects.get().body == "[redacted:name] wrote again"


def test_feedback_knows_its_reporter_by_any_spelling(web: Any) -> None:
    words = [Said(message="x", source="api", email=email) for email in (MAIL, f" {MAIL.upper()}", "", "ann")]
    rows = feedback.add(web.pk, words, by=SYSTEM)
    assert [row.reporter_id is None for row in rows] == [False, False, True, True]
    assert rows[0].reporter_id == rows[1].reporter_id
    assert reporters.identity_of(Reporter.objects.get()) == MAIL


def test_half_an_address_is_not_left_in_a_title(web: Any) -> None:
    message = "a" * 110 + f" {MAIL} and more"
    feedback.add(web.pk, [Said(message=message, source="api")], by=SYSTEM)
    assert "ann" not in Bug.objects.get().title


def test_commits_and_releases_are_clean(web: Any) -> None:
    commits = [cut("a1", message=f"Fix for {MAIL}", author=f"Ann <{MAIL}>", files=["a.py", f"mail/{MAIL}"])]
    releases.publish(project_id=web.pk, version=f"1.0-{MAIL}", commits=commits, by=SYSTEM)
    row = CodeChange.objects.get()
    assert (row.message, row.author, row.files) == (f"Fix for {PLACE}", f"Ann <{PLACE}>", ["a.py", f"mail/{PLACE}"])
    assert MAIL not in Release.objects.get().version
    releases.push(web.pk, commits=[cut("b2", message=MAIL)], by=SYSTEM)
    assert CodeChange.objects.get(commit="b2").message == PLACE


def test_views_are_clean_and_still_filters(web: Any, as_principal: Any) -> None:
    view = saved.create(name=f"Of {MAIL}", q=f'is:open {MAIL} title:"{MAIL}"', ordering="", by=as_principal("bob"))
    assert (view.name, view.q) == (f"Of {PLACE}", f'is:open "{PLACE}" title:"{PLACE}"')
    saved.update(view.pk, changes={"q": f"tag.by:{MAIL}"}, by=as_principal("bob"))
    view.refresh_from_db()
    assert view.q == f'tag.by:"{PLACE}"'


def test_nothing_of_it_is_in_any_table(web: Any) -> None:
    text = f"Zanzibar {MAIL} and {CARD}"
    bug = services.report(project_id=web.pk, by=SYSTEM, title=text, description=text, tags={"a": text}, steps=text)
    comment = comments.add(bug.pk, body=text, by=SYSTEM)
    comments.edit(comment.pk, body=f"Again {text}", by=SYSTEM)
    services.edit(bug.pk, changes={"actual": text}, by=SYSTEM)
    feedback.add(web.pk, [Said(message=text, source="api", name="Ann Smithson", email=MAIL)], by=SYSTEM)
    attachments.add(bug.pk, file=ContentFile(b"words"), name=f"{MAIL}.txt", declared="text/plain", by=SYSTEM)
    found = everything()
    assert "zanzibar" in found
    assert [word for word in ("ann.smith", CARD, "Smithson", "smithson") if word in found] == []
    assert not Word.objects.filter(word__in=["4111", "smith", "smithson"]).exists()
