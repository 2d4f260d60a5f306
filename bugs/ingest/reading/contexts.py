"""What a report says beside its error: user actions, failed calls, refused sign-ins, the machine's state. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bugs.ingest.wire import shapes

EACH_MAX = 50  # of one kind, the newest
TEXT_MAX, URL_MAX = 300, 500
FAILED_FROM = 400
REFUSED = frozenset({401, 403})
_HTTP = frozenset({"http", "fetch", "xhr", "httplib", "requests", "httpx", "aiohttp", "urllib3", "axios"})
# SDKs of today name them as OpenTelemetry does, each in its own version of it.
_STATUSES = ("status_code", "http.response.status_code", "http.status_code", "status")
_METHODS = ("method", "http.request.method", "http.method")
_BAD = frozenset({"error", "fatal", "critical"})
_AUTH = re.compile(
    r"unauthori[sz]ed|forbidden|permission_?denied|access_?denied|not_?authenticated|authentication|authori[sz]ation"
    r"|invalid_?(?:token|credentials|grant)|(?:token|session|signature)_?expired|expired_?(?:token|session|signature)"
    r"|jwt|^auth\b|autherror|authexception",
    re.IGNORECASE,
)
_METRICS = {
    "device": (
        *("memory_size", "free_memory", "usable_memory", "storage_size", "free_storage", "battery_level"),
        *("processor_count", "processor_frequency", "screen_width_pixels", "screen_height_pixels"),
    ),
    "app": ("app_memory", "free_memory", "view_names_count"),
    "performance": ("memory_used", "memory_limit", "cpu", "load_time", "fps", "latency"),
}
Fields = dict[str, Any]


def user_actions(breadcrumbs: Iterable[Fields]) -> list[Fields]:
    """Clicks, inputs and navigations, oldest first."""
    found = (_action(crumb) for crumb in breadcrumbs if _is_action(crumb))
    return list(found)[-EACH_MAX:]


def api_failures(breadcrumbs: Iterable[Fields], request: Fields, contexts: Fields) -> list[Fields]:
    """Calls that failed on the way to the error, and last the request that the program itself failed to serve."""
    found = [failure for crumb in breadcrumbs if _is_call(crumb) for failure in _failure(crumb)]
    status = status_of(shapes.mapping(contexts.get("response")).get("status_code"))
    if status and status >= FAILED_FROM and request.get("url"):
        found.append(compact(url=_url(request["url"]), method=shapes.text(request.get("method"), 10), status=status))
    return found[-EACH_MAX:]


def auth_errors(breadcrumbs: Iterable[Fields], failures: Iterable[Fields], kind: str, value: str) -> list[Fields]:
    """Calls answered with 401 or 403, what breadcrumbs say of signing in, and an exception of that kind."""
    found = [{**failure, "source": "api"} for failure in failures if failure.get("status") in REFUSED]
    for crumb in breadcrumbs:
        category = shapes.text(crumb.get("category"), 100)
        if category.partition(".")[0] == "auth" and _is_bad(crumb):
            found.append(compact(at=_at(crumb), message=_message(crumb), source="breadcrumb"))
    if _AUTH.search(kind):
        found.append(compact(type=kind, message=shapes.cut(value, TEXT_MAX), source="exception"))
    return found[-EACH_MAX:]


def system_metrics(contexts: Fields) -> Fields:
    """Numbers of the machine: memory, storage, battery, as far as they were sent."""
    found = {}
    for context, names in _METRICS.items():
        values = shapes.mapping(contexts.get(context))
        for name in names:
            if isinstance(values.get(name), int | float) and not isinstance(values[name], bool):
                found[f"{context}.{name}"] = values[name]
    return found


def _is_action(crumb: Fields) -> bool:
    category = shapes.text(crumb.get("category"), 100)
    return category == "navigation" or category.startswith("ui.") or crumb.get("type") in ("ui", "user")


def _action(crumb: Fields) -> Fields:
    category = shapes.text(crumb.get("category"), 100)
    data = shapes.mapping(crumb.get("data"))
    return compact(
        at=_at(crumb),
        action=category.removeprefix("ui.") or "action",
        target=_message(crumb) or shapes.text(data.get("target"), TEXT_MAX),
        url_from=_url(data.get("from")),
        url_to=_url(data.get("to")),
    )


def _is_call(crumb: Fields) -> bool:
    category = shapes.text(crumb.get("category"), 100)
    return crumb.get("type") == "http" or category in _HTTP or category.startswith("http.")


def _failure(crumb: Fields) -> Iterator[Fields]:
    data = shapes.mapping(crumb.get("data"))
    status = next(filter(None, (status_of(data.get(name)) for name in _STATUSES)), None)
    if (status is None or status < FAILED_FROM) and not _is_bad(crumb):
        return
    reason = shapes.text(data.get("reason") or data.get("error"), TEXT_MAX) or _message(crumb)
    method = next(filter(None, (shapes.text(data.get(name), 10) for name in _METHODS)), "")
    yield compact(at=_at(crumb), url=_url(data.get("url")), method=method, status=status, reason=reason)


def _is_bad(crumb: Fields) -> bool:
    return shapes.text(crumb.get("level"), 10) in _BAD


def status_of(value: Any) -> int | None:
    """Of an HTTP answer, as a number or as text."""
    text = shapes.text(value, 10)
    return int(text) if len(text) == 3 and text.isascii() and text.isdigit() else None


def _at(crumb: Fields) -> str:
    moment = shapes.moment(crumb.get("timestamp"))
    return moment.isoformat() if moment else ""


def _message(crumb: Fields) -> str:
    return shapes.text(crumb.get("message"), TEXT_MAX)


def _url(value: Any) -> str:
    return shapes.address(shapes.text(value, URL_MAX))


def compact(**fields: Any) -> Fields:
    """Those that say something."""
    return {name: value for name, value in fields.items() if value not in ("", None)}
