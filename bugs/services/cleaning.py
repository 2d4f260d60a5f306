"""Texts on their way into a row: clean for the columns, what was taken out sealed beside them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bugs.privacy import originals, placeholders, redaction
from bugs.selectors import privacy
from bugs.selectors.privacy import Active
from config import keyring

Cleaner = Callable[[str, redaction.Rules, Collection[str]], str]
Document = Mapping[str, Any]
ENDING_MAX = 8
NAME, EMAIL = placeholders.of("name"), placeholders.of("email")


@dataclass(frozen=True, slots=True)
class Form:
    """The texts of a table. special: those that are not read as prose. limits: of columns, in characters.

    names: what other rows are found by; more may go out of these, and nothing comes back into them.
    """

    table: str
    names: frozenset[str] = frozenset()
    special: Mapping[str, Cleaner] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


def _label(value: str, rules: redaction.Rules, known: Collection[str]) -> str:
    return redaction.label(value, rules)


def _file_name(value: str, rules: redaction.Rules, known: Collection[str]) -> str:
    """What a file is called keeps its ending, unless that was the end of an address."""
    stem, dot, ending = value.rpartition(".")
    if dot and ending.isalnum() and len(ending) <= ENDING_MAX:
        shorter = redaction.text(stem, rules, known=known)
        clean = f"{shorter}.{ending}"
        if shorter != stem and redaction.text(clean, rules, known=known) == clean:
            return clean
    return redaction.text(value, rules, known=known)


def _whole(placeholder: str) -> Cleaner:
    """Personal as a whole, whatever is in it and whatever the rules are."""
    return lambda value, rules, known: placeholder if value else ""


BUG = Form(
    "bugs_bug",
    names=frozenset({"environment", "release"}),
    special={"environment": _label, "release": _label},
    limits={"title": 300, "component": 100, "environment": 64, "release": 200},
)
COMMENT, EDIT = Form("bugs_comment"), Form("bugs_commentedit")
ATTACHMENT = Form("bugs_attachment", special={"name": _file_name}, limits={"name": 200})
FEEDBACK = Form("bugs_feedback", special={"name": _whole(NAME), "email": _whole(EMAIL)}, limits={"url": 500})


def of_new(form: Form, row: UUID, document: Document, active: Active, *, known: Collection[str] = ()) -> dict[str, Any]:
    """The columns of a row that is to be: its clean texts, `originals` and `redaction_version`."""
    clean, taken = _clean(form, document, active.rules, known)
    return _columns(form, row, clean, taken, active)


def of_edit(
    form: Form, row: Any, document: Document, changes: Document, project_id: UUID, *, known: Collection[str] = ()
) -> dict[str, Any]:
    """The columns of a locked row that change. document: all its texts as they are; changes: some of them, edited.

    What was taken out of texts that nobody edits stays. Of edited ones it stays where their placeholders do
    (`placeholders.put_back`), unless the text around it gave it away: what is a secret only because of the word before
    it would come to light without that word. A row that was cleaned by other rules is cleaned anew as a whole.
    """
    active = _not_older(row, project_id)
    taken = originals.opened(row.originals, table=form.table, row=row.pk)
    before = redaction.restored(document, taken)
    edited, found = _edited(form, document, before, changes, active.rules, known)
    if row.redaction_version != active.version:
        clean, more = _again(form, document, taken, active, known)
        more = {pointer: text for pointer, text in more.items() if _field(pointer) not in changes}
        return _columns(form, row.pk, {**clean, **edited}, {**more, **found}, active)
    kept = {pointer: text for pointer, text in taken.items() if _field(pointer) not in changes}
    return _columns(form, row.pk, edited, {**kept, **found}, active)


def again(form: Form, row: Any, document: Document, active: Active, *, known: Collection[str] = ()) -> dict[str, Any]:
    """The columns of a locked row under other rules: what was taken out is put back first."""
    try:
        taken = originals.opened(row.originals, table=form.table, row=row.pk)
    except keyring.Unreadable:  # their key may come back: they stay, and only more is taken out
        return {**_clean(form, document, active.rules, known)[0], "redaction_version": active.version}
    return _columns(form, row.pk, *_again(form, document, taken, active, known), active)


def moved(column: bytes | memoryview | None, *, of: Form, row: UUID, to: Form, new_row: UUID) -> bytes | None:
    """What was taken out of one row, sealed for another that has its text now."""
    return originals.sealed(originals.opened(column, table=of.table, row=row), table=to.table, row=new_row)


def _not_older(row: Any, project_id: UUID) -> Active:
    """The rules now; never older ones than the row was cleaned by, which another process may have seen first."""
    active = privacy.active(project_id)
    return active if active.version >= row.redaction_version else privacy.present(project_id)


def _again(
    form: Form, document: Document, taken: Mapping[str, str], active: Active, known: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    names = {pointer: text for pointer, text in taken.items() if _field(pointer) in form.names}
    others = {pointer: text for pointer, text in taken.items() if pointer not in names}
    clean, found = _clean(form, redaction.restored(document, others), active.rules, known)
    return clean, {**found, **names}


def _edited(
    form: Form, document: Document, before: Document, changes: Document, rules: redaction.Rules, known: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    clean, taken = _clean(form, changes, rules, known)
    whole = {name: _put_back(value, document.get(name), before.get(name)) for name, value in changes.items()}
    if whole == changes:
        return clean, taken
    same, more = _clean(form, whole, rules, known)
    safe = {name for name in changes if same[name] == clean[name]}
    found = {pointer: text for pointer, text in taken.items() if _field(pointer) not in safe}
    return clean, found | {pointer: text for pointer, text in more.items() if _field(pointer) in safe}


def _put_back(edited: Any, clean: Any, original: Any) -> Any:
    if clean == original:
        return edited
    if isinstance(edited, str) and isinstance(clean, str) and isinstance(original, str):
        return placeholders.put_back(edited, clean=clean, original=original)
    if isinstance(edited, dict) and isinstance(clean, dict) and isinstance(original, dict):
        # Restored objects have their members in the same order.
        names = dict(zip(clean, original, strict=True))
        return {
            names.get(name, name): _put_back(value, clean.get(name), original.get(names.get(name, name)))
            for name, value in edited.items()
        }
    return edited


def _clean(
    form: Form, document: Document, rules: redaction.Rules, known: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    prose = {name: value for name, value in document.items() if name not in form.special}
    found, taken = redaction.document(prose, rules, known=known) if prose else ({}, {})
    clean, taken = dict(found), dict(taken)
    for name, cleaner in form.special.items():
        if name in document:
            clean[name] = cleaner(document[name], rules, known)
            if clean[name] != document[name]:
                taken[f"/{name}"] = document[name]
    for name, limit in form.limits.items():
        if name in clean:
            clean[name] = placeholders.fitting(clean[name], limit)
    return clean, taken


def _columns(form: Form, row: UUID, clean: Document, taken: Mapping[str, str], active: Active) -> dict[str, Any]:
    sealed = originals.sealed(taken, table=form.table, row=row)
    return {**clean, "originals": sealed, "redaction_version": active.version}


def _field(pointer: str) -> str:
    """Which column a pointer leads into."""
    return pointer.split("/", 2)[1]
