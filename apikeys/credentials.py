"""Where a caller may put a key: in one of two headers, never in a URL. Pure."""

import re
from collections.abc import Sequence
from urllib.parse import unquote_plus

from apikeys import tokens

IN_URLS = frozenset({"key", "api_key", "apikey", "api-key", "x-api-key", "token", "access_token", "authorization"})
_NAMES = re.compile(r"(?:^|&)([^=&]*)")


class Misplaced(ValueError):
    """A 400 with this code: what was sent is not how a key is sent."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def from_headers(authorizations: Sequence[str], api_keys: Sequence[str]) -> str | None:
    """The key of `Authorization: Bearer …` or `X-API-Key`; raises Misplaced when two differ."""
    given = {found for text in authorizations if (found := _bearer(text)) is not None} | {*api_keys}
    if len(given) > 1:
        raise Misplaced("two_credentials", "Two different keys came with this request. Send one.")
    return given.pop() if given else None


def refuse_in_url(path: str, query: str) -> None:
    """Raises Misplaced; the text never repeats what was in the URL."""
    if not (query or tokens.PREFIX in path):
        return
    names = {unquote_plus(name).lower() for name in _NAMES.findall(query)}
    if names & IN_URLS or any(tokens.found_in(unquote_plus(f"{path} {query}").encode("utf-8", "replace"))):
        raise Misplaced(
            "key_in_url",
            "Send a key in the header `Authorization: Bearer …`, never in a URL: URLs are kept in logs and histories. "
            "If that was a real key, rotate or revoke it.",
        )


def _bearer(text: str) -> str | None:
    scheme, _, key = text.strip().partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None
