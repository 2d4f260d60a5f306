"""SDKs of every age write JSON: take what can be meant, made fit for PostgreSQL."""

import json
import re
from typing import Any

import orjson

MAX_DEPTH = 64  # of what has to be gone through
_INT64 = 2**63
_UNFIT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # NUL, and halves of characters


class Malformed(ValueError):
    """Not JSON, or nested a thousand levels deep."""


def load(text: bytes) -> Any:
    """The value, its strings without NUL and lone surrogates. Raises Malformed."""
    if not _UNFIT.search(text):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
    return _clean(parse(text), 1)


def parse(text: bytes) -> Any:
    """The value as it was written: for looking, not for keeping. Raises Malformed."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:  # the standard library reads lone surrogates and NaN
        return json.loads(text.decode("utf-8", "replace"), parse_constant=lambda name: None)
    except (ValueError, RecursionError) as error:
        raise Malformed("This is not JSON, or it is nested too deep.") from error


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return str(value) if abs(value) < 10**40 else None
    if not isinstance(value, dict | list):
        return value
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    return {_text(name): _clean(item, depth + 1) for name, item in value.items()}


def _text(value: str) -> str:
    if "\x00" in value:
        value = value.replace("\x00", "\ufffd")
    if value.isascii():
        return value
    # a pair that was escaped as two halves is one character; a half alone is none
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
