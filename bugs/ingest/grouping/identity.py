"""The group of a report: the first rule that has something to go by. Pure; a change of these rules is a new version.

Fingerprints that are stored are never made anew, so what this version answers must stay as it is.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from bugs.ingest.grouping import frames, generic, stack, templates, titles
from bugs.ingest.reading.normalize import Report

VERSION = "v2"
FRAMES_MAX = 5
_DEFAULT = re.compile(r"\{\{\s*default\s*\}\}")
_BY_STACK = frozenset({f"{VERSION}:in_app", f"{VERSION}:frames"})
_ADDRESS, _NUMBER = re.compile(r"0x[0-9a-fA-F]+"), re.compile(r"\d+")
Parts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The group a report belongs to, why, and how the group introduces itself.

    parts: what the fingerprint was made of, for people. kind: the types of the exceptions. outline: the names of all
    frames, innermost first; own: which of them are the program's.
    """

    fingerprint: str
    reason: str
    title: str
    culprit: str
    kind: str = ""
    parts: Parts = field(default_factory=dict)
    outline: tuple[str, ...] = ()
    own: frozenset[str] = frozenset()

    @property
    def is_by_stack(self) -> bool:
        """Whether the stack decided, so that a similar stack may decide as well."""
        return self.reason in _BY_STACK


def group(report: Report) -> Grouping:
    """Find the group of a report."""
    outline, own = stack.read(report.frames, report.platform, FRAMES_MAX)
    rule, parts = _default_rule(report, outline.names, own)
    fingerprint = fingerprint_of(rule, parts)
    if report.fingerprint and not all(_DEFAULT.fullmatch(part) for part in report.fingerprint):
        rule, parts, fingerprint = _custom(report.fingerprint, parts, fingerprint)
    kinds = _kinds(report)
    return Grouping(
        fingerprint=fingerprint,
        reason=f"{VERSION}:{rule}",
        title=titles.title(report),
        culprit=titles.culprit(report),
        kind="\n".join(kinds),
        parts=parts,
        outline=outline.names,
        own=outline.own,
    )


def fingerprint_of(rule: str, parts: Any) -> str:
    """32 hexadecimal digits of what makes a group."""
    return blake2b(orjson.dumps([VERSION, rule, parts]), digest_size=16).hexdigest()


def _custom(wanted: list[str], default: Parts, default_fingerprint: str) -> tuple[str, Parts, str]:
    """Rule, parts and fingerprint as the client wants them; `{{ default }}` keeps what the default tells apart."""
    defaults = [_DEFAULT.fullmatch(part) is not None for part in wanted]
    hashed = [default_fingerprint if own else part for part, own in zip(wanted, defaults, strict=True)]
    parts: Parts = {"fingerprint": wanted, **({"default": default} if any(defaults) else {})}
    return "fingerprint", parts, fingerprint_of("fingerprint", hashed)


def _default_rule(report: Report, every: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, Parts]:
    if not all(map(generic.is_entry, own)):
        return _by_frames("in_app", report, own)
    if every:
        telling = [name for name in every if not generic.is_generic(name)]
        return _by_frames("frames", report, telling[:FRAMES_MAX] or every[:FRAMES_MAX])
    said = templates.template(report.exception_value or report.message)
    if report.exception_type:
        return "type_message", {"exception": _kinds(report), "message": said}
    if said:
        return "message", {"message": said}
    return "place", {"place": _NUMBER.sub("<n>", report.transaction)}


def _by_frames(rule: str, report: Report, names: tuple[str, ...] | list[str]) -> tuple[str, Parts]:
    """Frames that name no function, or are machinery alone, need the message beside them to tell problems apart."""
    parts = {"exception": _kinds(report), "frames": list(names)}
    if any(_is_telling(name) for name in names):
        return rule, parts
    return f"{rule}_message", {**parts, "message": templates.template(report.exception_value or report.message)}


@lru_cache(maxsize=frames.CACHE_MAX)
def _is_telling(name: str) -> bool:
    return not (name.endswith(frames.ANONYMOUS) or generic.is_generic(name) or generic.is_entry(name))


def _kinds(report: Report) -> list[str]:
    """The types of the exceptions, the outermost first."""
    types = (report.exception_type, *(cause["type"] for cause in report.causes))
    return [_kind(name) for name in types if name]


def _kind(text: str) -> str:
    """Types are names; some platforms put addresses into them."""
    return _ADDRESS.sub("<hex>", text) if "0x" in text else text
