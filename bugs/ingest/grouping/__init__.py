"""Which reports are the same problem. Pure; a change of these rules is a new version."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from bugs.ingest.reading.normalize import Report

VERSION = "v1"
FRAMES_MAX = 50
_DEFAULT = re.compile(r"^\{\{\s*default\s*\}\}$")
_MASKS = (
    (re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "<hex>"),
    (re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{8,}\b", re.IGNORECASE), "<hex>"),
    (re.compile(r"\d+"), "<n>"),
)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group a report belongs to, why, and how the group introduces itself."""

    fingerprint: str
    reason: str
    title: str
    culprit: str


def group(report: Report) -> Grouping:
    """Find the group of a report by the first rule that has something to go by."""
    reason, parts = _rule(report)
    return Grouping(_hash(reason, parts), f"{VERSION}:{reason}", title(report), culprit(report))


def title(report: Report) -> str:
    """`Type: value` on one line, or the message."""
    words = [word for word in (report.exception_type, _first_line(report.exception_value)) if word]
    return (": ".join(words) or _first_line(report.message) or "Unnamed error")[:300]


def culprit(report: Report) -> str:
    """Where it happened, for people."""
    frame = report.top_frame
    if frame is None:
        return report.transaction[:200]
    place = frame.get("module") or frame.get("filename") or ""
    function = frame.get("function") or ""
    return (f"{place} in {function}" if place and function else place or function)[:200]


def mask(text: str) -> str:
    """The text without what differs from one report to the next."""
    for pattern, stand_in in _MASKS:
        text = pattern.sub(stand_in, text)
    return text


def _rule(report: Report) -> tuple[str, list[Any]]:
    custom = report.fingerprint
    if not custom or all(_DEFAULT.match(part) for part in custom):
        return _default_rule(report)
    own = _hash(*_default_rule(report))
    return "fingerprint", [own if _DEFAULT.match(part) else part for part in custom]


def _default_rule(report: Report) -> tuple[str, list[Any]]:
    if in_app := _outline([frame for frame in report.frames if frame.get("in_app")]):
        return "in_app", [report.exception_type, in_app]
    if everything := _outline(report.frames):
        return "frames", [report.exception_type, everything]
    if report.exception_type:
        return "type_message", [report.exception_type, mask(report.exception_value or report.message)]
    return "message", [mask(report.message or report.exception_value)]


def _outline(frames: list[dict[str, Any]]) -> list[list[str]]:
    """Modules and functions of the innermost frames; recursion counts once."""
    outline: list[list[str]] = []
    for frame in frames:
        step = [frame.get("module") or mask(frame.get("filename") or ""), mask(frame.get("function") or "")]
        if any(step) and outline[-1:] != [step]:
            outline.append(step)
    return outline[-FRAMES_MAX:]


def _hash(reason: str, parts: list[Any]) -> str:
    return blake2b(orjson.dumps([VERSION, reason, parts]), digest_size=16).hexdigest()


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].strip()
