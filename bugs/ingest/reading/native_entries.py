"""What native reports list: user actions, failed calls, refused sign-ins, under the names that programs use. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bugs.ingest.reading import contexts
from bugs.ingest.wire import shapes

NAME_MAX = 60
Fields = dict[str, Any]
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(name: str) -> str:
    """`sessionId` as `session_id`."""
    return _HUMP.sub("_", name[:NAME_MAX]).lower()


def read(value: Any, entry: Callable[[Fields], Fields]) -> tuple[list[Fields], bool]:
    """The newest entries of a list, and whether there was nothing wrong with any."""
    given = value if isinstance(value, list) else []
    newest = given[-contexts.EACH_MAX :]
    found = [entry({snake(name): each[name] for name in each}) for each in newest if isinstance(each, dict)]
    kept = [each for each in found if each]
    return kept, isinstance(value, list) and len(kept) == len(newest)


def user_action(said: Mapping[str, Any]) -> Fields:
    """UserActionContext."""
    return contexts.compact(
        at=_moment(said),
        action=_text(said, "action", "type"),
        target=_text(said, "target", "element", "selector"),
        url_from=_url(said, "url_from", "from", "from_url"),
        url_to=_url(said, "url_to", "to", "to_url", "url"),
    )


def api_failure(said: Mapping[str, Any]) -> Fields:
    """APIFailureContext."""
    return contexts.compact(
        at=_moment(said),
        url=_url(said, "url", "endpoint"),
        method=_text(said, "method", "http_method")[:10],
        status=_status(said),
        reason=_text(said, "reason", "error", "error_message", "message", "status_text"),
    )


def auth_error(said: Mapping[str, Any]) -> Fields:
    """AuthErrorContext."""
    found = contexts.compact(
        at=_moment(said),
        url=_url(said, "url", "endpoint"),
        method=_text(said, "method")[:10],
        status=_status(said),
        reason=_text(said, "reason"),
        type=_text(said, "type", "error_type", "code"),
        message=_text(said, "message", "error", "error_message"),
    )
    if not found:
        return {}
    guessed = "api" if "status" in found or "url" in found else "exception"
    source = said.get("source")
    return {**found, "source": source if source in ("api", "breadcrumb", "exception") else guessed}


def metrics(value: Any) -> tuple[Fields, bool]:
    """Numbers by their names, and whether all were numbers."""
    given = list(shapes.mapping(value).items())[: shapes.ENTRIES_MAX]
    found = {name[:100]: n for name, n in given if isinstance(n, int | float) and not isinstance(n, bool)}
    return found, isinstance(value, dict) and len(found) == len(given)


def _text(said: Mapping[str, Any], *names: str) -> str:
    """Under the first of those names that has any."""
    given = (shapes.text(said.get(name), contexts.TEXT_MAX) for name in names)
    return next((text for text in given if text), "")


def _url(said: Mapping[str, Any], *names: str) -> str:
    given = (shapes.text(said.get(name), contexts.URL_MAX) for name in names)
    return shapes.address(next(filter(None, given), ""))


def _status(said: Mapping[str, Any]) -> int | None:
    return contexts.status_of(_text(said, "status", "status_code"))


def _moment(said: Mapping[str, Any]) -> str:
    moment = shapes.moment(next((said[name] for name in ("at", "timestamp", "occurred_at") if name in said), None))
    return moment.isoformat() if moment else ""
