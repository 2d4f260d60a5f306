"""Why a bug was found: its title and the best part of its texts, as HTML in which nothing but `<mark>` is markup."""

from collections.abc import Sequence
from html import escape
from typing import Any
from uuid import UUID

from django.db import connection

from bugs.models.words import CONFIGURATION

MAX_READ = 5_000  # characters of a part
MAX_PARTS = 10  # comments and errors of a bug that are looked through, the newest
PARTS = ("description", "comments", "errors")
_OPEN, _CLOSE, _LESS = "\x02", "\x03", "\x04"

# PostgreSQL would drop what looks like a tag. So `<` goes in as a sign that no text has, and comes out as itself.
_CLEAN = "translate(left({text}, %(read)s), E'<\\x02\\x03\\x04', E'\\x04')"
_OPTIONS = 'StartSel="\x02", StopSel="\x03"'
_TITLE = f"ts_headline('{CONFIGURATION}', {{title}}, %(query)s::tsquery, '{_OPTIONS}, HighlightAll=true')"
_BEST = f"ts_headline('{CONFIGURATION}', {{body}}, %(query)s::tsquery, '{_OPTIONS}, MaxWords=30, MinWords=12')"
_MATCHES = f"to_tsvector('{CONFIGURATION}', left({{text}}, %(read)s)) @@ %(query)s::tsquery"
_NEWEST = """(
    SELECT {text} FROM (SELECT {text} FROM {table} WHERE bug_id = b.id {only} ORDER BY {newest} DESC LIMIT %(parts)s) t
    WHERE {matches} LIMIT 1)"""


def _newest(table: str, text: str, newest: str, only: str = "") -> str:
    matches = _MATCHES.format(text=text)
    return _NEWEST.format(table=table, text=text, newest=newest, only=only, matches=matches)


_COMMENT = _newest("bugs_comment", "body", "created_at", "AND NOT is_internal AND deleted_at IS NULL")
_ERROR = _newest("bugs_errorgroup", "title", "last_seen_at")
_TEXTS = ", ".join(f"nullif(b.{name}, '')" for name in ("description", "steps", "expected", "actual"))
_STATEMENT = f"""
    SELECT b.id, {_TITLE.format(title=_CLEAN.format(text="b.title"))}, part.name,
           {_BEST.format(body=_CLEAN.format(text="part.body"))}
    FROM bugs_bug b CROSS JOIN LATERAL (
        SELECT CASE WHEN ts_filter(b.stems, '{{b}}') @@ %(query)s::tsquery THEN 'description'
                    WHEN ts_filter(b.stems, '{{c}}') @@ %(query)s::tsquery THEN 'comments'
                    WHEN ts_filter(b.stems, '{{d}}') @@ %(query)s::tsquery THEN 'errors' END) best(name)
    CROSS JOIN LATERAL (
        SELECT best.name, CASE best.name
            WHEN 'description' THEN concat_ws(E'\\n', {_TEXTS})
            WHEN 'comments' THEN {_COMMENT}
            WHEN 'errors' THEN {_ERROR} END) part(name, body)
    WHERE b.id = ANY(%(ids)s::uuid[])
"""  # noqa: S608


def highlights(bug_ids: Sequence[UUID], query: str) -> dict[UUID, dict[str, str | None]]:
    """For the bugs of one page, which a gate let through. Public comments alone."""
    if not (bug_ids and query):
        return {}
    values: dict[str, Any] = {"ids": list(bug_ids), "query": query, "read": MAX_READ, "parts": MAX_PARTS}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, values)
        return {bug_id: _shown(title, part, body) for bug_id, title, part, body in cursor.fetchall()}


def _shown(title: str, part: str | None, body: str | None) -> dict[str, str | None]:
    return {"title": _html(title), "part": part if body else None, "snippet": _html(body) if body else None}


def _html(text: str) -> str:
    return escape(text.replace(_LESS, "<")).replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>")
