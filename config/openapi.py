"""How drf-spectacular describes the API: the settings of the OpenAPI document."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "TITLE": "Bugwire",
    "DESCRIPTION": "Bug reports and their error contexts over one API.",
    "VERSION": "v1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Closed: browsers took half a minute to draw all operations at once.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "filter": True},
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SECURITY": [{"key_header": []}],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.api.schema.complete"],
    "ENUM_NAME_OVERRIDES": {
        "Severity": "bugs.choices.Severity",
        "Status": "bugs.choices.Status",
        "Resolution": "bugs.choices.Resolution",
        "BugType": "bugs.choices.BugType",
        "Level": "bugs.choices.Level",
        "LinkKind": "bugs.choices.LinkKind",
        "Role": "bugs.choices.Role",
        "KeyStatus": ["live", "replaced", "expired", "revoked"],
        "ConnectorKind": ["github"],
        "FeedbackSource": ["feedback", "user_report", "api"],
        "Interval": "bugs.intervals.INTERVALS",
        "HealthInterval": ["hour", "day"],
        "CountIs": ["exact", "at_least", "estimate"],
        "HitsAre": ["exact", "at_least"],
    },
}
