"""Why a report is in its group, over REST."""

from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.ingest.grouping import why
from bugs.models import ErrorGroup, ErrorReport, GroupingRule
from bugs.selectors import errors, grouping_rules, groups, reports
from bugs.serializers.groups import GroupingExplanationSerializer
from bugs.views.errors import UUIDS
from config.api.problems import not_found
from config.api.views import ViewSet, identifier


class GroupingExplanationViewSet(ViewSet):
    """What decided which group a report is in."""

    queryset = ErrorReport.objects.none()
    serializer_class = GroupingExplanationSerializer
    filter_backends = []
    lookup_value_regex = UUIDS
    requires = {"grouping": "error.read"}

    @extend_schema(
        summary="Read why a report is in its group",
        description="The rule and the parts that decided when it came, what today's rules would decide, and how its "
        "group came to stand behind another.",
    )
    @action(detail=True)
    def grouping(self, request: Request, pk: str) -> Response:
        report_id = identifier(pk)
        if not errors.exists(self.principal, report_id):
            raise not_found()
        document = orjson.loads(reports.documents_of([report_id])[0])
        group = ErrorGroup.objects.defer("context", "context_words").get(pk=document["group_id"])
        found = why.of(document, grouping_rules.load(group.project_id), group.fingerprint)
        heading = {"report": report_id, "group_id": group.pk, "title": group.title}
        return Response({**heading, **found, "custom_rule": _custom_rule(found), "behind": _behind(group, document)})


def _custom_rule(found: dict[str, Any]) -> dict[str, Any] | None:
    """The rule of the project that decided, which may be gone."""
    rule_id = found["parts"].get("rule") if found["rule"] == "rule" else None
    if rule_id is None:
        return None
    return {"id": rule_id, "name": GroupingRule.objects.filter(pk=rule_id).values_list("name", flat=True).first()}


def _behind(group: ErrorGroup, document: dict[str, Any]) -> dict[str, Any] | None:
    if group.merged_into_id is None:
        return None
    move = groups.move_behind(group.pk)
    return {
        "id": group.merged_into_id,
        "title": ErrorGroup.objects.values_list("title", flat=True).get(pk=group.merged_into_id),
        **{name: getattr(move, name, None) for name in ("kind", "similarity", "actor", "moved_at")},
        "frames": _shared(group.project_id, group.merged_into_id, document),
    }


def _shared(project_id: UUID, head_id: UUID, document: dict[str, Any]) -> list[str]:
    newest = groups.newest_document(project_id, head_id)
    return why.shared_frames(document, orjson.loads(newest)) if newest else []
