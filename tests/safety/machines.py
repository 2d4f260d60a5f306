"""What programs send: SDKs' envelopes and reports over the API, with a text in every field that has text."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import orjson

from bugs.ingest.digest import digester
from tests.safety.canaries import Canary, Flock
from tests.safety.planting import IN_PATHS, IN_URLS, Doors, now


def of_programs(doors: Doors, some: Flock, others: Flock) -> None:
    """Envelopes of an SDK: an event with files, feedback about it, and the old way of either."""
    event_id = uuid4().hex
    files = [_item("attachment", b"words", filename=f"{some.one(190, IN_PATHS)}.txt") for _ in some.members]
    _send(doors, _item("event", event(some, others)), *files[:3], event_id=event_id)
    words = {"message": some.prose, "name": "‡", "contact_email": "‡", "url": "https://h.example/¤"}
    said = {**filled(words, some, others), "associated_event_id": event_id}
    _send(doors, _item("feedback", {"contexts": {"feedback": said}}))
    old = {"event_id": event_id, "name": others.one(), "email": others.one(), "comments": some.prose}
    _send(doors, _item("user_report", old))
    store = f"/api/{doors.number}/store/?sentry_key={doors.dsn_key}"
    doors.stranger.post(store, event(some, others), format="json")


def of_sessions(doors: Doors, some: Flock) -> None:
    """Sessions, what was discarded, items that nobody knows; and envelopes that are refused."""
    for one in some.members:
        label = one.text if one.is_label else "x"
        attrs = {"release": f"shop-{label}", "environment": label, "ip_address": one.text, "user_agent": one.text}
        session = {"sid": label, "did": one.text, "status": "ok", "started": now(), "attrs": attrs}
        counts = {"aggregates": [{"started": now(), "exited": 1}], "attrs": attrs}
        discarded = {"discarded_events": [{"reason": one.text, "category": one.text, "quantity": 1}]}
        told = [_item("session", session), _item("sessions", counts), _item("client_report", discarded)]
        _send(doors, *told, _item(label, {"x": one.text}))
        for body in (b"{}\n{}\n" + one.text.encode(), f'{{"dsn": "https://{one.text}@h/1"}}\n'.encode()):
            doors.stranger.generic("POST", f"/api/{doors.number}/envelope/?x=1", body, HTTP_X_SENTRY_AUTH="Sentry")


def over_api(doors: Doors, members: Sequence[Canary]) -> None:
    """A report with each of them everywhere, as one batch."""
    answer = doors.call("post", "errors/?project=WEB", [report(Flock([one])) for one in members])
    outcomes = {each["outcome"] for each in answer["results"]}
    if outcomes != {"accepted"}:
        doors.refused.append(("post", "errors/", str(answer).encode()))


def digest() -> None:
    while digester.digest_waiting():
        pass


def _item(kind: str, payload: Any, **more: Any) -> bytes:
    body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return orjson.dumps({"type": kind, "length": len(body), **more}) + b"\n" + body + b"\n"


def _send(doors: Doors, *items: bytes, event_id: str = "") -> None:
    body = orjson.dumps({"event_id": event_id or uuid4().hex}) + b"\n" + b"".join(items)
    sent = f"Sentry sentry_version=7, sentry_key={doors.dsn_key}, sentry_client=x/1"
    answer = doors.stranger.generic("POST", f"/api/{doors.number}/envelope/", body, HTTP_X_SENTRY_AUTH=sent)
    if answer.status_code != 200:
        doors.refused.append(("post", "envelope/", answer.content))


def event(some: Flock, others: Flock) -> Any:
    return filled({**EVENT, "timestamp": now()}, some, others)


def report(some: Flock) -> Any:
    """The same as the API takes it."""
    return filled(REPORT, some, some)


def filled(value: Any, some: Flock, others: Flock) -> Any:
    """With a text for each § in it, for ¤ one of a URL, for ¶ one that no label may have either, for ‡ a name."""
    if isinstance(value, str):
        return _SIGN.sub(lambda sign: _TURNS[sign[0]](some, others), value)
    if isinstance(value, dict):
        return {filled(key, some, others): filled(inner, some, others) for key, inner in value.items()}
    return [filled(inner, some, others) for inner in value] if isinstance(value, list) else value


_SIGN = re.compile("[§¤¶‡]")
_TURNS: dict[str, Callable[[Flock, Flock], str]] = {
    "§": lambda some, _: some.one(),
    "¤": lambda some, _: some.one(400, IN_URLS),
    "¶": lambda some, _: some.label(),
    "‡": lambda _, others: others.one(),
}
_URL = "https://shop.example/pay/¤?who=¤"
_FRAME = {
    "function": "pay(¶)", "module": "shop: ¶", "filename": "§", "abs_path": "/srv/¤", "in_app": True, "lineno": 7,
    "context_line": "pay('§')", "pre_context": ["§"], "post_context": ["§"],
    "vars": {"who": "'§'", "§": ["§", {"deep": "§"}], "n": 7},
}  # fmt: skip
_RAISED = {"type": "PaymentError", "value": "Cannot pay § now", "stacktrace": {"frames": [_FRAME]}}
_CRUMBS = [
    {"category": "ui.click", "message": "§", "data": {"target": "§"}},
    {"type": "http", "category": "httplib", "level": "error", "data": {"url": _URL, "reason": "§", "status_code": 5}},
    {"category": "navigation", "data": {"from": "/¤", "to": "¤"}},
]
EVENT = {
    "level": "error", "message": "§", "logger": "§", "server_name": "§", "platform": "¶", "transaction": "/u/¤/",
    "environment": "of-¶", "release": "shop-¶", "dist": "¶", "breadcrumbs": {"values": _CRUMBS}, "culprit": "§",
    "exception": {"values": [{**_RAISED, "type": "Cause ¶"}, _RAISED]},
    "user": {"id": "4711-¶", "email": "‡", "username": "‡", "name": "‡", "ip_address": "‡", "geo": {"city": "‡"},
             "data": {"more": "‡"}},
    "request": {"url": _URL, "method": "POST", "query_string": [["who", "§"]], "data": {"note": "§"},
                "cookies": {"theme": "§"}, "env": {"WHO": "§"},
                "headers": {"Referer": _URL, "X-Custom": "§", "User-Agent": "§", "X-Forwarded-For": "§"}},
    "tags": {"customer": "§", "§": "x", "component": "§", "session_id": "¶"},
    "contexts": {"device": {"name": "§"}, "custom": {"deep": {"list": ["§"]}, "§": 1},
                 "runtime": {"name": "¶", "version": "¶"}},
    "extra": {"body": "<p>§</p>", "json": "{'who': §}", "§": "§"}, "modules": {"¶": "1.0", "urllib3": "¶"},
    "fingerprint": ["{{ default }}", "§"], "sdk": {"name": "¶"}, "logentry": {"message": "§", "params": ["§"]},
    "threads": {"values": [{"id": 1, "name": "§", "stacktrace": {"frames": [_FRAME]}}]},
}  # fmt: skip
REPORT = {
    "level": "error", "message": "Cannot §", "sessionId": "¶", "componentName": "§", "user": {"id": "4711"},
    "error": {"name": "PaymentError", "message": "§", "stack": "PaymentError: §\n    at pay (/srv/shop/cart.js:3:7)",
              "cause": {"message": "§"}},
    "url": _URL, "userAgent": "§", "tags": {"customer": "§", "§": "x"}, "fingerprint": ["§"], "environment": "¶",
    "release": "¶", "transaction": "/u/¤", "breadcrumbs": [{"category": "ui.click", "message": "§"}],
    "context": {"custom": "§"}, "userActions": [{"type": "click", "element": "§", "url": "/¤"}],
    "metadata": {"note": "§", "§": "§"}, "authErrors": [{"errorType": "§", "message": "§"}],
    "apiFailures": [{"endpoint": "/¤", "method": "GET", "statusCode": 503, "errorMessage": "§"}],
    "systemMetrics": {"§": 12.5}, "dependencies": {"¶": "1"}, "field §": "§",
}  # fmt: skip
