"""What clients may ask for: messages are read here into subscriptions, or refused with a reason. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from bugs import filters as bug_filters
from bugs.choices import Status

MAX_MESSAGE_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_SUBSCRIPTIONS = 20
MAX_ID_LENGTH = 64
FORMATS = frozenset({"json", "compact", "detailed"})
TYPES = frozenset({"new_bugs", "bug_updates", "resolutions", "exports"})
_FIELDS = frozenset({"op", "id", "type", "filters", "format", "resume"})
REPEATABLE = frozenset(
    {
        *("status", "severity", "priority", "bug_type", "resolution", "error_level", "assigned_to", "reporter"),
        *("component_name", "environment", "release", "project"),
    }
)
MAX_VALUES = 100
_DONE = frozenset({Status.RESOLVED.value, Status.CLOSED.value})


class BadMessage(ValueError):
    """A message that cannot be acted on; `code` is stable, the text is for people."""

    def __init__(self, code: str, detail: str, subscription_id: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.subscription_id = subscription_id


@dataclass(frozen=True, slots=True)
class Subscription:
    """filters: the cleaned list parameters. filter_key: equal filters are matched once per event."""

    id: str
    type: str
    format: str = "json"
    filters: Mapping[str, Any] = field(default_factory=dict)
    filter_key: bytes = b""
    resume: str | None = None

    @property
    def action(self) -> str:
        """What the policy must allow in the event's project."""
        return "export.create" if self.type == "exports" else "bug.read"

    def concerns(self, fact: Mapping[str, Any]) -> bool:
        """Whether facts of this type belong to this stream at all."""
        kind = fact["type"]
        if self.type == "new_bugs":
            return bool(kind == "bug.created")
        if self.type == "bug_updates":
            return bool(kind.startswith("bug.") and kind != "bug.created")
        if self.type == "resolutions":
            return bool(kind == "bug.status_changed" and fact["data"].get("status") in _DONE)
        return bool(kind.startswith("export."))


def read(text: str) -> dict[str, Any]:
    """One JSON object with an `op`, bounded in size and depth, without NUL."""
    if len(text.encode("utf-8", "replace")) > MAX_MESSAGE_BYTES:
        raise BadMessage("too_large", f"A message has at most {MAX_MESSAGE_BYTES} bytes.")
    try:
        message = orjson.loads(text)
    except ValueError:
        raise BadMessage("invalid_json", "A message is one JSON object in a text frame.") from None
    if not isinstance(message, dict) or not isinstance(message.get("op"), str):
        raise BadMessage("invalid_message", "A message is a JSON object with an op.")
    _check(message)
    return message


def parse(message: Mapping[str, Any]) -> list[Subscription]:
    """The subscriptions of a subscribe message: itself, or each of its `subscriptions`."""
    if "subscriptions" not in message:
        return [_parse_one(message)]
    many = message["subscriptions"]
    if not isinstance(many, list) or not 0 < len(many) <= MAX_SUBSCRIPTIONS:
        raise BadMessage("invalid_message", f"subscriptions is a list of 1 to {MAX_SUBSCRIPTIONS} objects.")
    return [_parse_one(one) for one in many]


def id_of(message: Any) -> str:
    """The subscription id that a message names."""
    name = message.get("id") if isinstance(message, Mapping) else None
    if not isinstance(name, str) or not 0 < len(name) <= MAX_ID_LENGTH:
        raise BadMessage("invalid_message", f"id is a string of 1 to {MAX_ID_LENGTH} characters.")
    return name


def token_of(message: Mapping[str, Any]) -> str | None:
    token = message.get("resume")
    if token is not None and not isinstance(token, str):
        raise BadMessage("invalid_message", "resume is a token that an event or an answer carried.")
    return token


def _parse_one(message: Any) -> Subscription:
    name = id_of(message)
    if unknown := sorted(set(message) - _FIELDS):
        raise BadMessage("invalid_message", f"Unknown field: {unknown[0][:40]}.", name)
    kind, form = message.get("type"), message.get("format", "json")
    if not isinstance(kind, str) or kind not in TYPES:
        raise BadMessage("unsupported_type", f"type is one of {', '.join(sorted(TYPES))}.", name)
    if not isinstance(form, str) or form not in FORMATS:
        raise BadMessage("invalid_message", f"format is one of {', '.join(sorted(FORMATS))}.", name)
    filters = _clean_filters(message.get("filters") or {}, kind, name)
    key = orjson.dumps(message.get("filters") or {}, option=orjson.OPT_SORT_KEYS)
    return Subscription(name, kind, form, filters, key, token_of(message))


def _clean_filters(filters: Any, kind: str, name: str) -> Mapping[str, Any]:
    if not isinstance(filters, dict):
        raise BadMessage("invalid_filter", "filters is an object of list parameters.", name)
    if filters and kind == "exports":
        raise BadMessage("invalid_filter", "exports takes no filters.", name)
    values = {field: _value(field, value, name) for field, value in filters.items()}
    try:
        return bug_filters.clean(values, is_live=True) if values else {}
    except bug_filters.BadFilter as error:
        raise BadMessage("invalid_filter", f"{error.name}: {error}", name) from None


def _value(field: str, value: Any, name: str) -> Any:
    """As a query string would give it: a list where the parameter repeats, else one text or truth value."""
    values = value if field in REPEATABLE and isinstance(value, list) else [value]
    if len(values) > MAX_VALUES or not all(isinstance(one, str | bool) for one in values):
        raise BadMessage("invalid_filter", f"{field[:40]}: a text, true or false, or a list of texts.", name)
    return values if field in REPEATABLE else value


def _check(message: Any) -> None:
    for depth, value in _walk(message):
        if depth > MAX_DEPTH:
            raise BadMessage("too_deep", f"A message is nested at most {MAX_DEPTH} deep.")
        if isinstance(value, str) and "\x00" in value:
            raise BadMessage("invalid_message", "NUL is not a character of any name or value.")


def _walk(top: Any) -> Iterator[tuple[int, Any]]:
    waiting = [(1, top)]
    while waiting:
        depth, value = waiting.pop()
        yield depth, value
        if depth > MAX_DEPTH:
            return
        if isinstance(value, dict):
            waiting += [(depth, key) for key in value]
            waiting += [(depth + 1, item) for item in value.values()]
        elif isinstance(value, list):
            waiting += [(depth + 1, item) for item in value]
