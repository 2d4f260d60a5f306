"""Texts of people with someone in them: what was taken out of them goes for good, and so do names left in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Value

from bugs.models import Attachment, Bug, Comment, CommentEdit, Feedback
from bugs.privacy import originals, redaction
from bugs.privacy.identity import Person, Step
from bugs.selectors import privacy, reporters
from bugs.services import indexing

CHUNK = 200  # rows of one transaction
WINDOW = 1_000  # rows that one statement reads: names are looked for in all texts, and few rows have them
_BEGINNING = UUID(int=0)
NOT_TOLD = Value(False)


@dataclass(frozen=True, slots=True)
class Texts:
    """A table of texts. bug, project: where a row has these.

    told_by: the member who wrote all of a row; came_in: whether someone else told it, through feedback.
    """

    model: type[Model]
    columns: tuple[str, ...]
    bug: str
    project: str
    told_by: str
    came_in: Exists | Value = NOT_TOLD

    def of(self, person: Person, project_ids: Sequence[UUID], last: UUID, upto: UUID | None) -> QuerySet[Any]:
        """Rows that may have to do with a person, in the order of their ids."""
        kept = Q(originals__isnull=False)
        for name in person.names:
            for column in self.columns:
                kept |= Q(**{f"{column}__icontains": name})
        within = Q(pk__gt=last) & (Q(pk__lte=upto) if upto else Q())
        return self.model._default_manager.filter(within, kept, **{f"{self.project}__in": project_ids}).order_by("pk")

    def end(self, last: UUID) -> UUID | None:
        """The last row of the window that begins here; None when it is the last one."""
        rows = self.model._default_manager.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        return next(iter(rows[WINDOW - 1 : WINDOW]), None)


_FED = Exists(Feedback.objects.filter(bug=OuterRef("pk")))
BUGS = Texts(Bug, ("title", "description", "steps", "expected", "actual"), "pk", "project_id", "reporter_id", _FED)
COMMENTS = Texts(Comment, ("body",), "bug_id", "bug__project_id", "author_id")
EDITS = Texts(CommentEdit, ("body",), "comment__bug_id", "comment__bug__project_id", "comment__author_id")
FEEDBACK = Texts(Feedback, ("name", "email", "message"), "bug_id", "project_id", "bug__reporter_id", Value(True))
FILES = Texts(Attachment, ("name",), "bug_id", "bug__project_id", "uploader_id")


def bugs(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    return _chunk(BUGS, person, project_ids, last)


def comments(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    return _chunk(COMMENTS, person, project_ids, last)


def edits(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    return _chunk(EDITS, person, project_ids, last)


def feedback(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    return _chunk(FEEDBACK, person, project_ids, last)


def attachments(person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """Their names alone; the files are evidence of the bug, and are deleted by hand."""
    return _chunk(FILES, person, project_ids, last)


@transaction.atomic
def _chunk(texts: Texts, person: Person, project_ids: Sequence[UUID], last: UUID | None) -> Step:
    """The bugs of a chunk are locked first, in their order, as everybody does."""
    last = last or _BEGINNING
    upto = texts.end(last)
    found = list(texts.of(person, project_ids, last, upto).values_list("pk", texts.bug)[:CHUNK])
    if not found:
        return Step(upto)
    list(Bug.objects.filter(pk__in={bug for _, bug in found}).order_by("pk").select_for_update(no_key=True).only("pk"))
    rows = texts.model._default_manager.filter(pk__in=[pk for pk, _ in found]).annotate(
        project_of=F(texts.project), bug_of=F(texts.bug), teller=F(texts.told_by), came_in=texts.came_in
    )
    told = _told(person, project_ids)
    changed = [cast(Any, row).bug_of for row in rows.order_by("pk") if _forget(texts, row, person, told)]
    for bug_id in sorted(set(changed)):
        indexing.reindex(bug_id)
    return Step(found[-1][0] if len(found) == CHUNK else upto, len(changed))


def _told(person: Person, project_ids: Sequence[UUID]) -> set[UUID]:
    """Bugs that their feedback became."""
    known = [reporter.pk for reporter in reporters.all_of(project_ids, person.given)]
    return set(Feedback.objects.filter(reporter__in=known).values_list("bug_id", flat=True)) if known else set()


def _forget(texts: Texts, row: Any, person: Person, told: set[UUID]) -> bool:
    """Take the person out of one row; whether they were there."""
    table = texts.model._meta.db_table
    kept = originals.opened(row.originals, table=table, row=row.pk)
    is_theirs = row.bug_of in told if row.came_in else person.user_id is not None and row.teller == person.user_id
    left = {} if is_theirs else {place: text for place, text in kept.items() if not person.is_meant_by(text)}
    clean = {name: _without(getattr(row, name), row.project_of, person) for name in texts.columns}
    changed = {name: text for name, text in clean.items() if text != getattr(row, name)}
    if len(left) == len(kept) and not changed:
        return False
    column = originals.sealed(left, table=table, row=row.pk)
    texts.model._default_manager.filter(pk=row.pk).update(originals=column, **changed)
    return True


def _without(text: str, project_id: UUID, person: Person) -> str:
    return redaction.text(text, privacy.active(project_id).rules, known=person.names) if person.names else text
