"""The parts of BugDetailResponse beside the bug itself: the newest of each, and where the rest is.

A part is first a piece of the statement that reads the bugs (`columns`). What that said becomes text (`texts_of`), with
further statements for errors and analytics: as many for a page of bugs as for one.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from audit.actors import Principal
from bugs.selectors import analytics, attachments, comments, lifecycle, related, reports
from bugs.selectors.pieces import Piece, listed

SHOWN = 20
_ERRORS, _ANALYTICS = "error_context", "analytics"
# Lists that are rows: who names them, and the list of their own under the bug.
_LISTS = {
    "comments": (comments.newest, "comments/"),
    "attachments": (attachments.newest, "attachments/"),
    "lifecycle": (lifecycle.newest, "events/"),
    "related": (related.newest, "related/"),
}
PARTS = ("comments", "attachments", "lifecycle", _ERRORS, "related", _ANALYTICS)
BY_THE_CLOCK = frozenset({_ANALYTICS})  # says something else every second, so no tag follows it
Cells = Mapping[UUID, Any]  # by bug, what the piece of one part said


def columns(names: Sequence[str], principal: Principal) -> list[Piece]:
    """What a statement over bugs is to say of these parts."""
    return [_piece(name, principal) for name in names]


def texts_of(rows: Mapping[UUID, Sequence[Any]], names: Sequence[str], *, url: str) -> dict[UUID, dict[str, str]]:
    """By bug and name, these parts of bugs that a gate let through as JSON texts.

    rows: by bug, what the statement said for `columns`. url: of all bugs; the lists of each lie under it.
    """
    found: dict[UUID, dict[str, str]] = {bug_id: {} for bug_id in rows}
    for place, name in enumerate(names):
        texts = _texts(name, {bug_id: cells[place] for bug_id, cells in rows.items()}, url)
        for bug_id, text in texts.items():
            found[bug_id][name] = text
    return found


def joined(document: str, parts: Mapping[str, str]) -> str:
    """A JSON object with more members."""
    if not parts:
        return document
    members = ",".join(f'"{name}":{text}' for name, text in parts.items())
    return f"{document[:-1]}{',' if len(document) > 2 else ''}{members}}}"


def _piece(name: str, principal: Principal) -> Piece:
    if name == _ANALYTICS:
        return analytics.facts()
    if name == _ERRORS:
        return reports.since(principal)
    return listed(_LISTS[name][0](principal, SHOWN + 1), SHOWN)


def _texts(name: str, cells: Cells, url: str) -> dict[UUID, str]:
    if name == _ANALYTICS:
        figures = analytics.of_bugs(cells)
        return {bug_id: orjson.dumps(each).decode() for bug_id, each in figures.items()}
    path = "errors/" if name == _ERRORS else _LISTS[name][1]
    lists = _error_lists(cells) if name == _ERRORS else cells
    return {bug_id: f'{text},"url":{_quoted(f"{url}{bug_id}/{path}")}}}' for bug_id, text in lists.items()}


def _error_lists(began: Cells) -> dict[UUID, str]:
    ids = reports.newest_of_each(began, SHOWN + 1)
    texts = reports.documents_by_id([report_id for found in ids.values() for report_id in found[:SHOWN]])
    return {bug_id: _error_list(ids.get(bug_id, []), texts) for bug_id in began}


def _error_list(ids: Sequence[UUID], texts: Mapping[UUID, str]) -> str:
    shown = [texts[report_id] for report_id in ids[:SHOWN] if report_id in texts]
    return f'{{"results":[{",".join(shown)}],"has_more":{"true" if len(ids) > SHOWN else "false"}'


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
