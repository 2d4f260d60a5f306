"""The AsyncAPI document laid out for people: what the page /docs/stream shows, in its order. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from streaming.protocol import rows
from streaming.protocol.rows import Row

Part = Mapping[str, Any]


class Message(NamedTuple):
    """anchor: where it is on the page. choices: what it is one of. examples: what each shows, and its text."""

    anchor: str
    title: str
    summary: SafeString
    rows: list[Row]
    choices: SafeString
    examples: list[tuple[str, str]]


class Operation(NamedTuple):
    name: str
    summary: SafeString
    messages: list[tuple[str, str]]
    answers: list[tuple[str, str]]


class Shape(NamedTuple):
    anchor: str
    name: str
    about: SafeString
    rows: list[Row]
    choices: SafeString


def context(document: Part) -> dict[str, Any]:
    """For templates/stream_docs.html."""
    operations, messages = document["operations"], document["components"]["messages"]
    told = {name for one in operations.values() if one["action"] == "receive" for name in _names(one)}
    return {
        "info": document["info"],
        "about": paragraphs(document["info"]["description"]),
        "servers": [_server(document, one) for one in document["channels"].values()],
        "ways_in": [(_way_in(one), rows.marked(one["description"])) for one in _security(document).values()],
        "said": [_operation(document, name, one) for name, one in operations.items() if one["action"] == "receive"],
        "told": [_operation(document, name, one) for name, one in operations.items() if _is_told(one)],
        "from_client": [_message(name, one) for name, one in messages.items() if name in told],
        "from_server": [_message(name, one) for name, one in messages.items() if name not in told],
        "streams": [_stream(document, one) for one in document["x-streams"]],
        "shapes": [_shape(name, one) for name, one in document["components"]["schemas"].items()],
        "limits": [(one["name"], one["value"], rows.marked(one["over"])) for one in document["x-limits"]],
        "gaps": _table(document["x-gap-reasons"], "reason", "meaning", "advice"),
        "errors": _table(document["x-error-codes"], "code", "meaning"),
        "closings": [
            (one["code"], one["reason"], rows.marked(one["meaning"]), rows.marked(one["advice"]), one.get("retry_ms"))
            for one in document["x-close-codes"]
        ],
    }


def paragraphs(text: str) -> SafeString:
    return format_html_join("\n", "<p>{}</p>", ((rows.marked(one),) for one in text.strip().split("\n\n")))


def _table(found: Iterable[Part], *names: str) -> list[list[Any]]:
    return [[one[names[0]], *(rows.marked(one[name]) for name in names[1:])] for one in found]


def _server(document: Part, channel: Part) -> Part:
    server = rows.at(document, channel["servers"][0])
    url = f"{server['protocol']}://{server['host']}{server.get('pathname', '')}{channel['address']}"
    return {"title": channel["title"], "url": url, "about": paragraphs(channel["description"])}


def _security(document: Part) -> Part:
    found: Part = document["components"]["securitySchemes"]
    return found


def _way_in(scheme: Part) -> str:
    if scheme["type"] == "http":
        return "Authorization"
    return f"Cookie {scheme['name']}" if scheme["in"] == "cookie" else str(scheme["name"])


def _is_told(operation: Part) -> bool:
    return bool(operation["action"] == "send" and operation["channel"]["$ref"] == "#/channels/stream")


def _operation(document: Part, name: str, one: Part) -> Operation:
    answers = _links(document, one["reply"]) if "reply" in one else []
    return Operation(name, rows.marked(one["summary"]), _links(document, one), answers)


def _links(document: Part, one: Part) -> list[tuple[str, str]]:
    known = document["components"]["messages"]
    return [(f"message-{name}", known[name]["title"]) for name in _names(one)]


def _names(one: Part) -> list[str]:
    return [message["$ref"].rpartition("/")[2] for message in one["messages"]]


def _message(name: str, one: Part) -> Message:
    examples = [(shown.get("summary", ""), _json(shown["payload"])) for shown in one["examples"]]
    shape = _shape(name, one["payload"])
    return Message(f"message-{name}", one["title"], rows.marked(one["summary"]), shape.rows, shape.choices, examples)


def _stream(document: Part, one: Part) -> Part:
    subscription = rows.at(document, one["subscription"])
    usual = {"id", "op", "type", "format", "resume", "snapshot"}
    return {
        **one,
        "anchor": f"stream-{one['type']}",
        "asks": f"schema-{one['subscription']['$ref'].rpartition('/')[2]}",
        "event": f"message-{one['event']['$ref'].rpartition('/')[2]}",
        "filters": rows.of(rows.at(document, subscription["properties"]["filters"])),
        "options": [row for row in rows.of(subscription) if row.name not in usual | {"filters"}],
    }


def _shape(name: str, one: Part) -> Shape:
    choices = rows.kind(one) if "anyOf" in one else SafeString("")
    return Shape(f"schema-{name}", name, rows.marked(one.get("description", "")), rows.of(one), choices)


def _json(payload: Any) -> str:
    return json.dumps(payload, indent=2, ensure_ascii=False)
