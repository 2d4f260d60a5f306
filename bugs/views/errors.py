"""Errors over REST: reports and groups, of everything that a caller may see or of one bug."""

from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.ingest.door import native
from bugs.ingest.outcomes import ACCEPTED
from bugs.models import ErrorReport
from bugs.selectors import errors, outcomes, reports
from bugs.serializers import errors as serializers
from bugs.serializers.reporting import ReportResultSerializer, ReportResultsSerializer
from bugs.views import parameters, raw_texts, reporting
from bugs.views.conventions import found
from config.api.pagination import Found, Place, paginate_found
from config.api.problems import not_found
from config.api.views import ViewSet, identifier

UUIDS = "[0-9a-fA-F-]{32,36}"
NAMES = "[0-9A-Za-z-]{1,40}"


class ErrorViewSet(ViewSet):
    """Error reports: EnhancedErrorReport of the specification."""

    queryset = ErrorReport.objects.none()
    serializer_class = serializers.ErrorSerializer
    filter_backends = []
    lookup_value_regex = UUIDS
    parser_classes = [native.ReportsParser]
    requires = {"list": "error.read", "retrieve": "error.read", "create": "error.write", "raw": "pii.read"}
    costs = {"create": 5}

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

    @extend_schema(summary="Read an error report as it came", description=raw_texts.DESCRIPTION)
    @action(detail=True)
    def raw(self, request: Request, pk: str) -> Response:
        report_id = identifier(pk)
        project_id = errors.project_of(self.principal, report_id)
        if project_id is None:
            raise not_found()
        return raw_texts.answer(request, project_id=project_id, target="error", document=reports.raw, row=report_id)

    @extend_schema(
        parameters=[reporting.PROJECT],
        request=reporting.REQUEST,
        responses={201: ReportResultSerializer, 200: ReportResultsSerializer},
        summary="Report errors",
        description=reporting.DESCRIPTION,
    )
    def create(self, request: Request) -> Response:
        sent = reporting.Sent.of(request.data)
        project = sent.project or request.query_params.get("project", "")
        results = native.accept(sent.reports, by=self.principal, project=project)
        bugs = outcomes.references({result.bug_id for result in results if result.bug_id})
        rows = [reporting.row(result, bugs) for result in results]
        if not sent.is_one:
            return Response({"results": rows})
        reporting.check(results[0])
        if results[0].outcome != ACCEPTED:
            return Response(rows[0])
        location = request.build_absolute_uri(f"/api/v1/errors/{results[0].id}/")
        return Response(rows[0], status=201, headers={"Location": location})


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


def page_of_reports(request: Request, projects: list[UUID], wanted: errors.Wanted) -> Response:
    def find(start: Place | None, back: bool, limit: int) -> Found:
        ids, end = errors.find(projects, wanted, start=start[1] if start else None, back=back, limit=limit)
        return Found([(None, report_id) for report_id in ids], (None, end) if end else None)

    return paginate_found(request, find, lambda ids: _fragments(reports.documents_of(ids)))


def _fragments(texts: list[str]) -> list[Any]:
    return [orjson.Fragment(text) for text in texts]
