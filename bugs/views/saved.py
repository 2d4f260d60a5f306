"""Saved views over REST, and the bugs that they find."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import selectors as bugs
from bugs.models import SavedView
from bugs.selectors import saved as selectors
from bugs.serializers import saved as serializers
from bugs.serializers.bugs import BugSerializer
from bugs.services import saved
from bugs.views.comments import ID, UUID_PATTERN
from bugs.views.conventions import domain_errors
from config.api.choosing import chosen
from config.api.pagination import paginate
from config.api.problems import Problem, not_found, unknown_project
from config.api.views import ViewSet

FIELDS = OpenApiParameter("fields", str, description=f"Only these, with commas: {', '.join(bugs.BUG_FIELDS)}.")


class SavedViewSet(ViewSet):
    """Filters with names: the caller's own, and those shared with projects that the caller sees."""

    queryset = SavedView.objects.none()
    serializer_class = serializers.SavedViewSerializer
    lookup_value_regex = UUID_PATTERN
    requires = {
        "list": "view.read",
        "retrieve": "view.read",
        "create": "view.write",
        "partial_update": "view.write",
        "destroy": "view.write",
        "bugs": "bug.read",
    }

    @extend_schema(responses=serializers.SavedViewSerializer(many=True), summary="List saved views")
    def list(self, request: Request) -> Response:
        rows = self.filter_queryset(selectors.visible(self.principal))
        return paginate(request, rows, render=lambda _, ids: [orjson.Fragment(x) for x in selectors.documents_of(ids)])

    @extend_schema(parameters=[ID], summary="Read a saved view")
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._document(self._found(pk).pk)

    @extend_schema(
        request=serializers.ViewChangesSerializer,
        responses={201: serializers.SavedViewSerializer},
        summary="Save a view",
        description=f"Private, or shared with a project. One person has {saved.MAX_VIEWS} at most.",
    )
    def create(self, request: Request) -> Response:
        asked = {"ordering": serializers.ORDERINGS[0], **self._asked()}
        with domain_errors(), _view_errors():
            view = saved.create(by=self.principal, **asked)
        response = self._document(view.pk, status=201)
        response["Location"] = request.build_absolute_uri(f"/api/v1/views/{view.pk}/")
        return response

    @extend_schema(parameters=[ID], request=serializers.ViewChangesSerializer, summary="Change a saved view")
    def partial_update(self, request: Request, pk: str) -> Response:
        changes, view = self._asked(partial=True), self._found(pk)
        with domain_errors(), _view_errors():
            saved.update(view.pk, changes=changes, by=self.principal, version=self.expected_version())
        return self._document(view.pk)

    @extend_schema(parameters=[ID], summary="Delete a saved view")
    def destroy(self, request: Request, pk: str) -> Response:
        with domain_errors():
            saved.delete(self._found(pk).pk, by=self.principal, version=self.expected_version())
        return Response(status=204)

    @extend_schema(
        parameters=[ID, FIELDS], responses=BugSerializer(many=True), summary="List the bugs that a saved view finds"
    )
    @action(detail=True)
    def bugs(self, request: Request, pk: str) -> Response:
        view, fields = self._found(pk), chosen(request, "fields", bugs.BUG_FIELDS)
        with domain_errors():
            rows = self.filter_queryset(selectors.bugs_of(view, self.principal))
        return paginate(
            request,
            rows,
            order=view.ordering,
            render=lambda _, ids: [orjson.Fragment(text) for text in bugs.documents_of(ids, fields)],
        )

    def _asked(self, *, partial: bool = False) -> dict[str, Any]:
        """The body with the project's id in the place of its key."""
        asked = self.checked(serializers.ViewChangesSerializer, partial=partial)
        if "project" not in asked:
            return asked
        key = asked.pop("project")
        project_id = key and bugs.project_by_key(self.principal, key)
        if key is not None and project_id is None:
            raise unknown_project()
        return {**asked, "project_id": project_id}

    def _found(self, pk: str) -> SavedView:
        view = selectors.find(self.principal, pk)
        if view is None:
            raise not_found()
        return view

    def _document(self, view_id: UUID, *, status: int = 200) -> Response:
        text = selectors.documents_of([view_id])[0]
        return self.versioned(text.encode(), orjson.loads(text)["version"], status=status)


@contextmanager
def _view_errors() -> Iterator[None]:
    """What is wrong with a saved view, as problems."""
    try:
        yield
    except saved.NameTaken:
        raise Problem(409, "name_taken", "You have a view of that name already.", pointer="/name") from None
    except saved.SharedNowhere:
        detail = "Only views of a project are shared: with those who see it."
        raise Problem(400, "view_without_project", detail, pointer="/project") from None
    except saved.TooMany:
        raise Problem(409, "too_many_views", f"One person has {saved.MAX_VIEWS} views at most.") from None
