"""What browsers are told to load, and from where."""

from typing import Any


def content_policy(stream_url: str) -> dict[str, Any]:
    """Of our pages: nothing but our own files, and the live stream."""
    return {
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "connect-src": ["'self'", stream_url, stream_url.replace("127.0.0.1", "localhost")],
            "frame-ancestors": ["'none'"],
            "base-uri": ["'none'"],
            "form-action": ["'self'"],
            "object-src": ["'none'"],
        }
    }
