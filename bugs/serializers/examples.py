"""Examples for the OpenAPI document: one bug, and what is sent about it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_ID = "019aa0c5-7f6e-7c31-9d0a-3f1b2c4d5e6f"
_URL = f"https://bugs.example.com/api/v1/bugs/{_ID}/"
_BUG: dict[str, Any] = {
    "id": _ID,
    "reference": "WEB-42",
    "project": "WEB",
    "title": "Checkout fails with an empty basket",
    "description": "A blank page instead of a message.",
    "steps": "Empty the basket, open /checkout.",
    "expected": "A message that the basket is empty.",
    "actual": "A blank page.",
    "status": "triaged",
    "severity": "high",
    "priority": "high",
    "bug_type": "crash",
    "resolution": "",
    "component": "checkout",
    "environment": "production",
    "release": "2.4.1",
    "tags": {"browser": "safari"},
    "custom": {"customer": "ACME"},
    "due_on": "2026-12-01",
    "reporter": "carol",
    "assignee": "bob",
    "merged_into": None,
    "error_level": "error",
    "error_count": 310,
    "user_count": 88,
    "comment_count": 1,
    "attachment_count": 0,
    "reopen_count": 0,
    "version": 3,
    "created_at": "2026-11-22T09:12:44.120931+00:00",
    "updated_at": "2026-11-22T10:02:05.402113+00:00",
    "last_error_at": "2026-11-22T10:01:58.000000+00:00",
    "triaged_at": "2026-11-22T09:40:00.551200+00:00",
    "resolved_at": None,
    "closed_at": None,
}


def _none(path: str) -> dict[str, Any]:
    return {"results": [], "has_more": False, "url": f"{_URL}{path}/"}


BUG = OpenApiExample("A bug", value=_BUG, response_only=True)
DETAIL = OpenApiExample(
    "A bug with its parts",
    value={
        **_BUG,
        "comments": _none("comments"),
        "attachments": _none("attachments"),
        "lifecycle": _none("events"),
        "error_context": _none("errors"),
        "related": _none("related"),
        "analytics": {},
    },
    response_only=True,
)
REPORT = OpenApiExample(
    "Report a bug",
    value={
        "project": "WEB",
        "title": "Checkout fails with an empty basket",
        "severity": "high",
        "bug_type": "crash",
        "component": "checkout",
        "tags": {"browser": "safari"},
    },
    request_only=True,
)
EDIT = OpenApiExample("Another severity", value={"severity": "critical"}, request_only=True)
MOVE = OpenApiExample(
    "Resolve it", value={"to": "resolved", "resolution": "fixed", "notes": "In 2.4.2."}, request_only=True
)
ASSIGN = OpenApiExample("Give it to bob", value={"assignee": "bob"}, request_only=True)
UNASSIGN = OpenApiExample("Take it from its assignee", value={"assignee": None}, request_only=True)
