"""Which commits may have to do with a bug: those of the release that showed it first, matched with its stack."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import QuerySet

from audit.actors import Principal
from audit.identifiers import first_of
from bugs import suspects
from bugs.models import CodeChange, Release
from bugs.selectors import releases, reports
from bugs.suspects import Frame, Suspect

REPORTS_MAX = 5  # the oldest of the bug's groups that are kept
RESULTS_MAX, MATCHES_MAX = 20, 10
BEFORE_MAX = 20  # releases looked at for one with commits, when that of the bug has none
BASES = ("release", "unreleased", "previous_release", "none")


class Basis(NamedTuple):
    """Whose commits are looked at."""

    name: str
    version: str
    commits: list[dict[str, Any]]


def of_bug(bug_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """Suspects for a bug that a gate let through, most suspect first; none where nobody knows of commits or stacks."""
    groups = reports.groups_of(bug_id, principal=principal)
    oldest = _oldest(bug_id, principal) if groups else []
    version = next((report["release"] for report in oldest if report.get("release")), "")
    basis = _basis(groups.project_id, version, groups.since) if groups else Basis("none", "", [])
    ranked = suspects.rank(_frames(oldest), basis.commits, since=groups.since) if groups else []
    return {
        "release": version or None,
        "basis": basis.name,
        "basis_release": basis.version or None,
        "reports": len(oldest),
        "commits": len(basis.commits),
        "results": [_document(suspect) for suspect in ranked[:RESULTS_MAX]],
    }


def _oldest(bug_id: UUID, principal: Principal) -> list[dict[str, Any]]:
    ids = reports.newest(bug_id, principal=principal, limit=REPORTS_MAX, back=True)
    texts = reports.documents_by_id(ids)
    return [orjson.loads(texts[report_id]) for report_id in ids if report_id in texts]


def _frames(oldest: list[dict[str, Any]]) -> list[Frame]:
    """The stack of the first report that has one."""
    found: list[Frame] = next((report["frames"] for report in oldest if report.get("frames")), [])
    return found


def _basis(project_id: UUID, version: str, since: datetime) -> Basis:
    """The release's own commits; else what was pushed before and waits; else those of the release before."""
    release = Release.objects.filter(project_id=project_id, version=version).first() if version else None
    if release and (commits := releases.changes_of(release.pk)):
        return Basis("release", version, commits)
    waiting = CodeChange.objects.filter(project_id=project_id, release=None, id__lt=first_of(since)).order_by("-id")
    if commits := _commits(waiting):
        return Basis("unreleased", "", commits)
    before = Release.objects.filter(project_id=project_id, created_at__lte=release.created_at if release else since)
    for pk, name in before.order_by("-created_at", "-id").values_list("pk", "version")[:BEFORE_MAX]:
        if name != version and (commits := releases.changes_of(pk)):
            return Basis("previous_release", name, commits)
    return Basis("none", "", [])


def _commits(changes: QuerySet[CodeChange]) -> list[dict[str, Any]]:
    return [dict(row) for row in changes.values(*releases.CHANGE_FIELDS)[: releases.CHANGES_MAX]]


def _document(suspect: Suspect) -> dict[str, Any]:
    commit = {name: suspect.commit[name] for name in releases.CHANGE_FIELDS if name != "files"}
    matches = [
        {
            "file": match.file,
            "filename": match.frame.get("filename") or match.frame.get("abs_path") or "",
            "function": match.frame.get("function") or "",
            "line": match.frame.get("lineno"),
            "depth": match.depth,
            "is_by_name": match.worth < 1,
        }
        for match in suspect.matches[:MATCHES_MAX]
    ]
    return {**commit, "score": suspect.score, "matches": matches}
