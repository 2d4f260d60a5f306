"""The one JSON parser: bounded in bytes, depth and keys; no NUL, no lone surrogates, no repeated keys."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import BaseParser

from config.api.problems import Problem

MAX_DEPTH = 64
MAX_KEYS = 10_000
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)  # strings are passed over whole


class BadJSON(ValueError):
    """The text is not JSON that we take; `args[0]` says why in a plain sentence."""


class JSONParser(BaseParser):
    """application/json into plain values; every fault is a 400 `invalid_json` or a 413 `body_too_large`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.API_MAX_BODY + 1)
        if len(body) > settings.API_MAX_BODY:
            raise Problem(413, "body_too_large", f"A body may have {settings.API_MAX_BODY} bytes at most.")
        try:
            return loads(body)
        except BadJSON as error:
            raise Problem(400, "invalid_json", str(error)) from None


def loads(body: bytes | str) -> Any:
    """Parse JSON text; raises BadJSON."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
        _check_depth(text)
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        text.encode()
    except BadJSON:
        raise
    except UnicodeError:
        raise BadJSON("The body is not UTF-8 text.") from None
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadJSON(f"The body is not JSON{where}.") from None
    _check(value)
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(text):
        match bracket[0][0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
        if depth > MAX_DEPTH:
            raise BadJSON(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise BadJSON("An object names the same key twice.")
    return result


def _no_constant(name: str) -> NoReturn:
    raise BadJSON(f"{name} is not JSON.")


def _check(value: Any) -> None:
    keys = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            keys += len(item)
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            _check_text(item)
        if keys > MAX_KEYS:
            raise BadJSON(f"The body has more than {MAX_KEYS} keys.")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise BadJSON("Text may not hold the NUL character.")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise BadJSON("Text may not hold half of a surrogate pair.")
