"""Comments over REST: said, corrected with history, deleted."""

from uuid import UUID

import orjson
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import Comment
from bugs.selectors import comments as selectors
from bugs.selectors import raw as documents
from bugs.serializers import comments as serializers
from bugs.serializers.privacy import RawCommentSerializer
from bugs.services import comments
from bugs.views import raw_texts
from bugs.views.conventions import domain_errors, found
from config.api.pagination import paginate
from config.api.problems import Problem, not_found
from config.api.views import ViewSet

ORDERINGS = ("-created_at", "created_at")
ORDERING = OpenApiParameter("ordering", str, enum=list(ORDERINGS), description="`-` is descending: newest first.")
BUG = OpenApiParameter("bug", str, OpenApiParameter.PATH, description="The id of a bug or its reference (`WEB-42`).")
ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class CommentViewSet(ViewSet):
    """What people say of one bug. Internal comments exist only for those who work on its project."""

    queryset = Comment.objects.none()
    serializer_class = serializers.CommentSerializer
    lookup_value_regex = UUID_PATTERN
    requires = {
        "list": "bug.read",
        "retrieve": "bug.read",
        "create": "comment.create",
        "partial_update": "comment.create",
        "destroy": "comment.create",
    }

    @extend_schema(
        parameters=[BUG, ORDERING], responses=serializers.CommentSerializer(many=True), summary="List comments"
    )
    def list(self, request: Request, bug: str) -> Response:
        order = request.query_params.get("ordering", "-created_at")
        if order not in ORDERINGS:
            detail = f"Comments are ordered by one of: {', '.join(ORDERINGS)}."
            raise Problem(400, "invalid_ordering", detail, pointer="/ordering")
        rows = self.filter_queryset(selectors.visible(self.principal).filter(bug_id=found(self.principal, bug)))
        return paginate(request, rows, order=order, render=lambda _, ids: _fragments(ids))

    @extend_schema(parameters=[BUG, ID], summary="Read a comment")
    def retrieve(self, request: Request, bug: str, pk: str) -> Response:
        return self._document(self._found(bug, pk))

    @extend_schema(
        parameters=[BUG],
        request=serializers.NewCommentSerializer,
        responses={201: serializers.CommentSerializer},
        summary="Comment on a bug",
    )
    def create(self, request: Request, bug: str) -> Response:
        said = self.checked(serializers.NewCommentSerializer)
        bug_id = found(self.principal, bug)
        with domain_errors():
            comment = comments.add(bug_id, by=self.principal, **said)
        response = self._document(comment.pk, status=201)
        response["Location"] = request.build_absolute_uri(f"/api/v1/bugs/{bug_id}/comments/{comment.pk}/")
        return response

    @extend_schema(
        parameters=[BUG, ID],
        request=serializers.CommentTextSerializer,
        summary="Correct a comment",
        description="By its author, or by those who moderate. What it said before is kept in `/comments/{id}/edits/`.",
    )
    def partial_update(self, request: Request, bug: str, pk: str) -> Response:
        body = self.checked(serializers.CommentTextSerializer)["body"]
        comment_id = self._found(bug, pk)
        with domain_errors():
            comments.edit(comment_id, body=body, by=self.principal, version=self.expected_version())
        return self._document(comment_id)

    @extend_schema(parameters=[BUG, ID], summary="Delete a comment")
    def destroy(self, request: Request, bug: str, pk: str) -> Response:
        comment_id = self._found(bug, pk)
        with domain_errors():
            comments.delete(comment_id, by=self.principal, version=self.expected_version())
        return Response(status=204)

    def _found(self, bug: str, pk: str) -> UUID:
        rows = selectors.visible(self.principal).filter(bug_id=found(self.principal, bug), pk=pk)
        comment_id = rows.values_list("pk", flat=True).first()
        if comment_id is None:
            raise not_found()
        return comment_id

    def _document(self, comment_id: UUID, *, status: int = 200) -> Response:
        text = selectors.documents_of([comment_id])[0]
        return self.versioned(text.encode(), orjson.loads(text)["version"], status=status)


class CommentHistoryViewSet(ViewSet):
    """What comments said before they were edited, and before personal data was taken out of them."""

    queryset = Comment.objects.none()
    serializer_class = serializers.CommentEditSerializer
    lookup_value_regex = UUID_PATTERN
    requires = {"edits": "bug.read", "raw": "pii.read"}

    @extend_schema(
        parameters=[ID],
        responses=serializers.CommentEditSerializer(many=True),
        summary="What a comment said before, newest first",
    )
    @action(detail=True)
    def edits(self, request: Request, pk: str) -> Response:
        if not selectors.visible(self.principal).filter(pk=pk).exists():
            raise not_found()
        rows = self.filter_queryset(selectors.edits_of(UUID(pk)))
        columns = list(serializers.CommentEditSerializer().fields)
        return paginate(request, rows, order="-edited_at", render=lambda page, _: list(page.values(*columns)))

    @extend_schema(
        parameters=[ID],
        responses=RawCommentSerializer,
        filters=False,
        summary="Read a comment as it was written",
        description=raw_texts.DESCRIPTION,
    )
    @action(detail=True)
    def raw(self, request: Request, pk: str) -> Response:
        row = selectors.visible(self.principal).filter(pk=pk).values_list("bug__project_id", "pk").first()
        if row is None:
            raise not_found()
        return raw_texts.answer(request, project_id=row[0], target="comment", document=documents.comment, row=row[1])


def _fragments(ids: list[UUID]) -> list[orjson.Fragment]:
    return [orjson.Fragment(text) for text in selectors.documents_of(ids)]
