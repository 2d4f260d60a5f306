"""What rules would do to reports that are stored already. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from bugs.grouping_rules import Rule, Rules
from bugs.ingest.grouping import rules as matching
from bugs.ingest.grouping import stored

EXAMPLES = 10
Document = Mapping[str, Any]


def of(rules: Rules, documents: Sequence[Document], fingerprints: Mapping[UUID, str]) -> dict[str, Any]:
    """How many of the reports would fall under which rule, and where they would go.

    documents: reports, newest first. fingerprints: of the groups that they are in.
    """
    found = [tried for document in documents if (tried := _tried(rules, document, fingerprints))]
    kept = [tried for _, tried in found if not tried["is_ignored"]]
    counts = Counter(rule.id for rule, _ in found)
    return {
        "looked_at": len(documents),
        "matched": len(found),
        "ignored": len(found) - len(kept),
        "moved": sum(tried["moves"] for tried in kept),
        "groups": len({tried["group_id"] for _, tried in found}),
        "groups_then": len({tried["fingerprint"] for tried in kept}),
        "rules": [{"name": rule.name, "matched": counts[rule.id]} for rule in rules],
        "examples": [tried for _, tried in found[:EXAMPLES]],
    }


def _tried(rules: Rules, document: Document, fingerprints: Mapping[UUID, str]) -> tuple[Rule, dict[str, Any]] | None:
    identity, rule = matching.identify(rules, stored.report_of(document))
    if rule is None:
        return None
    here = fingerprints.get(UUID(document["group_id"]))
    return rule, {
        "id": document["id"],
        "group_id": document["group_id"],
        "title": identity.title,
        "rule": rule.name,
        "fingerprint": identity.fingerprint,
        "moves": not rule.is_ignored and identity.fingerprint != here,
        "is_ignored": rule.is_ignored,
    }
