"""A bug for a group of errors that stands alone and has none, made of its newest report."""

from collections.abc import Mapping, Sequence
from typing import Any

from audit.actors import SYSTEM
from bugs.choices import BugsFrom, BugType, Level, Severity
from bugs.models import Bug, ErrorGroup
from bugs.services import bugs, indexing


def bears(bugs_from: str, level: str) -> bool:
    """Whether a new group of that level bears a bug in a project with that setting."""
    return (bugs_from != BugsFrom.NONE and level == Level.FATAL) or (
        bugs_from == BugsFrom.ERROR and level == Level.ERROR
    )


def file(group: ErrorGroup, report: Mapping[str, Any], *, severity: str = "", component: str = "") -> Bug | None:
    """File a bug when the project wants one of such a group, which must be held; report: as it is shown.

    severity, component: what a rule says of it, before what the report says.
    """
    if not bears(group.project.bugs_from, group.level):
        return None
    exception = report.get("exception") or {}
    bug = of_error(
        project_id=group.project_id,
        title=group.title,
        said=exception.get("value") or report.get("message") or "",
        culprit=group.culprit,
        level=group.level,
        is_handled=exception.get("handled") is not False,
        severity=severity,
        frames=report.get("frames") or [],
        component=component or report.get("component") or "",
        environment=report.get("environment") or "",
        release=report.get("release") or "",
        error_count=group.reports,
        user_count=group.users,
        last_error_at=group.last_seen_at,
    )
    group.bug = bug
    group.save(update_fields=["bug"])
    indexing.reindex(bug.pk)
    return bug


def of_error(
    *,
    title: str,
    said: str,
    culprit: str,
    level: str,
    is_handled: bool,
    severity: str,
    frames: Sequence[Mapping[str, Any]],
    **fields: Any,
) -> Bug:
    """The bug that an error becomes; `fields` are those of a bug. Without a rule a crash is more severe."""
    is_crash = level == Level.FATAL or not is_handled
    return bugs.report(
        by=SYSTEM,
        title=title,
        description="\n\n".join(part for part in (said, f"In {culprit}." if culprit else "") if part),
        bug_type=BugType.CRASH if is_crash else BugType.FUNCTIONAL,
        severity=severity or (Severity.HIGH if is_crash else Severity.MEDIUM),
        error_level=level,
        path=_path(frames),
        **fields,
    )


def _path(frames: Sequence[Mapping[str, Any]]) -> str:
    """Of the innermost frame of the program's own code, or the innermost."""
    own = [frame for frame in frames if frame.get("in_app")] or frames
    return (own[-1].get("filename") or "") if own else ""
