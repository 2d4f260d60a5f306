"""Entity tags: a version that writers compare, and a mark of the bytes that readers compare."""

import hashlib
import re

from django.http import HttpResponseNotModified
from django.http.response import HttpResponseBase
from rest_framework.request import Request

_VERSION = re.compile(r'"?([0-9]{1,9})(-[0-9a-f]{8})?"?')
_OF_BODIES = ("content-type", "content-length", "content-encoding", "content-language")


def tag(version: int, body: bytes) -> str:
    """`"<version>-<8 hex>"`: the hex follows the whole body, so that a new comment makes another tag too."""
    return f'"{version}-{hashlib.blake2b(body, digest_size=4).hexdigest()}"'


def expected_version(header: str) -> int | None:
    """The version that `If-Match` names (`"7"`, `"7-1a2b3c4d"`); None when any will do, -1 when none can."""
    if header.strip() in ("", "*"):
        return None
    found = _VERSION.fullmatch(header.strip())
    return int(found[1]) if found else -1


def unless_unchanged(request: Request, response: HttpResponseBase) -> HttpResponseBase:
    """The response, or a 304 with its headers when `If-None-Match` names what it would say."""
    known = request.headers.get("If-None-Match", "")
    if not known or response.status_code != 200 or not _is_among(response.headers.get("ETag", ""), known):
        return response
    short = HttpResponseNotModified()
    for name, value in response.headers.items():
        if name.lower() not in _OF_BODIES:
            short.headers[name] = value
    return short


def _is_among(current: str, known: str) -> bool:
    """By the weak comparison, which is the one for readers."""
    if not current:
        return False
    tags = {each.strip().removeprefix("W/") for each in known.split(",")}
    return "*" in tags or current.removeprefix("W/") in tags
