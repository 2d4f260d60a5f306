"""What a bug's columns get of the texts that people and errors give it: clean, with the originals sealed beside."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from bugs.models import Bug
from bugs.selectors import known, privacy
from bugs.selectors.privacy import Active
from bugs.services import cleaning, custom_fields

TEXTS = ("title", "description", "steps", "expected", "actual", "component", "environment", "release", "tags", "custom")


def first(
    bug_id: UUID, project_id: UUID, fields: Mapping[str, Any], *, user_id: int | None, names: Collection[str] = ()
) -> dict[str, Any]:
    """The fields of a bug that is to be, with its clean texts. names: of those who told of it."""
    given = _texts(project_id, {name: fields[name] for name in TEXTS if name in fields})
    knows = known.of_user(user_id) | frozenset(names)
    clean = cleaning.of_new(cleaning.BUG, bug_id, given, privacy.active(project_id), known=knows)
    return {**fields, **_whole(clean, fields.get("custom"))}


def edited(bug: Bug, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of a locked bug with their texts clean; more columns than that, when its texts were cleaned by other
    rules until now. Without texts nothing is different."""
    texts = {name: changes[name] for name in TEXTS if name in changes}
    if not texts:
        return dict(changes)
    now = {name: getattr(bug, name) for name in TEXTS}
    given, there = _texts(bug.project_id, texts), _texts(bug.project_id, now)
    clean = cleaning.of_edit(cleaning.BUG, bug, there, given, bug.project_id, known=known.of_bug(bug))
    return {**changes, **_whole(clean, {**now, **texts}["custom"])}


def again(bug: Bug, active: Active) -> dict[str, Any]:
    """The columns of a locked bug under other rules."""
    there = _texts(bug.project_id, {name: getattr(bug, name) for name in TEXTS})
    clean = cleaning.again(cleaning.BUG, bug, there, active, known=known.of_bug(bug))
    return _whole(clean, bug.custom)


def _texts(project_id: UUID, fields: dict[str, Any]) -> dict[str, Any]:
    """Of custom fields only those of free text: choices and dates stay what they are."""
    if not fields.get("custom"):
        return fields
    free = custom_fields.texts_of(project_id)
    return {**fields, "custom": {name: value for name, value in fields["custom"].items() if name in free}}


def _whole(clean: dict[str, Any], custom: Mapping[str, Any] | None) -> dict[str, Any]:
    """With the values of custom fields that are no free texts, in their places."""
    if "custom" not in clean:
        return clean
    return {**clean, "custom": {name: clean["custom"].get(name, value) for name, value in (custom or {}).items()}}
