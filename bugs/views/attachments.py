"""Files beside a bug over REST: in by multipart, out by a signed link and only as a download."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import orjson
from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.utils.module_loading import import_string
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from audit.actors import Principal
from bugs import files, filetypes, signed_links
from bugs.models import Attachment
from bugs.selectors import attachments as selectors
from bugs.serializers import attachments as serializers
from bugs.services import attachments
from bugs.views.comments import BUG, ID, UUID_PATTERN
from bugs.views.conventions import domain_errors, found
from config.api.pagination import paginate
from config.api.problems import Problem, not_found
from config.api.uploads import BoundedFile, FileParser
from config.api.views import ViewSet

KINDS = "images, text, logs, JSON, HAR, PDF, ZIP, gzip and video"


class BugAttachmentViewSet(ViewSet):
    """The files beside one bug."""

    queryset = Attachment.objects.none()
    serializer_class = serializers.AttachmentSerializer
    parser_classes = [FileParser]
    requires = {"list": "bug.read", "create": "attachment.create"}
    stored = ""

    @extend_schema(parameters=[BUG], responses=serializers.AttachmentSerializer(many=True), summary="List attachments")
    def list(self, request: Request, bug: str) -> Response:
        rows = self.filter_queryset(selectors.visible(self.principal).filter(bug_id=found(self.principal, bug)))
        return paginate(request, rows, render=lambda _, ids: _fragments(ids))

    @extend_schema(
        parameters=[BUG],
        request={"multipart/form-data": serializers.UploadSerializer},
        responses={201: serializers.AttachmentSerializer},
        summary="Attach a file",
        description=(
            f"One file of {KINDS}, told by its bytes: a name or a declared type that says something else is refused. "
            "HTML, XML and SVG are not taken; put them into a ZIP file."
        ),
    )
    def create(self, request: Request, bug: str) -> Response:
        sent = request.FILES.getlist("file")
        if len(sent) != 1:
            raise Problem(400, "file_missing", "Send one file as the part named file.", pointer="/file")
        file, bug_id = sent[0], found(self.principal, bug)
        with domain_errors(), _file_errors():
            attachment = attachments.add(
                bug_id, file=file, name=file.name or "", declared=file.content_type or "", by=self.principal
            )
        self.stored = str(attachment.file.name)
        response = Response(_fragments([attachment.pk])[0], status=201)
        response["Location"] = request.build_absolute_uri(f"/api/v1/attachments/{attachment.pk}/")
        return response

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        request.upload_handlers = [BoundedFile(request)]
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The file is read before the transaction begins: a slow sender holds none open."""
        super().initial(request, *args, **kwargs)
        if self.action == "create":
            _ = request.data

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What was written for a call that failed in the end, or was a rehearsal, is removed again."""
        response = super().dispatch(request, *args, **kwargs)
        if self.stored and not selectors.is_kept(self.stored):
            files.remove(self.stored)
        return response


class AttachmentViewSet(ViewSet):
    """One file."""

    queryset = Attachment.objects.none()
    serializer_class = serializers.AttachmentSerializer
    lookup_value_regex = UUID_PATTERN
    requires = {"retrieve": "bug.read", "destroy": "attachment.create", "link": "bug.read"}

    @extend_schema(parameters=[ID], summary="Read what is known of an attachment")
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(_fragments([self._found(pk)])[0])

    @extend_schema(parameters=[ID], summary="Delete an attachment")
    def destroy(self, request: Request, pk: str) -> Response:
        with domain_errors():
            attachments.delete(self._found(pk), by=self.principal)
        return Response(status=204)

    @extend_schema(
        parameters=[ID],
        request=serializers.LinkRequestSerializer,
        responses=serializers.DownloadLinkSerializer,
        summary="Get a link to download an attachment",
        description=(
            "Whoever has the link has the file until it expires, or until whoever asked for it may no longer see the "
            "bug, or the key that it was asked for with is revoked. It needs no key, but the key's networks hold."
        ),
    )
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: str) -> Response:
        seconds = self.checked(serializers.LinkRequestSerializer)["expires_in"]
        attachment_id, until = self._found(pk), int(time.time()) + seconds
        signature = signed_links.sign(attachment_id, until=until, holder=self.principal.label)
        url = request.build_absolute_uri(f"/api/v1/attachments/{attachment_id}/download/?signature={signature}")
        return Response({"url": url, "expires_at": datetime.fromtimestamp(until, UTC)})

    def _found(self, pk: str) -> UUID:
        found = access.first(selectors.visible(self.principal).filter(pk=pk), "attachment", project="bug__project_id")
        if found is None:
            raise not_found()
        return cast(UUID, found)


class DownloadViewSet(ViewSet):
    """The door for signed links: no key, the signature is the gate. A file leaves as a download, never as a page."""

    queryset = Attachment.objects.none()
    lookup_value_regex = UUID_PATTERN
    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    @extend_schema(
        parameters=[ID, OpenApiParameter("signature", str, required=True, description="From the link.")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        auth=[],
        summary="Download an attachment by its signed link",
    )
    @action(detail=True)
    def download(self, request: Request, pk: str) -> FileResponse:
        note = access.of(request._request)
        note.operation, note.durable = "attachments_download", True
        with _link_errors():
            label = signed_links.check(UUID(pk), request.query_params.get("signature", ""))
        holder = _holder(request, label)
        attachment = selectors.seen_by(holder, UUID(pk))
        if attachment is None:
            raise not_found()
        access.touched(attachment.bug.project_id, f"attachment:{attachment.pk}")
        return _as_download(attachment)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Whatever a client accepts, it gets the file as it is."""
        return super().perform_content_negotiation(request, force=True)


def _holder(request: Request, label: str) -> Principal:
    """Who asked for the link, as they are now; a 404 when that key or person is no more."""
    asked = request._request
    found: Principal | None = import_string(settings.PRINCIPAL_OF_LABEL)(label, getattr(asked, "client_ip", ""))
    if found is None:
        raise not_found()
    access.of(asked).principal = found
    return found


def _as_download(attachment: Attachment) -> FileResponse:
    try:
        file = files.read(str(attachment.file.name))
    except FileNotFoundError:
        raise not_found() from None
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@contextmanager
def _file_errors() -> Iterator[None]:
    """What is wrong with a file, as problems."""
    try:
        yield
    except attachments.Empty:
        raise Problem(400, "file_empty", "The file has no bytes.", pointer="/file") from None
    except attachments.TooMany:
        detail = f"A bug has {attachments.MAX_FILES} attachments at most."
        raise Problem(409, "too_many_attachments", detail, pointer="/file") from None
    except filetypes.Unsupported:
        detail = f"Files of this kind are not taken, only {KINDS}. Others can be put into a ZIP file."
        raise Problem(415, "unsupported_file", detail, pointer="/file") from None
    except filetypes.Mismatch as error:
        detail = f"The bytes of the file are {error}; its name or its declared type says something else."
        raise Problem(415, "type_mismatch", detail, pointer="/file") from None


@contextmanager
def _link_errors() -> Iterator[None]:
    try:
        yield
    except signed_links.Expired:
        raise Problem(403, "link_expired", "This link has expired. Ask for another one.") from None
    except signed_links.BadLink:
        raise Problem(403, "link_invalid", "This is not a link to this attachment.") from None


def _fragments(ids: list[UUID]) -> list[orjson.Fragment]:
    return [orjson.Fragment(text) for text in selectors.documents_of(ids)]
