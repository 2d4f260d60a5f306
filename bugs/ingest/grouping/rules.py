"""Reports under the rules of their project: the first that fits says how they are grouped. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bugs.grouping_rules import DEFAULT, PART_MAX, TAG, VARIABLE, Rule, Rules
from bugs.ingest.grouping.identity import VERSION, Grouping, fingerprint_of, group
from bugs.ingest.reading.normalize import Fields, Report
from bugs.ingest.wire import shapes

__all__ = ["Rule", "Rules", "first_of", "identify"]

REASON = f"{VERSION}:rule"


def identify(rules: Rules, report: Report) -> tuple[Grouping, Rule | None]:
    """The group of a report, and the rule of its project that it falls under."""
    default = group(report)
    rule = first_of(rules, report) if rules else None
    if rule is None or not rule.fingerprint:
        return default, rule
    wanted = [_filled(part, report) for part in rule.fingerprint]
    hashed = [default.fingerprint if _is_default(part) else part for part in wanted]
    parts: Fields = {"rule": str(rule.id), "fingerprint": wanted}
    if any(map(_is_default, wanted)):
        parts["default"] = default.parts
    return replace(default, fingerprint=fingerprint_of("rule", hashed), reason=REASON, parts=parts), rule


def first_of(rules: Rules, report: Report) -> Rule | None:
    """The first rule all of whose conditions fit; of a field with several texts one is enough."""
    known: dict[str, list[str]] = {}

    def texts(field: str) -> list[str]:
        if field not in known:
            known[field] = [text.casefold() for text in _texts(report, field)]
        return known[field]

    for rule in rules:
        if all(any(map(each.pattern.fits, texts(each.field))) for each in rule.conditions):
            return rule
    return None


def _filled(part: str, report: Report) -> str:
    if _is_default(part):
        return part
    top = [report.top_frame] if report.top_frame else []
    return VARIABLE.sub(lambda found: _first(_texts(report, found[1], top))[:PART_MAX], part)


def _is_default(part: str) -> bool:
    found = VARIABLE.fullmatch(part)
    return found is not None and found[1] == DEFAULT


def _first(texts: Sequence[str]) -> str:
    return texts[0] if texts else ""


def _texts(report: Report, field: str, frames: list[Fields] | None = None) -> list[str]:
    """What a report has in a field."""
    if field.startswith(TAG):
        tag = report.tags.get(field.removeprefix(TAG))
        return [] if tag is None else [tag]
    if field in _FRAMES:
        stack = report.frames if frames is None else frames
        return [text for frame in stack for name in _FRAMES[field] if (text := shapes.text(frame.get(name)))]
    return [_READERS[field](report)]


_FRAMES = {"path": ("filename", "abs_path"), "module": ("module",), "function": ("function",)}
_READERS: dict[str, Callable[[Report], str]] = {
    "exception": lambda report: report.exception_type,
    "value": lambda report: report.exception_value,
    "message": lambda report: report.message,
    "level": lambda report: report.level,
    "transaction": lambda report: report.transaction,
    "component": lambda report: report.component,
    "environment": lambda report: report.environment,
    "release": lambda report: report.release,
    "platform": lambda report: report.platform,
    "url": lambda report: shapes.text(report.request.get("url")),
}
