"""OpenAPI: what drf-spectacular cannot see by itself."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema

PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457). `code` is stable; `errors` names the fields at fault.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}


class AutoSchema(SpectacularSchema):
    """Every operation can answer with a problem document."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            operation["responses"]["default"] = {
                "description": "A problem",
                "content": {"application/problem+json": {"schema": PROBLEM}},
            }
        return operation
