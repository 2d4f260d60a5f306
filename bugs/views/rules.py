"""Assignment and escalation rules of a project over REST."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import AssignmentRule, EscalationRule
from bugs.selectors import rules as selectors
from bugs.serializers import projects as serializers
from bugs.services import rules
from bugs.views.conventions import domain_errors
from bugs.views.projects import project_of
from config.api.problems import Problem, not_found
from config.api.views import ViewSet, identifier


class RuleViewSet(ViewSet):
    """What both kinds of rules have in common."""

    lookup_value_regex = "[0-9a-fA-F-]{36}"
    requires = {
        "list": "project.read",
        "retrieve": "project.read",
        "create": "project.manage",
        "partial_update": "project.manage",
        "destroy": "project.manage",
    }
    kind: ClassVar[rules.Kind]
    shape: ClassVar[Any]

    def rows(self, project_id: UUID, rule_id: UUID | None = None) -> "list[dict[str, Any]]":
        """The rules of a project as plain values, or the one rule."""
        raise NotImplementedError

    def list(self, request: Request, key: str) -> Response:
        return Response({"results": self.rows(project_of(self.principal, key))})

    def retrieve(self, request: Request, key: str, pk: str) -> Response:
        return Response(self._row(project_of(self.principal, key), identifier(pk)))

    def create(self, request: Request, key: str) -> Response:
        fields = self.checked(self.shape)
        project_id = project_of(self.principal, key)
        with domain_errors():
            try:
                rule = rules.add(project_id, self.kind, fields=fields, by=self.principal)
            except rules.TooManyRules:
                detail = f"A project has {rules.MAX_RULES} rules of a kind at most."
                raise Problem(409, "too_many_rules", detail) from None
        return Response(self._row(project_id, rule.pk), status=201)

    def partial_update(self, request: Request, key: str, pk: str) -> Response:
        changes = self.checked(self.shape, partial=True)
        project_id = project_of(self.principal, key)
        with domain_errors():
            rules.change(project_id, self.kind, identifier(pk), changes=changes, by=self.principal)
        return Response(self._row(project_id, identifier(pk)))

    def destroy(self, request: Request, key: str, pk: str) -> Response:
        project_id = project_of(self.principal, key)
        with domain_errors():
            rules.remove(project_id, self.kind, identifier(pk), by=self.principal)
        return Response(status=204)

    def _row(self, project_id: UUID, rule_id: UUID) -> dict[str, Any]:
        for row in self.rows(project_id, rule_id):
            return row
        raise not_found()


_answer = serializers.AssignmentRuleAnswerSerializer


@extend_schema_view(
    list=extend_schema(responses=_answer(many=True), summary="List assignment rules"),
    retrieve=extend_schema(responses=_answer, summary="Read an assignment rule"),
    create=extend_schema(
        request=serializers.AssignmentRuleSerializer, responses={201: _answer}, summary="Add an assignment rule"
    ),
    partial_update=extend_schema(
        request=serializers.AssignmentRuleSerializer, responses=_answer, summary="Edit an assignment rule"
    ),
    destroy=extend_schema(summary="Delete an assignment rule"),
)
class AssignmentRuleViewSet(RuleViewSet):
    """New bugs go to someone by their component or the path of the code that failed."""

    queryset = AssignmentRule.objects.none()
    serializer_class = _answer
    kind = "assignment"
    shape = serializers.AssignmentRuleSerializer

    def rows(self, project_id: UUID, rule_id: UUID | None = None) -> "list[dict[str, Any]]":
        return selectors.assignment_rows(project_id, rule_id)


_escalation = serializers.EscalationRuleAnswerSerializer


@extend_schema_view(
    list=extend_schema(responses=_escalation(many=True), summary="List escalation rules"),
    retrieve=extend_schema(responses=_escalation, summary="Read an escalation rule"),
    create=extend_schema(
        request=serializers.EscalationRuleSerializer, responses={201: _escalation}, summary="Add an escalation rule"
    ),
    partial_update=extend_schema(
        request=serializers.EscalationRuleSerializer, responses=_escalation, summary="Edit an escalation rule"
    ),
    destroy=extend_schema(summary="Delete an escalation rule"),
)
class EscalationRuleViewSet(RuleViewSet):
    """Open bugs that match a filter become more severe."""

    queryset = EscalationRule.objects.none()
    serializer_class = _escalation
    kind = "escalation"
    shape = serializers.EscalationRuleSerializer

    def rows(self, project_id: UUID, rule_id: UUID | None = None) -> "list[dict[str, Any]]":
        return selectors.escalation_rows(project_id, rule_id)
