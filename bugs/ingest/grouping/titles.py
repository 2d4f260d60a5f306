"""How a group introduces itself to people. Pure."""

from bugs.ingest.grouping import frames
from bugs.ingest.reading.normalize import Report

TITLE_MAX, CULPRIT_MAX = 300, 200


def title(report: Report) -> str:
    """`Type: value` on one line, or the message."""
    words = [word for word in (report.exception_type, _first_line(report.exception_value)) if word]
    return (": ".join(words) or _first_line(report.message) or "Unnamed error")[:TITLE_MAX]


def culprit(report: Report) -> str:
    """Where it happened."""
    frame = report.top_frame
    if frame is None:
        return report.transaction[:CULPRIT_MAX]
    place = frames.text(frame.get("module")) or frames.text(frame.get("filename"))
    function = frames.text(frame.get("function"))
    return (f"{place} in {function}" if place and function else place or function)[:CULPRIT_MAX]


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].strip()
