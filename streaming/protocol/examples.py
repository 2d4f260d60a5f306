"""What messages look like: examples of each, which tests compare with their schemas."""

from typing import Any

from streaming import closing
from streaming.consumers import SUBPROTOCOL
from streaming.fanout import tailing

Example = dict[str, Any]

TOKEN, NEXT_TOKEN = "5f0c2a91.8124", "5f0c2a91.8131"
_PROJECT = "01997f3e-5b00-7c41-9d10-6a1f0c2b7e01"
_BUG = "01997f41-8e20-7b6a-a2c4-3f5d9e8a1c02"
_GROUP = "01997f41-8d10-7d30-8b11-90c7e1f2a303"
_REPORT = "01997f41-8d0f-7a02-b5e8-1c4a7d3f6e04"
_SESSION = "01997f40-1100-7f55-8c9d-2e6b4a8f0d05"
_EXPORT = "01997f45-0a00-7e18-9f3b-7d1c5a2e8b06"
_NOW = "2026-05-04T09:12:31.407000+00:00"
_BEFORE = "2026-05-04T09:02:11.000000+00:00"
_SHOWN = {"id": "worse", "type": "bug_updates", "format": "json", "filters": {"q": "changed:severity severity:>=high"}}
_SUMMARY = {
    "reference": "WEB-42",
    "project": "WEB",
    "title": "Checkout is blank",
    "status": "triaged",
    "severity": "high",
}
_ERROR = {
    "id": _REPORT,
    "project": "WEB",
    "group_id": _GROUP,
    "level": "error",
    "title": "TypeError: cart is undefined",
    "message": "cart is undefined",
    "component": "checkout",
    "environment": "production",
    "release": "web@2.4.1",
    "session_id": "b61f0a",
    "occurred_at": _BEFORE,
}
_PATTERN = {
    "id": _GROUP,
    "project": "WEB",
    "bug": "WEB-42",
    "title": "TypeError: cart is undefined",
    "culprit": "renderCart in checkout.js",
    "level": "error",
    "reports": 214,
    "users": 97,
    "first_seen_at": "2026-05-01T17:40:02+00:00",
    "last_seen_at": _NOW,
}
_SESSION_SHOWN = {
    "id": _SESSION,
    "key": "b61f0a",
    "project": "WEB",
    "user_key": "9c1f52a07d3e",
    "state": "crashed",
    "environment": "production",
    "release": "web@2.4.1",
    "errors": 1,
    "duration": 312.4,
    "is_tracked": True,
    "started_at": _BEFORE,
    "last_seen_at": _NOW,
}


def by_name() -> dict[str, dict[str, Example]]:
    """Of each message: what an example shows, and the message."""
    return {**_of_client(), **_of_server(), **_of_events()}


def _of_client() -> dict[str, dict[str, Example]]:
    one = {"op": "subscribe", "id": "worse", "type": "bug_updates", "filters": _SHOWN["filters"], "resume": TOKEN}
    many = [
        {"id": "new", "type": "new_bugs", "format": "compact", "filters": {"severity": ["high", "critical"]}},
        {"id": "speed", "type": "analytics", "metrics_type": "performance", "snapshot": True},
        {"id": "ada", "type": "sessions", "user_id": "ada-17"},
    ]
    return {
        "subscribe": {
            "Bugs whose severity changed to high or worse": one,
            "Several at once": {"op": "subscribe", "subscriptions": many},
        },
        "unsubscribe": {"": {"op": "unsubscribe", "id": "worse"}},
        "listSubscriptions": {"": {"op": "subscriptions"}},
        "resume": {"": {"op": "resume", "id": "worse", "resume": TOKEN}},
        "clientPing": {"": {"op": "ping", "t": 1777885951407}},
        "clientPong": {"": {"op": "pong"}},
    }


