"""The one table of what can be asked for: meaning, values and sources of every field. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from bugs.choices import BugType, Level, Priority, Resolution, Severity, Status
from bugs.query import context


class Kind(StrEnum):
    TEXT = "text"
    CONTEXT = "context"
    CHOICE = "choice"
    NAME = "name"
    REFERENCE = "reference"
    PERSON = "person"
    NUMBER = "number"
    TIME = "time"
    DATE = "date"
    AGE = "age"
    ENTRY = "entry"
    WORD = "word"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Field:
    """source: the column of a bug; the filter document has it under the same name. For `TEXT` the weight in `words`.

    values: the choices, least first when they are ordered. empty: what a column holds when there is nothing; None when
    it is never missing. is_live: whether it makes sense where only changes are seen.
    """

    name: str
    kind: Kind
    doc: str
    example: str
    source: str = ""
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    is_ordered: bool = False
    can_be_missing: bool = False
    is_live: bool = True


# A word after `is:`: the same in longer words.
IS = {
    "open": "status:new,triaged,in_progress,reopened",
    "closed": "status:resolved,closed",
    "unassigned": "assignee:none",
    "assigned": "-assignee:none",
    "mine": "assignee:me",
    "overdue": "due:<today status:new,triaged,in_progress,reopened",
    "regressed": "status:reopened reopen_count:>0 error_count:>0",
    "reopened": "reopen_count:>0",
    "merged": "-merged_into:none",
    "watched": "watcher:me",
}
# A word after `has:`; every field that can be `none` is one too.
HAS = {
    "attachment": "attachment_count:>0",
    "comment": "comment_count:>0",
    "errors": "error_count:>0",
    "users": "user_count:>0",
}


def _words() -> list[Field]:
    parts = {
        "title": ("A", "The title.", 'title:"null pointer"'),
        "description": ("B", "Description, steps, expected and actual behaviour.", "description:crash*"),
        "comment": ("C", "Public comments.", 'comment:"works for me"'),
        "message": ("D", "Titles of the errors behind the bug.", "message:TypeError"),
    }
    return [Field(name, Kind.TEXT, doc, example, weight) for name, (weight, doc, example) in parts.items()]


def _choices() -> list[Field]:
    def choice(name: str, values: list[str], doc: str, example: str, **more: object) -> Field:
        return Field(name, Kind.CHOICE, doc, example, name, values=tuple(values), **more)  # type: ignore[arg-type]

    severity = "How bad it is, in that order."
    return [
        choice("status", Status.values, "Where it is in its life.", "status:new,triaged"),
        choice("severity", Severity.values, severity, "severity:>=high", is_ordered=True),
        choice("priority", Priority.values, "How soon, in that order.", "priority:urgent", is_ordered=True),
        choice("bug_type", BugType.values, "What kind of bug.", "bug_type:crash", aliases=("type",)),
        choice("resolution", Resolution.values, "How it ended.", "resolution:wont_fix", can_be_missing=True),
        choice(
            "error_level",
            Level.values[::-1],
            "The worst level of its errors, in that order.",
            "error_level:>=error",
            is_ordered=True,
            can_be_missing=True,
        ),
    ]


def _names() -> list[Field]:
    def name(name: str, doc: str, example: str, *aliases: str) -> Field:
        return Field(name, Kind.NAME, doc, example, name, aliases, can_be_missing=True)

    merged_into = "The bug it was merged into."
    return [
        Field("project", Kind.REFERENCE, "The key of its project.", "project:WEB", "project"),
        Field("merged_into", Kind.REFERENCE, merged_into, "merged_into:WEB-7", "merged_into", can_be_missing=True),
        name("component", "The part of the program.", "component:checkout*", "component_name"),
        name("environment", "Where it runs.", "environment:production"),
        name("release", "The version.", "release:2.4.*"),
    ]


def _people() -> list[Field]:
    reporter = "Who reported it, by user name."
    return [
        Field(
            "assignee", Kind.PERSON, "Who works on it.", "assignee:me", "assignee", ("assigned_to",), (), False, True
        ),
        Field("reporter", Kind.PERSON, reporter, "reporter:carol", "reporter", can_be_missing=True),
        Field("watcher", Kind.PERSON, "Who watches it.", "watcher:me", "watchers"),
    ]


def _numbers() -> list[Field]:
    rows = {
        "number": "The number in its reference.",
        "error_count": "Error reports.",
        "user_count": "Users who met its errors.",
        "comment_count": "Public comments.",
        "attachment_count": "Attachments.",
        "reopen_count": "How often it was reopened.",
    }
    return [Field(name, Kind.NUMBER, doc, f"{name}:>=10", name) for name, doc in rows.items()]


def _times() -> list[Field]:
    def time(name: str, doc: str, *, missing: bool = True) -> Field:
        source = f"{name}_at"
        return Field(name, Kind.TIME, doc, f"{name}:>-7d", source, (source,), can_be_missing=missing)

    age = "How long ago it was reported."
    idle = "How long ago it last changed."
    return [
        time("created", "When it was reported.", missing=False),
        time("updated", "When it last changed.", missing=False),
        time("triaged", "When it was first triaged."),
        time("resolved", "When it was resolved."),
        time("closed", "When it was closed."),
        time("last_error", "When its newest error came."),
        Field(
            "due", Kind.DATE, "The day by which it is due.", "due:<today", "due_on", ("due_on",), can_be_missing=True
        ),
        Field("age", Kind.AGE, age, "age:>7d", "created_at", is_live=False),
        Field("idle", Kind.AGE, idle, "idle:>30d", "updated_at", is_live=False),
    ]


def _rest() -> list[Field]:
    return [
        Field("tag", Kind.ENTRY, "A tag, by name.", "tag.browser:safari", "tags", can_be_missing=True),
        Field("custom", Kind.ENTRY, "A custom field, by name.", "custom.cost:>=100", "custom", can_be_missing=True),
        Field("is", Kind.WORD, "A state in one word.", "is:open", values=tuple(IS)),
        Field("has", Kind.WORD, "That something is there.", "has:attachment"),
        Field("changed", Kind.CHANGE, "That this event changed a field; only for triggers.", "changed:severity"),
    ]


def _contexts() -> list[Field]:
    return [
        Field(name, Kind.CONTEXT, f"In reports of its errors: {doc}.", f"{name}:checkout*", name, can_be_missing=True)
        for name, doc in context.FIELDS.items()
    ]


FIELDS: dict[str, Field] = {
    field.name: field
    for group in (_words, _choices, _names, _people, _numbers, _times, _rest, _contexts)
    for field in group()
}
BY_NAME: dict[str, Field] = FIELDS | {alias: field for field in FIELDS.values() for alias in field.aliases}
NAMES: tuple[str, ...] = tuple(BY_NAME)
# What an event may say that it changed.
CHANGES = (
    *("status", "severity", "priority", "bug_type", "resolution", "assignee", "title", "description", "steps"),
    *("expected", "actual", "component", "environment", "release", "tags", "custom", "due_on"),
)
OPERATORS = {
    Kind.TEXT: 'words, `"a phrase"`, `prefix*`',
    Kind.CONTEXT: 'words, `"a phrase"`, `prefix*`, `none`',
    Kind.CHOICE: "value, list; `>` `>=` `<` `<=` and `a..b` where they are ordered; `field.was:` for triggers",
    Kind.NAME: "value, list, `*` for any letters",
    Kind.REFERENCE: "value, list",
    Kind.PERSON: "user name, `me`, `none`, list",
    Kind.NUMBER: "number, `>` `>=` `<` `<=`, `a..b`, list",
    Kind.TIME: "time or relative time, `>` `>=` `<` `<=`, `a..b`, `none`",
    Kind.DATE: "day or relative time, `>` `>=` `<` `<=`, `a..b`, `none`",
    Kind.AGE: "span (`7d`), `>` `>=` `<` `<=`, `a..b`",
    Kind.ENTRY: "value, `*` for any letters, `>` `>=` `<` `<=` and `a..b` for numbers and days, `none`, list",
    Kind.WORD: "one of the words, list",
    Kind.CHANGE: "a field, list",
}
