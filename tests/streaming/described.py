"""What the AsyncAPI document says of messages, against what is really said: clients of tests ask it of each message."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from jsonschema import Draft7Validator, FormatChecker

from streaming.protocol import document, messages
from streaming.streams import STREAMS

ANSWERS = {"subscribed", "unsubscribed", "subscriptions", "pong"}
FORMATS = FormatChecker(["uuid"])


@cache
def built() -> dict[str, Any]:
    return document.build(document.HERE)


@cache
def closed() -> dict[str, Any]:
    """The schemas of all components, as if nothing but what they name could be said."""
    return {"components": {"schemas": _closed(built()["components"]["schemas"])}}


@cache
def validator(name: str) -> Draft7Validator:
    """Of a message. Fields that it does not name are an error here, so that the document leaves nothing out."""
    payload = _closed(built()["components"]["messages"][name]["payload"])
    return Draft7Validator({**closed(), **payload}, format_checker=FORMATS)


def check_heard(message: Mapping[str, Any], types: Mapping[str, str] | None = None) -> None:
    """types: of subscriptions, by their ids, as far as they are known."""
    names = [one.name for one in messages.from_server() if one.op == message["op"]]
    if message["op"] == "event" and types and message["sub"] in types:
        names = [messages.event_name(STREAMS[types[message["sub"]]])]
    _check(message, names)


def check_events(kind: str, found: Iterable[Any]) -> None:
    """Events of a type of stream, before anything carries them."""
    for event in found:
        check_heard({"op": "event", "sub": "s", "resume": "m.1", "event": event}, {"s": kind})


def check_items(found: Sequence[Any]) -> None:
    """What a snapshot shows."""
    check_heard({"op": "snapshot", "sub": "s", "resume": "m.1", "items": list(found), "whole": True})


def check_said(message: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """What was done must be described; what was refused need not be."""
    if answer["op"] in ANSWERS:
        _check(message, [one.name for one in messages.from_client() if one.op == message["op"]])


def _check(message: Mapping[str, Any], names: list[str]) -> None:
    assert names, f"the document knows no such message: {message}"
    if not any(validator(name).is_valid(message) for name in names):
        errors = [f"{name}: {error.json_path}: {error.message}" for name in names for error in _errors(name, message)]
        raise AssertionError("\n".join(["not as the document says", *errors, str(message)]))


def _errors(name: str, message: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = []
    for error in validator(name).iter_errors(message):
        found += [error, *(error.context or ())]
    return found


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _closed(value) for name, value in schema.items()}
    is_record = "properties" in schema and schema.get("type") == "object" and "anyOf" not in schema
    return {"additionalProperties": False, **inner} if is_record else inner
