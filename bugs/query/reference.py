"""The reference page of the filter language, written from the table of fields. Pure."""

from collections.abc import Iterator

from bugs.query import parsing
from bugs.query.fields import FIELDS, HAS, IS, OPERATORS, Field, Kind

_INTRODUCTION = f"""\
# The filter language

Lists (`q=`), saved views, bulk changes, exports, webhook triggers and stream subscriptions take the same filters, and a
filter means the same everywhere. `GET /api/v1/bugs/query/?q=…` says in plain words what was understood.

```
is:open severity:>=high (component:checkout OR tag.browser:safari) -assignee:none has:attachment
    breadcrumb:"payment failed" created:>-7d "null pointer"
```

- Terms side by side must all hold; `AND` may be written between them. `OR` binds weaker, parentheses group, `-` or
  `NOT` before a term turns it round. What is missing is not there: `-component:cart` holds for bugs without component.
- Bare words and `"phrases"` are looked for in title, other texts, public comments and titles of errors: whole words,
  whatever their case, unstemmed. `pay*` and `"payment fai"*` also match longer last words. A word with other
  characters in it (`foo-bar`, `app.js`) is the phrase of its parts. Of a text the first 3,000 words count.
- `field:value`, `field:a,b` or `field:(a,b)` for any of them, `field:>=value`, `field:a..b` with both ends, `field:a..`
  and `field:..b` for open ends, `field:none` where nothing is there. Names of components, releases, tags and the like
  are exact, with `*` for any letters. Quotes take a value literally: `tag.x:"none"`, `component:"web shop"`.
- Times: `2026-05-31` and `2026-05` (whole days and months, in UTC), `2026-05-31T14:00+02:00` (a whole minute; with
  seconds a whole second), `now`, `today`, `yesterday`, `tomorrow`, and `-7d` or `+2h` from now (`m` minutes, `h`, `d`,
  `w`, `y` of 365 days). `created:-7d` means within the last seven days.
- `me` is whoever asks; in a webhook, whoever set its filter.
- At most {parsing.MAX_LENGTH:,} characters, {parsing.MAX_TERMS} terms, nested {parsing.MAX_DEPTH} deep.

What cannot be understood is a 400 `invalid_query` whose error carries `reason`, `position` and `length` of the place.

## Fields

| Field | Values | Meaning | Example | Live |
|---|---|---|---|---|
"""
_END = """
`title`, `description`, `comment` and `message` look in one part of the text. The fields *in reports of its errors* mean
that a report of one of the bug's groups of errors had it; a group keeps the first 100 distinct texts of each field, and
30 words of each. Fields that are not live change with time alone, so streams and webhooks refuse them.

## Words after `is:` and `has:`

| Word | The same as |
|---|---|
"""
_TRIGGERS = """
`has:` also takes every field that can be `none`, `tag.name` and `custom.name`.

## What an event changed

Webhooks and streams can ask what the event changed; lists have no event and refuse it.

| Term | Meaning |
|---|---|
| `changed:severity` | The event changed this field. |
| `severity.was:low` | The event changed this field, from this value; takes what the field takes. |
"""


def page() -> str:
    """docs/filters.md"""
    words = (
        f"| `{field}:{word}` | `{same}` |\n"
        for field, table in (("is", IS), ("has", HAS))
        for word, same in table.items()
    )
    return "".join([_INTRODUCTION, *map(_row, FIELDS.values()), _END, *words, _TRIGGERS])


def _row(field: Field) -> str:
    name = f"{field.name}.name" if field.kind == Kind.ENTRY else field.name
    names = ", ".join(f"`{one}`" for one in (name, *field.aliases))
    takes = OPERATORS[field.kind] + (", `none`" if field.kind in _MAYBE and field.can_be_missing else "")
    values = f"{takes}: {', '.join(_values(field))}" if field.values else takes
    live = "yes" if field.is_live else "no"
    return f"| {names} | {values} | {field.doc} | `{field.example}` | {live} |\n"


def _values(field: Field) -> Iterator[str]:
    return (f"`{value}`" for value in field.values)


_MAYBE = frozenset({Kind.CHOICE, Kind.NAME, Kind.REFERENCE})
