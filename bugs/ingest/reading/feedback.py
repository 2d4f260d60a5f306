"""What SDKs send of their users' words, old shape and new, becomes one thing said. Pure."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from bugs.ingest.wire import envelope, kinds, lenient_json, shapes

MESSAGE_MAX, NAME_MAX, EMAIL_MAX, URL_MAX = 4_096, 128, 254, 2_000


class Invalid(ValueError):
    """Nothing was said that could be kept; `args[0]` is the reason as a stable word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was said. key: what it is known by when it comes again. about: the event of the error."""

    key: UUID
    about: UUID | None
    message: str
    name: str
    email: str
    url: str = ""
    environment: str = ""
    release: str = ""
    replay_id: str = ""


def read(kind: str, text: bytes, event_id: UUID | None) -> Words:
    """From an item of that kind; event_id: its envelope's. Raises Invalid."""
    if len(text) > envelope.JSON_MAX:
        raise Invalid("body_too_large")
    try:
        payload = lenient_json.load(text)
    except lenient_json.Malformed:
        raise Invalid("json_invalid") from None
    if not isinstance(payload, dict):
        raise Invalid("json_invalid")
    words = _of_report(payload, event_id) if kind == kinds.USER_REPORT else _of_feedback(payload, event_id)
    if not words.message:
        raise Invalid("no_message")
    return words


def _of_feedback(payload: dict[str, Any], event_id: UUID | None) -> Words:
    said = shapes.mapping(shapes.mapping(payload.get("contexts")).get("feedback"))
    request = shapes.mapping(payload.get("request"))
    return Words(
        key=shapes.identifier(payload.get("event_id")) or event_id or uuid4(),  # an event may share the envelope
        about=shapes.identifier(said.get("associated_event_id")),
        message=_message(said.get("message")),
        name=_short(said.get("name"), NAME_MAX),
        email=_short(said.get("contact_email"), EMAIL_MAX),
        url=_short(said.get("url") or request.get("url"), URL_MAX),
        environment=_short(payload.get("environment"), 64),
        release=_short(payload.get("release"), 200),
        replay_id=_short(said.get("replay_id"), 64),
    )


def _of_report(payload: dict[str, Any], event_id: UUID | None) -> Words:
    """It has no id of its own: the same words about the same event are the same report."""
    about = shapes.identifier(payload.get("event_id")) or event_id
    message = _message(payload.get("comments"))
    name, email = _short(payload.get("name"), NAME_MAX), _short(payload.get("email"), EMAIL_MAX)
    key = uuid5(about, "\n".join((name, email, message))) if about else uuid4()
    return Words(key=key, about=about, message=message, name=name, email=email)


def _message(value: Any) -> str:
    return _short(value, MESSAGE_MAX)


def _short(value: Any, limit: int) -> str:
    return shapes.text(value, limit).strip()