def _of_server() -> dict[str, dict[str, Example]]:
    welcome = {"op": "welcome", "protocol": SUBPROTOCOL, "resume": TOKEN, "heartbeat": tailing.PING_SECONDS}
    item = {"id": _BUG, **_SUMMARY}
    gap = {"op": "gap", "sub": "worse", "resume": NEXT_TOKEN, "reason": "too_slow", "refetch": "/api/v1/bugs/"}
    refused = {"op": "error", "code": "unsupported_type", "detail": "type is one of analytics, …", "id": "worse"}
    return {
        "welcome": {"": welcome},
        "subscribed": {"": {"op": "subscribed", "resume": TOKEN, **_SHOWN}},
        "unsubscribed": {"": {"op": "unsubscribed", "id": "worse"}},
        "subscriptionList": {"": {"op": "subscriptions", "subscriptions": [_SHOWN]}},
        "snapshot": {"": {"op": "snapshot", "sub": "worse", "resume": TOKEN, "items": [item], "whole": True}},
        "gap": {"": gap},
        "serverPing": {"": {"op": "ping"}},
        "serverPong": {"": {"op": "pong", "t": 1777885951407}},
        "error": {"": refused},
        "goodbye": {
            "Come back": closing.goodbye(closing.RESTARTING, 1840),
            "Do not": closing.goodbye(closing.CREDENTIAL_ENDED),
        },
    }


def _of_events() -> dict[str, dict[str, Example]]:
    state = {"number": 42, "version": 3, "status": "triaged", "severity": "high", "bug_type": "functional"}
    rose = {"severity": {"from": "medium", "to": "high"}}
    came = {"status": {"from": "triaged", "to": "resolved"}}
    new, over = ({**state, "version": version, "status": status} for version, status in ((1, "new"), (4, "resolved")))
    resolved = {**_SUMMARY, "status": "resolved"}
    figures = {"totals": {"errors_1h": 96, "errors_24h": 140, "errors_7d": 214, "spiking_groups": 1}}
    analytics = {"project_id": _PROJECT, "project": "WEB", "metrics_type": "errors", "as_of": _NOW, "figures": figures}
    pattern = {"group_id": _GROUP, "level": "error", "observed": 96, "expected": 4.2, "pattern": _PATTERN}
    session = {"session_id": _SESSION, "state": "crashed", "session": _SESSION_SHOWN}
    report = {"group_id": _GROUP, "level": "error", "error": _ERROR}
    export = {"export_id": _EXPORT, "format": "csv", "rows": 5000, "state": "running", "rows_total": 12840}
    return {
        "eventNewBugs": _event("new_bug", "bug.created", new, bug=_BUG, about="In `compact`"),
        "eventBugUpdates": _event(
            "severity_change", "bug.severity_changed", {**state, "bug": _SUMMARY}, bug=_BUG, changes=rose
        ),
        "eventResolutions": _event(
            "status_change", "bug.status_changed", {**over, "bug": resolved}, bug=_BUG, changes=came
        ),
        "eventAnalytics": _event(
            "analytics_update",
            "analytics.updated",
            analytics,
            changes={"errors_1h": {"from": 88, "to": 96}},
            about="In `compact`",
        ),
        "eventErrorEvents": _event("error", "error.received", report, bug=_BUG),
        "eventErrorPatterns": _event("spike", "error_group.spiking", pattern, bug=_BUG),
        "eventSessions": _event("session_ended", "session.updated", session),
        "eventExports": _event("export_progress", "export.progress", export, is_kept=False),
    }


def _event(
    event_type: str,
    kind: str,
    metadata: Example,
    *,
    bug: str | None = None,
    changes: Example | None = None,
    about: str = "",
    is_kept: bool = True,
) -> dict[str, Example]:
    event = {
        "event_id": "01997f46-2c50-7a90-8d6e-5b3f1e9c7a07" if is_kept else None,
        "timestamp": _NOW,
        "event_type": event_type,
        "bug_id": bug,
        "changes": changes or {},
        "metadata": {"type": kind, "project_id": _PROJECT, "matched": True, **metadata},
    }
    return {about: {"op": "event", "sub": "mine", "resume": NEXT_TOKEN, "event": event}}
