"""Whether an error came back after its fix, or is only still met by those who have not got the fix."""

from datetime import datetime
from uuid import UUID

from bugs import versions
from bugs.ingest.digest.batch import Group, happened_at
from bugs.ingest.reading.normalize import Report
from bugs.models import Release


def is_back(project_id: UUID, group: Group, resolved_at: datetime) -> bool:
    """Whether a report of the batch happened after its bug was resolved, in a release later than all it was met in.

    Without a release, of the report or of the group before, the time alone decides.
    """
    after = [report for report in group.reports if happened_at(report) > resolved_at]
    return any(_is_later(project_id, group, report, resolved_at) for report in after)


def _is_later(project_id: UUID, group: Group, report: Report, resolved_at: datetime) -> bool:
    if not report.release or not group.last_release:
        return True
    later = versions.is_later(report.release, group.last_release)
    return _is_younger(project_id, group, report.release, resolved_at) if later is None else later


def _is_younger(project_id: UUID, group: Group, version: str, resolved_at: datetime) -> bool:
    """Names that cannot be compared: a release that nobody had heard of before the fix is later."""
    if version == group.last_release:
        return False
    known = Release.objects.filter(project_id=project_id, version=version, created_at__lte=resolved_at)
    return not known.exists()
