"""What real SDKs sent once: the ground that made-up problems stand on."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson

DIRECTORY = Path(__file__).resolve().parent.parent.parent / "tests" / "data" / "envelopes"


class NothingCaptured(Exception):
    """There is no event of that platform."""


@cache
def events(platform: str) -> list[dict[str, Any]]:
    """Errors with a stack of one platform, as their SDK wrote them. Raises NothingCaptured."""
    found = [event for path in sorted(DIRECTORY.rglob("*.envelope")) for event in _events(path.read_bytes())]
    found = [event for event in found if event.get("platform") == platform and _frames(event)]
    if not found:
        raise NothingCaptured(f"{DIRECTORY} has no {platform} event with a stack")
    return found


def _events(body: bytes) -> list[dict[str, Any]]:
    _, _, rest = body.partition(b"\n")
    events = []
    while rest.strip():
        head, _, rest = rest.lstrip(b"\n").partition(b"\n")
        header = orjson.loads(head)
        length = header.get("length", max(rest.find(b"\n"), 0) or len(rest))
        payload, rest = rest[:length], rest[length:]
        if header["type"] == "event":
            events.append(orjson.loads(payload))
    return events


def _frames(event: dict[str, Any]) -> bool:
    values = (event.get("exception") or {}).get("values") or [{}]
    return bool((values[-1].get("stacktrace") or {}).get("frames"))
