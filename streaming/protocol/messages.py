"""Every message both ways: its name, what it is for and its JSON Schema."""

from typing import NamedTuple

from streaming import closing, gaps, refusals
from streaming.consumers import SUBPROTOCOL
from streaming.protocol import events, filters, shapes
from streaming.protocol.shapes import Schema
from streaming.streams import STREAMS, Stream
from streaming.streams.stream import FORMATS, SNAPSHOT_LIMIT
from streaming.subscriptions import MAX_ID_LENGTH, MAX_OPTION_LENGTH, MAX_SUBSCRIPTIONS

ABOUT_OPTIONS = {
    "metrics_type": "Which figures; `bugs` when it is not given.",
    "user_id": "Sessions of one user: what the SDK calls them, or the key that sessions show.",
}


class Message(NamedTuple):
    """name: in the document. op: on the wire; two messages may share it, one each way. title: for people."""

    name: str
    op: str
    title: str
    summary: str
    payload: Schema


def camel(text: str) -> str:
    """`error_events` as `ErrorEvents`."""
    return "".join(part.capitalize() for part in text.split("_"))


def event_name(stream: Stream) -> str:
    return f"event{camel(stream.name)}"


def components() -> dict[str, Schema]:
    """Schemas that messages refer to: subscriptions and their filters, by type of stream."""
    found = {filters.name_of(stream): filters.of(stream) for stream in STREAMS.values()}
    found |= {f"{camel(stream.name)}Subscription": _subscription(stream) for stream in STREAMS.values()}
    return {**found, **_named()}


def _named() -> dict[str, Schema]:
    any_type = shapes.any_of(*_each("Subscription"))
    return {"Subscription": any_type, "Subscriptions": _subscriptions(), "Subscribed": _shown()}


def from_client() -> list[Message]:
    return [
        Message("subscribe", "subscribe", "subscribe", "Ask for a type of stream, or for several.", _subscribe()),
        _said("unsubscribe", "End a subscription.", id=_id()),
        Message("listSubscriptions", "subscriptions", "subscriptions", "Ask what you have.", _op("subscriptions")),
        _said("resume", "Ask for what was missed since a token.", id=_id(), resume=token()),
        Message(
            "clientPing",
            "ping",
            "ping",
            "Ask for a `pong`, to see that the connection lives.",
            _op("ping", optional=("id", "t"), id=_echoed(), t=_echoed()),
        ),
        Message("clientPong", "pong", "pong", "The answer to a `ping` of the server.", _op("pong")),
    ]


def from_server() -> list[Message]:
    return [
        _said(
            "welcome",
            "First of all.",
            protocol=shapes.just(SUBPROTOCOL),
            resume=token("Where the stream is now."),
            heartbeat=shapes.number("Seconds between two pings of the server."),
        ),
        Message("subscribed", "subscribed", "subscribed", "A subscription has begun.", _subscribed()),
        _said("unsubscribed", "A subscription has ended.", id=_id()),
        Message(
            "subscriptionList",
            "subscriptions",
            "subscriptions",
            "What you have.",
            _op("subscriptions", subscriptions=shapes.listed(shapes.ref("Subscribed"), most=MAX_SUBSCRIPTIONS)),
        ),
        *(_event(stream) for stream in STREAMS.values()),
        _said(
            "snapshot",
            "The present state, when you asked for it: the newest things that fit your filters.",
            sub=_sub(),
            resume=token("From where on events follow."),
            items=shapes.listed(shapes.any_of(*_items()), most=SNAPSHOT_LIMIT),
            whole=shapes.truth("False when there are more: read these over REST."),
        ),
        _said(
            "gap",
            "Events of a subscription may be missing.",
            sub=_sub(),
            resume=token("From where on to go on."),
            reason=shapes.one_of(gaps.GAPS),
            refetch=shapes.or_null(shapes.text("Where REST has what may be missing.")),
        ),
        Message("serverPing", "ping", "ping", "Answer it, with any message; `pong` will do.", _op("ping")),
        Message(
            "serverPong",
            "pong",
            "pong",
            "The answer to your `ping`.",
            _op("pong", optional=("id", "t"), id=_echoed(), t=_echoed()),
        ),
        _said(
            "error",
            "Your message was refused. The socket stays open.",
            code=shapes.one_of(refusals.MEANINGS),
            detail=shapes.text("For people."),
            id=shapes.or_null(shapes.text("The subscription that it was about, if any.")),
        ),
        Message("goodbye", "goodbye", "goodbye", "The last word: the close frame follows.", _goodbye()),
    ]


