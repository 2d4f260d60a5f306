"""What this app publishes: facts about exports, never what is in them."""

from typing import Any

from audit import log
from audit.actors import Principal
from exports.models import Export


def requested(export: Export, *, by: Principal) -> None:
    _of_export("export.requested", export, by=by)


def completed(export: Export, *, by: Principal) -> None:
    _of_export("export.completed", export, by=by)


def failed(export: Export, *, by: Principal) -> None:
    _of_export("export.failed", export, by=by)


def revoked(export: Export, *, by: Principal) -> None:
    _of_export("export.revoked", export, by=by)


def progress(export: Export) -> None:
    """For whoever watches now; nothing is kept."""
    data = {**_data(export), "state": export.state, "rows_total": export.rows_total}
    log.announce("export.progress", subject=f"export:{export.pk}", project_id=export.project_ids[0], data=data)


def _of_export(event_type: str, export: Export, *, by: Principal) -> None:
    log.record(event_type, subject=f"export:{export.pk}", project_id=export.project_ids[0], by=by, data=_data(export))


def _data(export: Export) -> dict[str, Any]:
    """With what those must have in common who may know of it: as `selectors.exports_for` asks for it."""
    data = {"export_id": str(export.pk), "format": export.format, "rows": export.rows_done}
    if len(export.project_ids) > 1:
        data["project_ids"] = [str(project_id) for project_id in export.project_ids]
    if export.purpose:
        data["is_raw"] = True
    return data
