"""Errors over REST: reports and groups, of everything that a caller may see or of one bug."""

from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import ErrorGroup, ErrorReport
from bugs.selectors import errors, groups, reports
from bugs.serializers import errors as serializers
from bugs.views import parameters
from bugs.views.conventions import found, identifier
from config.api.pagination import Found, Place, paginate, paginate_found
from config.api.problems import not_found
from config.api.views import ViewSet

UUIDS = "[0-9a-fA-F-]{32,36}"
NAMES = "[0-9A-Za-z-]{1,40}"


class ErrorViewSet(ViewSet):
    """Error reports: EnhancedErrorReport of the specification."""

    queryset = ErrorReport.objects.none()
    serializer_class = serializers.ErrorSerializer
    filter_backends = []
    lookup_value_regex = UUIDS
    requires = {"list": "error.read", "retrieve": "error.read"}

    @extend_schema(
        parameters=[serializers.ErrorParametersSerializer],
        responses=serializers.ErrorSerializer(many=True),
        summary="List error reports",
        description=(
            f"Newest first, as they came in. One page looks at {errors.SCAN_MAX} reports at most, so a page of a rare "
            "filter may be short or empty and still have a `next`."
        ),
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.ErrorParametersSerializer)
        projects = errors.projects_for(self.principal, asked.pop("project", ""))
        return page_of_reports(request, projects, errors.Wanted(**asked))

    @extend_schema(summary="Read an error report")
    def retrieve(self, request: Request, pk: str) -> Response:
        report_id = identifier(pk)
        if not errors.exists(self.principal, report_id):
            raise not_found()
        return Response(orjson.Fragment(reports.documents_of([report_id])[0]))


class ErrorGroupViewSet(ViewSet):
    """Groups of error reports that are the same problem."""

    queryset = ErrorGroup.objects.none()
    serializer_class = serializers.ErrorGroupSerializer
    filter_backends = []
    lookup_value_regex = UUIDS
    requires = {"list": "error.read", "retrieve": "error.read", "reports": "error.read"}

    @extend_schema(
        parameters=[serializers.GroupParametersSerializer],
        responses=serializers.ErrorGroupSerializer(many=True),
        summary="List groups of errors",
        description="Those seen last come first.",
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.GroupParametersSerializer)
        projects = errors.projects_for(self.principal, asked.pop("project", ""))

        def find(start: Place | None, back: bool, limit: int) -> Found:
            return Found(groups.find(projects, **asked, start=start, back=back, limit=limit))

        return paginate_found(request, find, lambda ids: _fragments(groups.documents_of(ids)))

    @extend_schema(summary="Read a group of errors")
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(orjson.Fragment(groups.documents_of([self._found(pk)])[0]))

    @extend_schema(responses=serializers.ErrorSerializer(many=True), summary="List the error reports of a group")
    @action(detail=True, url_path="errors")
    def reports(self, request: Request, pk: str) -> Response:
        group_id = self._found(pk)
        projects = list(groups.groups_for(self.principal).filter(pk=group_id).values_list("project_id", flat=True))
        return page_of_reports(request, projects, errors.Wanted(group=group_id))

    def _found(self, pk: str) -> UUID:
        group_id = identifier(pk)
        if not groups.exists(self.principal, group_id):
            raise not_found()
        return group_id


class BugErrorViewSet(ViewSet):
    """The error reports behind one bug."""

    queryset = ErrorReport.objects.none()
    serializer_class = serializers.ErrorSerializer
    filter_backends = []
    requires = {"list": "error.read"}

    @extend_schema(responses=serializers.ErrorSerializer(many=True), summary="List the error reports of a bug")
    def list(self, request: Request, bug: str) -> Response:
        bug_id = found(self.principal, bug)

        def find(start: Place | None, back: bool, limit: int) -> Found:
            before = start[1] if start else None
            ids = reports.newest(bug_id, principal=self.principal, start=before, back=back, limit=limit)
            return Found([(None, report_id) for report_id in ids])

        return paginate_found(request, find, lambda ids: _fragments(reports.documents_of(ids)))


class BugGroupViewSet(ViewSet):
    """The groups of errors behind one bug."""

    queryset = ErrorGroup.objects.none()
    serializer_class = serializers.ErrorGroupSerializer
    filter_backends = []
    requires = {"list": "error.read"}

    @extend_schema(responses=serializers.ErrorGroupSerializer(many=True), summary="List the groups of errors of a bug")
    def list(self, request: Request, bug: str) -> Response:
        mine = groups.groups_for(self.principal).filter(bug_id=found(self.principal, bug))
        return paginate(
            request, mine, order="-last_seen_at", render=lambda _, ids: _fragments(groups.documents_of(ids))
        )


def page_of_reports(request: Request, projects: list[UUID], wanted: errors.Wanted) -> Response:
    def find(start: Place | None, back: bool, limit: int) -> Found:
        ids, end = errors.find(projects, wanted, start=start[1] if start else None, back=back, limit=limit)
        return Found([(None, report_id) for report_id in ids], (None, end) if end else None)

    return paginate_found(request, find, lambda ids: _fragments(reports.documents_of(ids)))


def _fragments(texts: list[str]) -> list[Any]:
    return [orjson.Fragment(text) for text in texts]
