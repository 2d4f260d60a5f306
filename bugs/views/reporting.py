"""What `POST /errors/` takes and answers, told to the API's documentation and back to whoever sent it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer

from bugs.ingest.door import native
from bugs.ingest.outcomes import INVALID
from bugs.serializers import reporting as serializers
from config.api.problems import Problem, unknown_project

PROJECT = OpenApiParameter("project", str, description="The key of the project for reports that name none.")
REQUEST = PolymorphicProxySerializer(
    component_name="NewErrorOrBatch",
    serializers=[
        serializers.NewErrorSerializer,
        serializers.NewErrorSerializer(many=True),
        serializers.NewErrorsSerializer,
    ],
    resource_type_field_name=None,
    many=False,
)
DESCRIPTION = (
    f'One report, a list of them, or `{{"reports": […]}}`, up to {native.REPORTS_MAX:,}. They are kept when the answer '
    "comes. One that is new is answered with 201, one that was sent before with 200, a list with 200 and a result for "
    "each. A field that is not as it must be is left out and named, the report is kept."
)


@dataclass(frozen=True, slots=True)
class Sent:
    """The reports of a body, and the project for those that name none."""

    reports: Sequence[Any]
    project: str = ""
    is_one: bool = False

    @classmethod
    def of(cls, body: Any) -> "Sent":
        """Raises Problem."""
        sent = cls._of(body)
        if len(sent.reports) > native.REPORTS_MAX:
            detail = f"One call takes {native.REPORTS_MAX} reports at most."
            raise Problem(400, "too_many_reports", detail, pointer="" if isinstance(body, list) else "/reports")
        return sent

    @classmethod
    def _of(cls, body: Any) -> "Sent":
        if isinstance(body, list):
            return cls(body)
        if not isinstance(body, dict) or "reports" not in body:
            return cls([body], is_one=True)
        if not isinstance(body["reports"], list):
            raise Problem(400, "invalid", "Reports are a list.", pointer="/reports")
        return cls(body["reports"], _project(body.get("project")))


def row(result: native.Result, bugs: Mapping[UUID, str]) -> dict[str, Any]:
    """bugs: their references."""
    return {
        "event_id": result.event_id,
        "outcome": result.outcome,
        "reason": result.reason,
        "id": result.id,
        "group_id": result.group_id,
        "bug": bugs.get(result.bug_id) if result.bug_id else None,
        "errors": result.errors,
    }


def check(result: native.Result) -> None:
    """Refuses a lone report the way every write is refused. Raises Problem."""
    if result.outcome != INVALID:
        return
    match result.reason:
        case native.NOT_ALLOWED:
            raise Problem(403, "not_allowed", "This credential may not report errors there.", pointer="/project")
        case native.UNKNOWN_PROJECT:
            raise unknown_project()
    raise Problem(400, "invalid", "A report is a JSON object that says something.")


def _project(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise Problem(400, "invalid", "A project is named by its key.", pointer="/project")
