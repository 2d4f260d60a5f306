"""What browsers are told to load, and from where."""

from typing import Any


def content_policy(stream_url: str) -> dict[str, Any]:
    """Of our pages: nothing but our own files, and the live stream by either of its doors."""
    doors = [stream_url, stream_url.replace("ws", "http", 1)]
    return {
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "connect-src": ["'self'", *doors, *(door.replace("127.0.0.1", "localhost") for door in doors)],
            "frame-ancestors": ["'none'"],
            "base-uri": ["'none'"],
            "form-action": ["'self'"],
            "object-src": ["'none'"],
        }
    }
