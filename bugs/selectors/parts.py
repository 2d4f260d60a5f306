"""The parts of BugDetailResponse beside the bug itself: the newest of each, and where the rest is."""

from collections.abc import Callable, Iterable
from uuid import UUID

import orjson

from audit.actors import Principal
from bugs.selectors import analytics, attachments, comments, lifecycle, related, reports

SHOWN = 20
# Name: who reads it, and its own list under the bug.
_LISTS = {
    "comments": (comments.documents, "comments/"),
    "attachments": (attachments.documents, "attachments/"),
    "lifecycle": (lifecycle.documents, "events/"),
    "error_context": (reports.documents, "errors/"),
    "related": (related.documents, "related/"),
}
_ANALYTICS = "analytics"
PARTS = (*_LISTS, _ANALYTICS)
BY_THE_CLOCK = frozenset({_ANALYTICS})  # says something else every second, so no tag follows it


def text_of(bug_id: UUID, names: Iterable[str], *, principal: Principal, url: str) -> str:
    """These parts of a bug that a gate let through, as the members of a JSON object.

    url: of the bug; each part's own list lies under it.
    """
    return ",".join(f'"{name}":{_part(bug_id, name, principal, url)}' for name in names)


def joined(document: str, parts: str) -> str:
    """A JSON object with more members."""
    if not parts:
        return document
    return f"{document[:-1]}{',' if len(document) > 2 else ''}{parts}}}"


def _part(bug_id: UUID, name: str, principal: Principal, url: str) -> str:
    if name == _ANALYTICS:
        return orjson.dumps(analytics.of_bug(bug_id), option=orjson.OPT_UTC_Z, default=str).decode()
    read, path = _LISTS[name]
    return _list(read, bug_id, principal, f"{url}{path}")


def _list(read: Callable[..., list[str]], bug_id: UUID, principal: Principal, url: str) -> str:
    found = read(bug_id, principal=principal, limit=SHOWN + 1)
    more = "true" if len(found) > SHOWN else "false"
    link = orjson.dumps(url).decode()
    return f'{{"results":[{",".join(found[:SHOWN])}],"has_more":{more},"url":{link}}}'
