"""Bugs, and all that people wrote beside them, read again under other rules: a chunk of bugs at a time."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model

from bugs import rollups
from bugs.models import Attachment, Bug, CodeChange, Comment, CommentEdit, Feedback, SavedView
from bugs.privacy import placeholders, redaction
from bugs.selectors import known
from bugs.selectors.privacy import Active
from bugs.services import bug_texts, cleaning, code_changes, counting, indexing, reporters
from bugs.services.cleaning import Form

CHUNK = 50  # bugs of a transaction
BESIDE = 500  # rows beside them, of each kind
ROWS = 500  # of commits and views


class Chunk:
    """What a chunk did. last: from where the next one goes on; None when nothing is left."""

    __slots__ = ("changed", "last", "looked_at")

    def __init__(self, last: UUID | None, looked_at: int = 0, changed: int = 0) -> None:
        self.last, self.looked_at, self.changed = last, looked_at, changed


def of_bugs(project_id: UUID, active: Active, after: UUID | None) -> Chunk:
    """The next bugs of a project with their feedback, comments, earlier texts and names of files."""
    ids = list(_next(Bug.objects.filter(project_id=project_id), after)[:CHUNK])
    if not ids:
        return Chunk(None)
    stale = Bug.objects.filter(pk__in=ids).exclude(redaction_version=active.version).values_list("pk", flat=True)
    wanted = sorted({*stale, *_owners(ids, active)})
    locked = Bug.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True).defer("words", "stems")
    room, changed = BESIDE, 0
    for bug in locked:
        left, is_changed = _redo(bug, active, room)
        room, changed = room - left, changed + is_changed
        if room <= 0:  # the rest of it has the next transaction
            return Chunk(UUID(int=bug.pk.int - 1), 0, changed)
    return Chunk(ids[-1], len(ids), changed)


def of_commits(project_id: UUID, active: Active, after: UUID | None) -> Chunk:
    """The next commits; of them only more can be taken out, since nothing that was is kept."""
    rows = CodeChange.objects.filter(project_id=project_id)
    ids = list(_next(rows, after)[:ROWS])
    changed = code_changes.again(list(rows.filter(pk__in=ids).select_for_update(no_key=True)), active.rules)
    CodeChange.objects.bulk_update(changed, code_changes.TEXTS)
    return Chunk(ids[-1] if ids else None, len(ids), len(changed))


def of_views(project_id: UUID, active: Active, after: UUID | None) -> Chunk:
    """The next saved views, likewise. A name that its owner has already stays, with a number behind it."""
    rows = SavedView.objects.filter(project_id=project_id)
    ids, changed = list(_next(rows, after)[:ROWS]), 0
    for view in rows.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True):
        name, q = redaction.text(view.name, active.rules), redaction.text(view.q, active.rules)
        if (name, q) != (view.name, view.q):
            view.name, view.q = _free(view, name), placeholders.quoted(q)
            view.save(update_fields=["name", "q"])
            changed += 1
    return Chunk(ids[-1] if ids else None, len(ids), changed)


def _next(rows: Any, after: UUID | None) -> Any:
    return rows.filter(pk__gt=after or UUID(int=0)).order_by("pk").values_list("pk", flat=True)


def _owners(ids: Sequence[UUID], active: Active) -> set[UUID]:
    """Those of the bugs that have something beside them which was cleaned by other rules."""
    found: set[UUID] = set()
    for model in (Comment, Attachment, Feedback):
        rows = model._default_manager.filter(bug_id__in=ids).exclude(redaction_version=active.version)
        found.update(rows.values_list("bug_id", flat=True).distinct())
    edits = CommentEdit.objects.filter(comment__bug_id__in=ids).exclude(redaction_version=active.version)
    return found | set(edits.values_list("comment__bug_id", flat=True).distinct())


def _redo(bug: Bug, active: Active, room: int) -> tuple[int, bool]:
    """Rows beside it that were looked at, and whether anything is different."""
    before = indexing.lexemes(bug.pk)
    count, is_changed = _feedback(bug, active, room)
    comments = list(_stale(Comment.objects.filter(bug=bug), active, room))
    names = known.of_bug(bug, *{comment.author_id for comment in comments})
    for comment in comments:
        is_changed |= _rewrite(comment, cleaning.COMMENT, ("body",), active, names, is_versioned=True)
    edits = list(_stale(CommentEdit.objects.filter(comment__bug=bug), active, room))
    files = list(_stale(Attachment.objects.filter(bug=bug), active, room))
    for row in edits:
        is_changed |= _rewrite(row, cleaning.EDIT, ("body",), active, names)
    for row in files:
        is_changed |= _rewrite(row, cleaning.ATTACHMENT, ("name",), active, names)
    is_changed |= _texts(bug, active)
    if is_changed:
        indexing.reindex(bug.pk)
        indexing.forget(bug.project_id, before - indexing.lexemes(bug.pk))
    return count + len(comments) + len(edits) + len(files), is_changed


def _stale(rows: Any, active: Active, room: int) -> Any:
    return rows.exclude(redaction_version=active.version).order_by("pk").select_for_update(of=("self",))[:room]


def _feedback(bug: Bug, active: Active, room: int) -> tuple[int, bool]:
    """First of all: who said it is known to the other texts."""
    rows, is_changed = list(_stale(Feedback.objects.filter(bug=bug), active, room)), False
    for row in rows:
        who = known.of_feedback(row.pk, row.name, row.email, row.originals)
        if row.reporter_id is None:
            email = next((name for name in who if "@" in name), "")
            row.reporter = reporters.named(bug.project_id, email) if email else None
            row.save(update_fields=["reporter"])
        is_changed |= _rewrite(row, cleaning.FEEDBACK, ("name", "email", "message", "url"), active, who)
    return len(rows), is_changed


def _texts(bug: Bug, active: Active) -> bool:
    if bug.redaction_version == active.version:
        return False
    before, columns = rollups.facts(bug), bug_texts.again(bug, active)
    is_changed = _set(bug, columns)
    bug.version += is_changed
    bug.save(update_fields=[*columns, "version"])
    counting.changed(bug.project_id, before, rollups.facts(bug))
    return is_changed


def _rewrite(
    row: Any, form: Form, fields: Sequence[str], active: Active, names: Collection[str], *, is_versioned: bool = False
) -> bool:
    document = {name: getattr(row, name) for name in fields}
    columns = cleaning.again(form, row, document, active, known=names)
    is_changed = _set(row, columns)
    if is_versioned and is_changed:
        row.version += 1
        columns["version"] = row.version
    row.save(update_fields=list(columns))
    return is_changed


def _set(row: Model, columns: dict[str, Any]) -> bool:
    """Whether a text that people see is another one."""
    is_changed = any(
        getattr(row, name) != value for name, value in columns.items() if name not in ("originals", "redaction_version")
    )
    for name, value in columns.items():
        setattr(row, name, value)
    return is_changed


def _free(view: SavedView, name: str) -> str:
    others = SavedView.objects.filter(owner_id=view.owner_id).exclude(pk=view.pk)
    taken = set(others.values_list("name", flat=True))
    wanted = placeholders.fitting(name, 90)
    return next(one for one in (name[:100], *(f"{wanted} {n}" for n in range(2, 10_000))) if one not in taken)
