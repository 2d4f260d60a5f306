"""Why a report is in its group: what decided when it came, and what would decide today. Pure."""

from collections.abc import Mapping
from typing import Any

from bugs.grouping_rules import Rule, Rules
from bugs.ingest.grouping import rules as matching
from bugs.ingest.grouping import stored
from bugs.ingest.grouping.identity import Grouping

FRAMES_MAX = 50
Document = Mapping[str, Any]


def of(document: Document, rules: Rules, fingerprint: str) -> dict[str, Any]:
    """What decided of a report, as it was kept beside it or made anew, and what would today.

    fingerprint: of the group that it is in.
    """
    identity, rule = matching.identify(rules, stored.report_of(document))
    kept = (document.get("meta") or {}).get("grouping") or {}
    reason, parts = (kept["reason"], kept["parts"]) if kept else (identity.reason, identity.parts)
    return {
        **_named(reason),
        "parts": parts,
        "is_kept": bool(kept),
        "fingerprint": fingerprint,
        "today": _today(identity, rule, fingerprint),
    }


def shared_frames(document: Document, other: Document) -> list[str]:
    """The frames that two reports have in common, innermost first, as grouping names them."""
    mine, theirs = (matching.identify((), stored.report_of(each))[0].outline for each in (document, other))
    both = set(theirs)
    return [name for name in dict.fromkeys(mine) if name in both][:FRAMES_MAX]


def _today(identity: Grouping, rule: Rule | None, fingerprint: str) -> dict[str, Any]:
    return {
        **_named(identity.reason),
        "parts": identity.parts,
        "fingerprint": identity.fingerprint,
        "custom_rule": {"id": str(rule.id), "name": rule.name} if rule else None,
        "is_same": identity.fingerprint == fingerprint,
    }


def _named(reason: str) -> dict[str, str]:
    version, _, rule = reason.partition(":")
    return {"version": version, "rule": rule}
