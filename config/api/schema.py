"""OpenAPI: what drf-spectacular cannot see by itself."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter

from config.api import rehearsal
from config.api.problems import MEDIA_TYPE, TITLES

_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457). `code` is stable; `errors` names the fields at fault.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": dict.fromkeys(("pointer", "code", "detail"), _TEXT)},
        },
        "violated-policies": {
            "type": "array",
            "items": _TEXT,
            "description": "Of a 429: the limits without room for the call, by their names in `RateLimit-Policy`.",
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}
_MEANING = {
    400: "Malformed or invalid: `errors` points at what is wrong.",
    401: "No valid key.",
    403: "Readable, but this credential may not do that.",
    404: "Missing, or of a project that is not yours.",
    409: "Its state forbids it, or a request with this Idempotency-Key is at work.",
    412: "It was changed since you read the version that `If-Match` names.",
    422: "This Idempotency-Key was used for another request.",
    429: "A limit has no room for this call, or too many credentials failed; `Retry-After` says until when.",
    503: "Too busy, or the database is away; `Retry-After` says when to come again.",
}
_OF_READS = (400, 401, 403, 404, 429, 503)
_SECONDS = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent again within 24 hours, the same request is answered as before and done once.",
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The `ETag` that you read; 412 when it changed since."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The `ETag` that you have; 304 when it is still so."
)
DRY_RUN = OpenApiParameter(
    rehearsal.PARAMETER, bool, description="Answer what would be, with the header `Dry-Run: true`, and change nothing."
)


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Adds what every operation refers to; a hook of drf-spectacular."""
    components = result["components"]
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {_name(status): _response(status) for status in _MEANING}
    key = {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key, for clients that must."}
    components.setdefault("securitySchemes", {})["key_header"] = key
    return result


class AutoSchema(SpectacularSchema):
    """Every operation names its problems and the conventions that it follows."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            for status in _OF_READS if self.method == "GET" else _MEANING:
                operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/{_name(status)}"})
        return operation

    def get_operation_id(self) -> str:
        """The name that keys are bound to and that the access log has."""
        basename, action = getattr(self.view, "basename", None), getattr(self.view, "action", None)
        return f"{basename}_{action}" if basename and action else super().get_operation_id()

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *self._conventions()]

    def get_filter_backends(self) -> list[Any]:
        return super().get_filter_backends() if getattr(self.view, "filterset_class", None) else []

    def get_tags(self) -> list[str]:
        """The part of the path that says what it is about."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def _conventions(self) -> list[OpenApiParameter]:
        action = getattr(self.view, "action", None)
        if self.method == "GET":
            return [IF_NONE_MATCH] if action == "retrieve" else []
        found = [IDEMPOTENCY_KEY] if self.method == "POST" else [IF_MATCH]
        if action not in getattr(self.view, "shows_secret", ()) and action not in getattr(
            self.view, "cannot_rehearse", ()
        ):
            found.append(DRY_RUN)
        return found


def _name(status: int) -> str:
    return TITLES[status].title().replace(" ", "")


def _response(status: int) -> dict[str, Any]:
    headers = {"headers": _SECONDS} if status in (429, 503) else {}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _MEANING[status], **headers, "content": content}
