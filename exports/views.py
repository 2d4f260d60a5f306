"""The doors to exports: request, watch, fetch, cancel."""

import base64
from collections.abc import Collection
from typing import Any, BinaryIO
from uuid import UUID

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from bugs import policy
from bugs import selectors as bugs_selectors
from config.api.pagination import paginate
from config.api.problems import Problem, not_found, unknown_project
from config.api.views import ViewSet, identifier
from exports import files, filters, ranges, selectors, services
from exports.formats import CONTENT_TYPES, Format
from exports.models import Export, State
from exports.serializers import ExportRequestSerializer, ExportSerializer, ManifestSerializer


class ExportViewSet(ViewSet):
    queryset = Export.objects.none()
    serializer_class = ExportSerializer
    lookup_value_regex = "[0-9a-f-]{36}"
    requires = dict.fromkeys(["list", "create", "retrieve", "download", "manifest", "cancel"], "export.create")
    costs = {"create": 20}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A download is what it is, whatever `Accept` says."""
        return super().perform_content_negotiation(request, force=force or self.action == "download")

    def list(self, request: Request) -> Response:
        exports = selectors.exports_for(self.principal)
        return paginate(request, exports, render=lambda rows, _: self.get_serializer(rows, many=True).data)

    @extend_schema(request=ExportRequestSerializer, responses={202: ExportSerializer})
    def create(self, request: Request) -> Response:
        asked = ExportRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        export = self._request(asked.validated_data)
        selectors.touched(export)
        location = self.reverse_action("detail", args=[export.pk])
        return Response(self.get_serializer(export).data, status=202, headers={"Location": location})

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.get_serializer(self._find(pk)).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def download(self, request: Request, pk: str) -> HttpResponseBase:
        export = self._find_ready(pk)
        note = access.of(request._request)
        note.rows, note.durable = export.rows_done, True
        note.data_class = "raw" if export.purpose else ""
        part = self._part(export)
        response = _whole(export) if part is None else _part_of(export, part)
        return _describe(response, export)

    @extend_schema(responses=ManifestSerializer)
    @action(detail=True)
    def manifest(self, request: Request, pk: str) -> Response:
        return Response(ManifestSerializer(self._find_ready(pk)).data)

    @extend_schema(request=None, responses=ExportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        try:
            export = services.cancel(identifier(pk), by=self.principal)
        except services.NotThere:
            raise not_found() from None
        except services.AlreadyFinished as reason:
            raise Problem(409, "export_finished", str(reason)) from None
        return Response(self.get_serializer(export).data)

    def _request(self, asked: dict[str, Any]) -> Export:
        try:
            return services.request_export(
                by=self.principal,
                project_ids=self._projects(asked.get("project")),
                format=Format(asked["format"]),
                filters=asked.get("filters"),
                fields=asked.get("fields", ()),
                purpose=asked.get("purpose", ""),
            )
        except policy.Refused as reason:
            raise Problem(403, "role_missing", str(reason)) from None
        except filters.BadFilters as reason:
            name, problem = next(iter(reason.problems.items()))
            raise Problem(400, "invalid_filter", problem, pointer=f"/filters/{name[:40]}") from None
        except services.TooManyExports as reason:
            raise Problem(409, "too_many_exports", str(reason)) from None

    def _projects(self, key: str | None) -> Collection[UUID]:
        if key is None:
            return policy.projects(self.principal, "export.create")
        project_id = bugs_selectors.project_by_key(self.principal, key)
        if project_id is None:
            raise unknown_project()
        return [project_id]

    def _find(self, pk: str) -> Export:
        export = selectors.exports_for(self.principal).filter(pk=identifier(pk)).first()
        if export is None:
            raise not_found()
        selectors.touched(export)
        return export

    def _find_ready(self, pk: str) -> Export:
        export = self._find(pk)
        if export.state == State.REVOKED or selectors.is_taken_back(export):
            raise Problem(409, "consent_withdrawn", "Someone took back what this export needed. Request it anew.")
        if export.state != State.READY:
            raise Problem(409, "export_not_ready", f"This export is {export.state}; there is no file.")
        return export

    def _part(self, export: Export) -> ranges.Part | None:
        """`If-Range` with another file's tag asks for the whole."""
        if self.request.headers.get("If-Range", _tag(export)) != _tag(export):
            return None
        size = export.size or 0
        try:
            return ranges.asked(self.request.headers.get("Range"), size)
        except ranges.Unsatisfiable:
            headers = {"Content-Range": f"bytes */{size}"}
            raise Problem(416, "range_not_satisfiable", f"The file has {size} bytes.", headers=headers) from None


def _tag(export: Export) -> str:
    return f'"{export.sha256}"'


def _digest(export: Export) -> str:
    """As RFC 9530 writes it."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(export.sha256)).decode()}:"


def _opened(export: Export) -> BinaryIO:
    """Raises a 409: it was revoked between the look at its row and this."""
    try:
        return (files.folder() / export.file).open("rb")
    except FileNotFoundError:
        raise Problem(409, "export_not_ready", "The file is gone. Request the export anew.") from None


def _whole(export: Export) -> HttpResponseBase:
    response = FileResponse(_opened(export))
    response["Content-Digest"] = _digest(export)
    return response


def _part_of(export: Export, part: ranges.Part) -> HttpResponseBase:
    file = _opened(export)
    response = StreamingHttpResponse(ranges.blocks(file, part), status=206)
    response["Content-Length"] = part.length
    response["Content-Range"] = f"bytes {part.first}-{part.last}/{export.size}"
    return response


def _describe(response: HttpResponseBase, export: Export) -> HttpResponseBase:
    """What holds for the file and each part of it; `Repr-Digest` is always the whole file's."""
    response["Content-Type"] = CONTENT_TYPES[Format(export.format)]
    name = f"bugs-{export.created_at:%Y%m%d-%H%M%S}.{export.format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _tag(export)
    response["Repr-Digest"] = _digest(export)
    response["Cache-Control"] = "private, no-store"
    return response
