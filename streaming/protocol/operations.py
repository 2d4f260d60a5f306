"""Who says what, and what answers it: the operations of the AsyncAPI document, as the server sees them."""

from collections.abc import Iterable
from typing import Any

from streaming import sse
from streaming.protocol import shapes
from streaming.protocol.messages import ABOUT_OPTIONS, Message
from streaming.streams import STREAMS
from streaming.streams.stream import FORMATS

Part = dict[str, Any]
_ANSWERS = {
    "subscribe": ("subscribed", "error"),
    "unsubscribe": ("unsubscribed", "error"),
    "listSubscriptions": ("subscriptionList",),
    "resume": ("subscribed", "gap", "error"),
    "clientPing": ("serverPong",),
    "clientPong": (),
}
_TOLD: dict[str, tuple[str, ...]] = {
    "welcome": ("welcome",),
    "snapshot": ("snapshot",),
    "gap": ("gap",),
    "refuse": ("error",),
    "sayGoodbye": ("goodbye",),
}
_NOT_BY_SSE = frozenset({"welcome", "unsubscribed", "subscriptionList", "serverPing", "serverPong"})


def is_told_by_sse(message: Message) -> bool:
    return message.name not in _NOT_BY_SSE


def all_of(messages: Iterable[Message]) -> Part:
    """receive: clients say it. send: the server does."""
    by_name = {one.name: one for one in messages}
    events = tuple(name for name, one in by_name.items() if one.op == "event")
    got = {
        name: _received(by_name[name], answers + (events if name == "resume" else ()))
        for name, answers in _ANSWERS.items()
    }
    said = {name: _sent("stream", names, by_name[names[0]].summary) for name, names in _TOLD.items()}
    return {
        **got,
        **said,
        "tellEvents": _sent("stream", events, "Something happened that fits one of your subscriptions."),
        "beat": {**_sent("stream", ("serverPing",), by_name["serverPing"].summary), "reply": _reply(("clientPong",))},
        "streamEvents": _by_sse(
            tuple(name for name, one in by_name.items() if _is_of_server(name) and is_told_by_sse(one))
        ),
    }


def _is_of_server(name: str) -> bool:
    return name not in _ANSWERS


def _received(message: Message, answers: tuple[str, ...]) -> Part:
    operation = {"action": "receive", "channel": _channel("stream"), "summary": message.summary}
    reply = {"reply": _reply(answers)} if answers else {}
    return {**operation, "messages": _refs("stream", (message.name,)), **reply}


def _sent(channel: str, names: tuple[str, ...], summary: str) -> Part:
    return {"action": "send", "channel": _channel(channel), "summary": summary, "messages": _refs(channel, names)}


def _reply(names: tuple[str, ...]) -> Part:
    return {"channel": _channel("stream"), "messages": _refs("stream", names)}


def _by_sse(names: tuple[str, ...]) -> Part:
    query = shapes.record(
        {
            "type": shapes.listed(shapes.one_of(STREAMS), "May be repeated.", least=1),
            "format": shapes.one_of(FORMATS),
            "snapshot": shapes.one_of(["true", "false"]),
            **{name: shapes.text(ABOUT_OPTIONS[name]) for name in sorted(sse.ONCE - {"format", "snapshot"})},
        },
        "Everything else is a filter, for all types.",
        optional=("format", "snapshot", *sse.ONCE),
        is_open=True,
    )
    binding = {"http": {"method": "GET", "query": query, "bindingVersion": "0.3.0"}}
    summary = "The answer to one `GET`, which does not end."
    return {**_sent("eventStream", names, summary), "bindings": binding}


def _channel(name: str) -> Part:
    return {"$ref": f"#/channels/{name}"}


def _refs(channel: str, names: Iterable[str]) -> list[Part]:
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]