def token(about: str = "Give it back to go on from there.") -> Schema:
    return shapes.text(f"A resume token. {about}")


def _said(op: str, summary: str, **fields: Schema) -> Message:
    return Message(op, op, op, summary, _op(op, optional=(), **fields))


def _op(op: str, /, *, optional: tuple[str, ...] = (), **fields: Schema) -> Schema:
    return shapes.record({"op": shapes.just(op), **fields}, optional=optional)


def _event(stream: Stream) -> Message:
    payload = _op("event", sub=_sub(), resume=token("From where on events follow."), event=events.of(stream))
    return Message(event_name(stream), "event", f"event of {stream.name}", f"Of {stream.about}.", payload)


def _goodbye() -> Schema:
    reasons = shapes.one_of(one.reason for one in closing.CLOSINGS.values())
    wait = shapes.integer("Come back after so many milliseconds. Missing: not as you are.", minimum=0)
    return _op("goodbye", optional=("retry_ms",), code=shapes.one_of(closing.CLOSINGS), reason=reasons, retry_ms=wait)


def _subscribe() -> Schema:
    """Its fields are named twice: here for whoever reads, by type of stream for whoever checks."""
    fields = {
        **_about_one(),
        "filters": shapes.record({}, "By the type of stream.", is_open=True),
        "resume": _since(),
        "snapshot": _snapshot(),
        **_every_option(),
        "subscriptions": shapes.listed(
            shapes.ref("Subscription"), "Several at once, instead of all these.", least=1, most=MAX_SUBSCRIPTIONS
        ),
    }
    one_or_many = [*_each("Subscription"), shapes.ref("Subscriptions")]
    shape = shapes.record({"op": shapes.just("subscribe"), **fields}, optional=fields)
    return {**shape, "anyOf": one_or_many}


def _subscriptions() -> Schema:
    many = shapes.listed(shapes.ref("Subscription"), least=1, most=MAX_SUBSCRIPTIONS)
    return shapes.record({"op": shapes.just("subscribe"), "subscriptions": many}, "Several at once.")


def _subscription(stream: Stream) -> Schema:
    """`op` may stand in it, since a message that asks for one subscription is the subscription itself."""
    usual = {
        "id": _id(),
        "type": shapes.just(stream.name, f"{stream.about[0].upper()}{stream.about[1:]}."),
    }
    optional = {
        "op": shapes.just("subscribe"),
        "filters": shapes.ref(filters.name_of(stream)),
        "format": _format(),
        "resume": _since(),
        "snapshot": _snapshot(),
        **_options(stream),
    }
    return shapes.record({**usual, **optional}, optional=optional, is_open=False)


def _options(stream: Stream) -> dict[str, Schema]:
    return {
        name: shapes.one_of(stream.option_values[name], ABOUT_OPTIONS[name])
        if name in stream.option_values
        else shapes.text(ABOUT_OPTIONS[name], shortest=1, longest=MAX_OPTION_LENGTH)
        for name in stream.option_names
    }


def _every_option() -> dict[str, Schema]:
    return {name: schema for stream in STREAMS.values() for name, schema in _options(stream).items()}


def _shown() -> Schema:
    return shapes.record({**_about_one(), **_every_option()}, optional=_every_option())


def _subscribed() -> Schema:
    options = _every_option()
    where = token("From where on events follow; after what was missed, when that comes next.")
    return _op("subscribed", optional=tuple(options), resume=where, **_about_one(), **options)


def _about_one() -> dict[str, Schema]:
    return {
        "id": _id(),
        "type": shapes.one_of(STREAMS),
        "format": _format(),
        "filters": shapes.record({}, "As you gave them.", is_open=True),
    }


def _items() -> list[Schema]:
    return [shapes.ref(name) for name in dict.fromkeys(n for stream in STREAMS.values() for n in events.items(stream))]


def _each(suffix: str) -> list[Schema]:
    return [shapes.ref(f"{camel(name)}{suffix}") for name in STREAMS]


def _id() -> Schema:
    return shapes.text("Yours: the name of the subscription.", shortest=1, longest=MAX_ID_LENGTH)


def _sub() -> Schema:
    return shapes.text("The `id` of the subscription.")


def _since() -> Schema:
    return token("What was missed since comes first.")


def _snapshot() -> Schema:
    return shapes.truth("True: the present state comes before what happens.")


def _format() -> Schema:
    return shapes.one_of(FORMATS, "How much an event says; `json` when it is not given.")


def _echoed() -> Schema:
    return {"description": "Whatever you like: it comes back."}
