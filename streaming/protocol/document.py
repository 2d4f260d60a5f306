"""The AsyncAPI 3.0 document of the live stream, made from the tables that the code itself works with."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from streaming import closing, gaps, refusals, sse
from streaming.admission import tickets
from streaming.consumers import SUBPROTOCOL
from streaming.protocol import bodies, events, examples, limits, messages, operations, shapes
from streaming.protocol.messages import Message
from streaming.streams import STREAMS

Part = dict[str, Any]
HERE = "ws://127.0.0.1:8001"  # where `make run` serves it
WEBSOCKET_PATH = "/ws/v1/stream"
_ABOUT = """\
What happens to bugs, errors, sessions and exports, told within tens of milliseconds, filtered, and resumable.

Messages are JSON objects in text frames, each with an `op`. Ignore fields and messages that you do not know: there \
may be more of them tomorrow. Keep the last `resume` token of each subscription; after a break subscribe again with \
it. Everything since comes first, or a `gap` says why it cannot and where to read it again. Some events come twice: \
drop those whose `event_id` you have.
"""
_ABOUT_SSE = """\
The same as server-sent events, for clients without WebSockets: `GET` with the subscriptions in the query. `type` may \
be repeated, and each becomes a subscription that is named like it; `format`, `snapshot` and the options of a type are \
given once; everything else is a filter. `data` is the JSON object, `id` the resume token (send it back as \
`Last-Event-ID`), and `event` the `op` of all that is no event. A beat is the comment `: ping`.
"""


def build(stream_url: str) -> Part:
    """stream_url: where clients find the stream, like ws://127.0.0.1:8001."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": _servers(stream_url),
        "channels": _channels(),
        "operations": operations.all_of(_both_ways()),
        "components": _components(),
        "x-streams": [_stream(name) for name in STREAMS],
        "x-limits": limits.table(),
        "x-gap-reasons": [{"reason": reason, **gap._asdict()} for reason, gap in gaps.GAPS.items()],
        "x-error-codes": [{"code": code, "meaning": meaning} for code, meaning in refusals.MEANINGS.items()],
        "x-close-codes": [_closing(one) for one in closing.CLOSINGS.values()],
    }


def _info() -> Part:
    return {
        "title": "Bugwire live stream",
        "version": SUBPROTOCOL.rpartition(".")[2],
        "description": _ABOUT,
        "license": {"name": "MIT"},
    }


def _servers(stream_url: str) -> Part:
    url = urlsplit(stream_url)
    place = {"host": url.netloc, **({"pathname": url.path} if url.path else {})}
    security = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _security()]
    by_socket = {**place, "protocol": url.scheme, "description": "WebSockets.", "security": security}
    by_http = {
        **place,
        "protocol": {"ws": "http", "wss": "https"}[url.scheme],
        "description": "Server-sent events.",
        "security": [one for one in security if not one["$ref"].endswith("/ticket")],
    }
    return {"websocket": by_socket, "events": by_http}


def _channels() -> Part:
    sent, got = messages.from_client(), messages.from_server()
    return {
        "stream": {
            "address": WEBSOCKET_PATH,
            "title": "WebSocket",
            "description": f"The subprotocol `{SUBPROTOCOL}` is optional. Both sides speak.",
            "servers": [{"$ref": "#/servers/websocket"}],
            "messages": {one.name: {"$ref": f"#/components/messages/{one.name}"} for one in (*sent, *got)},
            "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
        },
        "eventStream": {
            "address": sse.PATH,
            "title": "Server-sent events",
            "description": _ABOUT_SSE,
            "servers": [{"$ref": "#/servers/events"}],
            "messages": {
                one.name: {"$ref": f"#/components/messages/{one.name}"} for one in got if operations.is_told_by_sse(one)
            },
        },
    }


def _components() -> Part:
    every = examples.by_name()
    return {
        "messages": {one.name: _message(one, every[one.name]) for one in _both_ways()},
        "schemas": {**messages.components(), **events.components(), **bodies.components()},
        "securitySchemes": _security(),
    }


def _message(one: Message, shown: dict[str, Any]) -> Part:
    return {
        "name": one.name,
        "title": one.title,
        "summary": one.summary,
        "contentType": "application/json",
        "payload": one.payload,
        "examples": [{**({"summary": about} if about else {}), "payload": payload} for about, payload in shown.items()],
    }


def _security() -> Part:
    return {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key: `Authorization: Bearer bw_live_…`. It needs the permission `read`, for "
            "`exports` `export`.",
        },
        "keyHeader": {
            "type": "httpApiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "The same key, for clients that must.",
        },
        "ticket": {
            "type": "httpApiKey",
            "in": "header",
            "name": "Sec-WebSocket-Protocol",
            "description": "For browsers: a one-use ticket of `POST /api/v1/stream/tickets/`, offered as the "
            f"subprotocol `ticket.…` beside `{SUBPROTOCOL}` within {tickets.SECONDS} seconds.",
        },
        "session": {
            "type": "httpApiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "Of the dashboard, from the origins in `STREAM_ORIGINS` alone.",
        },
    }


def _stream(name: str) -> Part:
    stream = STREAMS[name]
    return {
        "type": name,
        "about": stream.about,
        "right": stream.action,
        "subscription": shapes.ref(f"{messages.camel(name)}Subscription"),
        "event": {"$ref": f"#/components/messages/{messages.event_name(stream)}"},
        "event_types": list(stream.event_types),
        "refetch": stream.rest,
        "is_latest_only": stream.stirred_by is not None,
    }


def _closing(one: closing.Closing) -> Part:
    return {name: value for name, value in one._asdict().items() if value is not None}


def _both_ways() -> list[Message]:
    return [*messages.from_client(), *messages.from_server()]
