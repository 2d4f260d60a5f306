"""JSON lines: one record to a line."""

from collections.abc import Mapping
from typing import Any

import orjson

from config.api.rendering import JSONRenderer


class NDJSONRenderer(JSONRenderer):
    """A list becomes lines; what is none (a problem) stays one JSON text."""

    media_type = "application/x-ndjson"
    format = "ndjson"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if isinstance(data, list):
            return b"".join(orjson.dumps(one, default=str, option=orjson.OPT_APPEND_NEWLINE) for one in data)
        return super().render(data, accepted_media_type, renderer_context)
