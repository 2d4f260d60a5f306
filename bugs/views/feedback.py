"""Feedback over REST: what users of a program said, and the bugs it became."""

from uuid import UUID

import orjson
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from bugs import selectors as bug_selectors
from bugs.models import Feedback
from bugs.selectors import feedback as selectors
from bugs.selectors import raw as documents
from bugs.serializers import feedback as serializers
from bugs.serializers.privacy import RawFeedbackSerializer
from bugs.services import feedback
from bugs.views import parameters, raw_texts
from bugs.views.comments import UUID_PATTERN
from bugs.views.conventions import domain_errors, named_project
from config.api.pagination import paginate
from config.api.problems import not_found
from config.api.views import ViewSet

ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class FeedbackViewSet(ViewSet):
    """What people say when something goes wrong: from SDKs and over this API."""

    queryset = Feedback.objects.none()
    serializer_class = serializers.FeedbackSerializer
    filter_backends = []
    lookup_value_regex = UUID_PATTERN
    requires = {"list": "bug.read", "retrieve": "bug.read", "create": "bug.create", "raw": "pii.read"}

    @extend_schema(
        parameters=[serializers.FeedbackParametersSerializer],
        responses=serializers.FeedbackSerializer(many=True),
        summary="List feedback",
        description="The newest first.",
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.FeedbackParametersSerializer)
        rows = selectors.visible(self.principal, project=asked.get("project", ""))
        if "bug" in asked:
            bug_id = bug_selectors.find(self.principal, asked["bug"])
            rows = selectors.of_bug(rows, bug_id) if bug_id else rows.none()
        return paginate(request, rows, render=lambda _, ids: _fragments(ids))

    @extend_schema(parameters=[ID], summary="Read feedback")
    def retrieve(self, request: Request, pk: str) -> Response:
        feedback_id = access.first(selectors.visible(self.principal).filter(pk=pk), "feedback")
        if feedback_id is None:
            raise not_found()
        return Response(_fragments([feedback_id])[0])

    @extend_schema(
        request=serializers.NewFeedbackSerializer,
        responses={201: serializers.FeedbackSerializer},
        summary="Give feedback",
        description=(
            "It becomes a bug report, linked to the bug of the error that `event_id` names; when that error comes "
            "later, it is linked then."
        ),
    )
    def create(self, request: Request) -> Response:
        said = self.checked(serializers.NewFeedbackSerializer)
        project_id = named_project(self.principal, said.pop("project"))
        with domain_errors():
            (row,) = feedback.add(project_id, [feedback.Said(source="api", **said)], by=self.principal)
        response = Response(_fragments([row.pk])[0], status=201)
        response["Location"] = request.build_absolute_uri(f"/api/v1/feedback/{row.pk}/")
        return response

    @extend_schema(
        parameters=[ID],
        responses=RawFeedbackSerializer,
        summary="Read feedback as it was given",
        description=raw_texts.DESCRIPTION,
    )
    @action(detail=True)
    def raw(self, request: Request, pk: str) -> Response:
        row = selectors.visible(self.principal).filter(pk=pk).values_list("project_id", "pk").first()
        if row is None:
            raise not_found()
        return raw_texts.answer(
            request, project_id=row[0], target="feedback", document=documents.feedback_of, row=row[1]
        )


def _fragments(ids: list[UUID]) -> list[orjson.Fragment]:
    return [orjson.Fragment(text) for text in selectors.documents_of(ids)]
