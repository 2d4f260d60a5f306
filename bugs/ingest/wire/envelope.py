"""The Sentry envelope: header line, then items of header line and payload. Pure."""

from dataclasses import dataclass, field
from typing import Any

from bugs.ingest.wire import lenient_json

HEADER_MAX = 8 * 1024
ITEMS_MAX = 1000
JSON_MAX = 1024 * 1024  # of an item that is read as JSON: what is read takes many times that in memory
# Of an item's header: the rest would take twenty times its text in memory, for each of a thousand items.
_READ = ("type", "length", "filename", "content_type")


class Malformed(ValueError):
    """Not an envelope."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item, its payload still as bytes. headers: those that are read."""

    type: str
    headers: dict[str, Any]
    payload: bytes


@dataclass(slots=True)
class Envelope:
    """What was sent."""

    headers: dict[str, Any]
    items: list[Item] = field(default_factory=list)


def parse(body: bytes) -> Envelope:
    """Raises Malformed, and nothing else."""
    headers, at = _header(body, 0)
    envelope = Envelope(headers)
    while (at := _past_blank_lines(body, at)) < len(body):
        if len(envelope.items) == ITEMS_MAX:
            raise Malformed(f"The envelope has more than {ITEMS_MAX} items.")
        item, at = _item(body, at)
        envelope.items.append(item)
    return envelope


def of_event(payload: bytes) -> bytes:
    """An event that came without an envelope, in one."""
    return b'{}\n{"type":"event","length":%d}\n%s' % (len(payload), payload)


def _item(body: bytes, at: int) -> tuple[Item, int]:
    headers, at = _header(body, at)
    end = _end_of_payload(body, at, headers.get("length"))
    item_type = headers.get("type")
    name = item_type[:64] if isinstance(item_type, str) else ""
    kept = {name: headers[name] for name in _READ if not isinstance(headers.get(name), dict | list | None)}
    return Item(name, kept, body[at:end]), end + 1


def _end_of_payload(body: bytes, at: int, length: object) -> int:
    if length is None:
        end = body.find(b"\n", at)
        return end if end >= 0 else max(at, len(body))
    if isinstance(length, bool) or not isinstance(length, int) or length < 0:
        raise Malformed("An item's length is not a number of bytes.")
    end = at + length
    if length and end > len(body):
        raise Malformed("An item's length runs past the end of the envelope.")
    if body[end : end + 1] not in (b"", b"\n"):
        raise Malformed("An item's payload is not followed by a newline: its length is wrong.")
    return end


def _header(body: bytes, at: int) -> tuple[dict[str, Any], int]:
    """The header line that begins at `at`, and where the next line begins."""
    end = body.find(b"\n", at, at + HEADER_MAX + 1)
    if end < 0:
        end = len(body)
    if end - at > HEADER_MAX:
        raise Malformed(f"A header line is longer than {HEADER_MAX} bytes.")
    try:
        headers = lenient_json.load(body[at:end])
    except lenient_json.Malformed as error:
        raise Malformed("A header line is not JSON.") from error
    if not isinstance(headers, dict):
        raise Malformed("A header line is not a JSON object.")
    return headers, end + 1


def _past_blank_lines(body: bytes, at: int) -> int:
    while body[at : at + 1] in (b"\n", b"\r"):
        at += 1
    return at
