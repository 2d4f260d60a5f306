"""The public key that an SDK shows, in a header, in the query or in a dsn. Pure."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_PAIR = re.compile(r"\bsentry_key=([^,\s]+)")
_KEY = re.compile(r"[0-9a-f]{32}")


def public_key(*, headers: Iterable[str], query: str, dsn: object) -> str | None:
    """The one key that was shown; None when none was, when two differ, or when it cannot be one."""
    shown = {match[1] for header in headers if header and (match := _PAIR.search(header))}
    shown |= {query} if query else set()
    shown |= {key} if (key := _of_dsn(dsn)) else set()
    keys = {key.replace("-", "").lower() for key in shown}
    key = keys.pop() if len(keys) == 1 else ""
    return key if _KEY.fullmatch(key) else None


def _of_dsn(dsn: object) -> str:
    try:
        return urlsplit(dsn).username or "" if isinstance(dsn, str) else ""
    except ValueError:
        return ""
