"""Bugs over REST: list, read, report, edit, move, assign, delete."""

from uuid import UUID

import orjson
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit import selectors as history
from bugs import selectors, services
from bugs.choices import Status
from bugs.filters import BugFilter
from bugs.models import Bug, User
from bugs.serializers import bugs as serializers
from bugs.views.conventions import domain_errors, found
from config.api.pagination import paginate
from config.api.problems import Problem, not_found
from config.api.views import ViewSet

ORDERINGS = ("-created_at", "created_at", "-updated_at", "updated_at")
ORDERING = OpenApiParameter("ordering", str, enum=list(ORDERINGS), description="`-` is descending.")
LIMIT = OpenApiParameter("limit", int, description="1 to 200, 50 without it.")
CURSOR = OpenApiParameter("cursor", str, description="From `next` or `previous` of a page.")


@extend_schema_view(
    list=extend_schema(
        parameters=[ORDERING, LIMIT, CURSOR],
        responses=serializers.BugPageSerializer(many=False),
        summary="List bugs",
    )
)
class BugViewSet(ViewSet):
    """Bugs: the human report and the machine's errors in one record."""

    queryset = Bug.objects.none()
    filterset_class = BugFilter
    serializer_class = serializers.BugSerializer
    lookup_value_regex = "[0-9A-Za-z-]{1,40}"
    requires = {
        "list": "bug.read",
        "retrieve": "bug.read",
        "create": "bug.create",
        "partial_update": "bug.edit",
        "destroy": "bug.delete",
        "restore": "bug.restore",
        "move": "bug.edit",
        "assign": "bug.edit",
        "history": "bug.read",
        "errors": "bug.read",
    }

    def list(self, request: Request) -> Response:
        order = request.query_params.get("ordering", "-created_at")
        if order not in ORDERINGS:
            detail = f"Lists are ordered by one of: {', '.join(ORDERINGS)}."
            raise Problem(400, "invalid_ordering", detail, pointer="/ordering")
        bugs: QuerySet[Bug] = self.filter_queryset(selectors.bugs_for(self.principal))
        return paginate(request, bugs, order=order, render=lambda _, ids: _fragments(ids))

    @extend_schema(summary="Read a bug")
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._document(found(self.principal, pk))

    @extend_schema(
        request=serializers.BugReportSerializer,
        responses={201: serializers.BugSerializer},
        summary="Report a bug",
    )
    def create(self, request: Request) -> Response:
        report = self.checked(serializers.BugReportSerializer)
        project_id = selectors.project_by_key(self.principal, report.pop("project"))
        if project_id is None:
            raise Problem(400, "unknown_project", "There is no such project, or it is not yours.", pointer="/project")
        with domain_errors():
            if "assignee" in report:
                report["assignee"] = services.member(project_id, report["assignee"])
            bug = services.report(project_id=project_id, by=self.principal, **report)
        response = self._document(bug.pk, status=201)
        response["Location"] = request.build_absolute_uri(f"/api/v1/bugs/{bug.pk}/")
        return response

    @extend_schema(request=serializers.BugChangesSerializer, summary="Edit a bug")
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = self.checked(serializers.BugChangesSerializer, partial=True)
        with domain_errors():
            bug = services.edit(
                found(self.principal, pk), changes=changes, by=self.principal, version=self.expected_version()
            )
        return self._document(bug.pk)

    @extend_schema(summary="Delete a bug")
    def destroy(self, request: Request, pk: str) -> Response:
        with domain_errors():
            services.delete(found(self.principal, pk), by=self.principal, version=self.expected_version())
        return Response(status=204)

    @extend_schema(request=None, summary="Bring a deleted bug back")
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        bug_id = selectors.find_deleted(self.principal, pk)
        if bug_id is None:
            raise not_found()
        with domain_errors():
            services.restore(bug_id, by=self.principal)
        return self._document(bug_id)

    @extend_schema(request=serializers.StatusMoveSerializer, summary="Move a bug along its lifecycle")
    @action(detail=True, methods=["post"], url_path="status")
    def move(self, request: Request, pk: str) -> Response:
        move = self.checked(serializers.StatusMoveSerializer)
        with domain_errors():
            bug = services.change_status(
                found(self.principal, pk),
                to=Status(move["to"]),
                resolution=move.get("resolution"),
                notes=move.get("notes", ""),
                by=self.principal,
                version=self.expected_version(),
            )
        return self._document(bug.pk)

    @extend_schema(request=serializers.AssignmentSerializer, summary="Assign a bug, or take it from its assignee")
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        name = self.checked(serializers.AssignmentSerializer)["assignee"]
        bug_id = found(self.principal, pk)
        with domain_errors():
            assignee = None if name is None else User.objects.filter(username=name).first()
            if name is not None and assignee is None:
                raise services.NotAMember(name)
            services.assign(bug_id, assignee=assignee, by=self.principal, version=self.expected_version())
        return self._document(bug_id)

    @extend_schema(responses=serializers.BugEventSerializer(many=True), summary="The lifecycle of a bug")
    @action(detail=True, url_path="events")
    def history(self, request: Request, pk: str) -> Response:
        events = history.history_of(f"bug:{found(self.principal, pk)}")[:200]
        return Response({"results": list(events.values("id", "type", "actor", "occurred_at", "data"))})

    @extend_schema(responses=serializers.BugErrorSerializer(many=True), summary="The errors behind a bug")
    @action(detail=True)
    def errors(self, request: Request, pk: str) -> Response:
        columns = list(serializers.BugErrorSerializer().fields)
        return Response({"results": list(selectors.groups_of(found(self.principal, pk))[:20].values(*columns))})

    def _document(self, bug_id: UUID, *, status: int = 200) -> Response:
        texts = selectors.documents_of([bug_id])
        if not texts:
            raise not_found()
        version = orjson.loads(texts[0])["version"]
        return Response(orjson.Fragment(texts[0]), status=status, headers={"ETag": f'"{version}"'})


def _fragments(bug_ids: list[UUID]) -> list[orjson.Fragment]:
    return [orjson.Fragment(text) for text in selectors.documents_of(bug_ids)]
