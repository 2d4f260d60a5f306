"""Grouping rules of a project over REST, and what they would do to the errors that are there."""

from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit.identifiers import uuid7
from bugs import grouping_rules, policy
from bugs.ingest.grouping import trial
from bugs.models import GroupingRule
from bugs.selectors import errors, groups, reports
from bugs.selectors import grouping_rules as selectors
from bugs.serializers import grouping_rules as serializers
from bugs.services import rules
from bugs.views.conventions import domain_errors
from bugs.views.projects import project_of
from bugs.views.rules import RuleViewSet

_answer = serializers.GroupingRuleAnswerSerializer


@extend_schema_view(
    list=extend_schema(responses=_answer(many=True), summary="List grouping rules"),
    retrieve=extend_schema(responses=_answer, summary="Read a grouping rule"),
    create=extend_schema(
        request=serializers.GroupingRuleSerializer, responses={201: _answer}, summary="Add a grouping rule"
    ),
    partial_update=extend_schema(
        request=serializers.GroupingRuleSerializer, responses=_answer, summary="Edit a grouping rule"
    ),
    destroy=extend_schema(summary="Delete a grouping rule"),
)
class GroupingRuleViewSet(RuleViewSet):
    """New reports are grouped, rated or ignored as the project wants; stored ones stay until they are grouped anew."""

    queryset = GroupingRule.objects.none()
    serializer_class = _answer
    kind = "grouping"
    shape = serializers.GroupingRuleSerializer
    requires = {**RuleViewSet.requires, "test": "project.manage"}
    costs = {"test": 5}

    def rows(self, project_id: UUID, rule_id: UUID | None = None) -> "list[dict[str, Any]]":
        return selectors.rows(project_id, rule_id)

    @extend_schema(
        request=serializers.RuleTestSerializer,
        responses=serializers.RuleTestAnswerSerializer,
        summary="Try grouping rules",
        description="Over the newest reports of the project. Nothing is changed.",
    )
    @action(detail=False, methods=["post"])
    def test(self, request: Request, key: str) -> Response:
        asked = self.checked(serializers.RuleTestSerializer)
        project_id = project_of(self.principal, key)
        with domain_errors():
            policy.check(self.principal, "project.manage", project_id)
            tried = _tried(asked["rules"]) if "rules" in asked else selectors.load(project_id)
        ids, _ = errors.find([project_id], errors.Wanted(), limit=asked["limit"])
        documents = [orjson.loads(text) for text in reports.documents_of(ids)]
        fingerprints = groups.fingerprints_of({UUID(document["group_id"]) for document in documents})
        return Response(trial.of(tried, documents, fingerprints))


def _tried(given: list[dict[str, Any]]) -> grouping_rules.Rules:
    """Rules of a body, checked as if they were to be kept, in the order in which they would be tried."""
    checked = [_checked(fields, f"/rules/{place}") for place, fields in enumerate(given) if fields["is_active"]]
    ordered = sorted(checked, key=lambda fields: int(fields["position"]))
    return [grouping_rules.rule_of({**fields, "id": uuid7()}) for fields in ordered]


def _checked(fields: dict[str, Any], pointer: str) -> dict[str, Any]:
    try:
        return rules.checked_grouping(fields)
    except grouping_rules.BadRule as error:
        raise grouping_rules.BadRule(pointer + error.pointer, str(error)) from None
