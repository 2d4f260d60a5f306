"""What clients may ask for: messages are read here into subscriptions, or refused with a reason."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from bugs.filters import BadFilter
from streaming.streams import STREAMS, Stream, Subscription
from streaming.streams.stream import FORMATS

MAX_MESSAGE_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_SUBSCRIPTIONS = 20
MAX_ID_LENGTH = 64
MAX_OPTION_LENGTH = 200
MAX_VALUES = 100
_FIELDS = frozenset({"op", "id", "type", "filters", "format", "resume", "snapshot"})


class BadMessage(ValueError):
    """A message that cannot be acted on; `code` is stable, the text is for people."""

    def __init__(self, code: str, detail: str, subscription_id: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.subscription_id = subscription_id


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
    kind, form = message.get("type"), message.get("format", "json")
    stream = STREAMS.get(kind) if isinstance(kind, str) else None
    if stream is None:
        raise BadMessage("unsupported_type", f"type is one of {', '.join(sorted(STREAMS))}.", name)
    if unknown := sorted(set(message) - _FIELDS - set(stream.option_names)):
        raise BadMessage("invalid_message", f"Unknown field: {unknown[0][:40]}.", name)
    if form not in FORMATS:
        raise BadMessage("invalid_message", f"format is one of {', '.join(FORMATS)}.", name)
    if not isinstance(message.get("snapshot", False), bool):
        raise BadMessage("invalid_message", "snapshot is true or false.", name)
    filters = message.get("filters") or {}
    return Subscription(
        id=name,
        stream=stream,
        format=form,
        filters=_clean_filters(filters, stream, name),
        filter_key=_key(filters),
        options=_options(message, stream, name),
        resume=token_of(message),
        wants_snapshot=message.get("snapshot", False),
    )


def _key(filters: Mapping[str, Any]) -> bytes:
    """Copied: what orjson returns keeps the 1 KiB that it was written into."""
    return bytes(memoryview(orjson.dumps(filters, option=orjson.OPT_SORT_KEYS))) if filters else b""


def _clean_filters(filters: Any, stream: Stream, name: str) -> Mapping[str, Any]:
    if not isinstance(filters, dict):
        raise BadMessage("invalid_filter", "filters is an object of list parameters.", name)
    for field, value in filters.items():
        values = value if isinstance(value, list) else [value]
        if len(values) > MAX_VALUES or not all(isinstance(one, str | bool) for one in values):
            raise BadMessage("invalid_filter", f"{field[:40]}: a text, true or false, or a list of texts.", name)
    try:
        return stream.clean(filters) if filters else {}
    except BadFilter as error:
        raise BadMessage("invalid_filter", f"{error.name[:40]}: {error}", name) from None


def _options(message: Mapping[str, Any], stream: Stream, name: str) -> dict[str, str]:
    given = {option: message[option] for option in stream.option_names if message.get(option) is not None}
    for option, value in given.items():
        if not isinstance(value, str) or not 0 < len(value) <= MAX_OPTION_LENGTH:
            raise BadMessage("invalid_message", f"{option} is a text of 1 to {MAX_OPTION_LENGTH} characters.", name)
        allowed = stream.option_values.get(option)
        if allowed and value not in allowed:
            raise BadMessage("invalid_message", f"{option} is one of {', '.join(allowed)}.", name)
    return given


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
