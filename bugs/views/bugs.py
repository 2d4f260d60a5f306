"""Bugs over REST: list, read, report, edit, move, assign, delete."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import selectors, services
from bugs.choices import Status
from bugs.filters import BugFilter
from bugs.models import Bug, User
from bugs.selectors import lifecycle, parts, texts
from bugs.selectors import raw as documents
from bugs.selectors.parts import PARTS
from bugs.serializers import bugs as serializers
from bugs.serializers import examples
from bugs.serializers.privacy import RawBugSerializer
from bugs.views import raw_texts
from bugs.views.conventions import domain_errors, found, named_project
from config.api.choosing import chosen
from config.api.pagination import Row, limit_of, paginate
from config.api.problems import Problem, not_found
from config.api.schema import IF_MATCH
from config.api.views import ViewSet

ORDERINGS = ("-created_at", "created_at", "-updated_at", "updated_at")
EXPANDED_ROWS = 50  # a page with parts may have so many bugs
ORDERING = OpenApiParameter("ordering", str, enum=list(ORDERINGS), description="`-` is descending.")
FIELDS = OpenApiParameter("fields", str, description=f"Only these, with commas: {', '.join(selectors.BUG_FIELDS)}.")
EXPAND = OpenApiParameter(
    "expand",
    str,
    description=f"Parts to show with each bug, with commas: {', '.join(PARTS)}. At most {parts.SHOWN} rows of each.",
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
        "raw": "pii.read",
    }

    @extend_schema(
        parameters=[ORDERING, FIELDS, EXPAND],
        responses=serializers.BugDetailSerializer(many=True),
        summary="List bugs",
        description=f"With `expand`, a page has {EXPANDED_ROWS} bugs at most.",
        examples=[examples.BUG],
    )
    def list(self, request: Request) -> Response:
        order = request.query_params.get("ordering", "-created_at")
        if order not in ORDERINGS:
            detail = f"Lists are ordered by one of: {', '.join(ORDERINGS)}."
            raise Problem(400, "invalid_ordering", detail, pointer="/ordering")
        fields, names = chosen(request, "fields", selectors.BUG_FIELDS), chosen(request, "expand", PARTS) or ()
        if names and limit_of(request) > EXPANDED_ROWS:
            detail = f"With expand, limit is {EXPANDED_ROWS} at most."
            raise Problem(400, "expand_limit", detail, pointer="/limit")

        def read(page: QuerySet[Bug], column: str) -> list[Row]:
            rows = texts.page(page, column, fields, parts.columns(names, self.principal))
            if not names:
                return [(at, bug_id, orjson.Fragment(text)) for at, bug_id, text, _ in rows]
            shown = self._parts({bug_id: cells for _, bug_id, _, cells in rows}, names)
            return [(at, bug_id, orjson.Fragment(parts.joined(text, shown[bug_id]))) for at, bug_id, text, _ in rows]

        bugs: QuerySet[Bug] = self.filter_queryset(selectors.bugs_for(self.principal))
        return paginate(request, bugs, order=order, read=read)

    @extend_schema(
        parameters=[FIELDS, EXPAND],
        responses=serializers.BugDetailSerializer,
        summary="Read a bug",
        description=f"All parts without `expand`, the newest {parts.SHOWN} of each; with `fields`, only those.",
        examples=[examples.DETAIL],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        fields, names = chosen(request, "fields", selectors.BUG_FIELDS), chosen(request, "expand", PARTS)
        if names is None:
            names = PARTS if fields is None else ()
        bug = texts.found(self.principal, pk, fields, parts.columns(names, self.principal))
        if bug is None:
            raise not_found()
        shown = self._parts({bug.id: bug.cells}, names)[bug.id]
        by_the_clock = {name: shown.pop(name) for name in names if name in parts.BY_THE_CLOCK}
        steady = parts.joined(bug.text, shown)
        body = parts.joined(steady, by_the_clock)
        return self.versioned(body.encode(), bug.version, marked=steady.encode())

    @extend_schema(
        request=serializers.BugReportSerializer,
        responses={201: serializers.BugSerializer},
        summary="Report a bug",
        examples=[examples.REPORT, examples.BUG],
    )
    def create(self, request: Request) -> Response:
        report = self.checked(serializers.BugReportSerializer)
        project_id = named_project(self.principal, report.pop("project"))
        with domain_errors():
            if "assignee" in report:
                report["assignee"] = services.member(project_id, report["assignee"])
            bug = services.report(project_id=project_id, by=self.principal, **report)
        response = self._document(bug.pk, status=201)
        response["Location"] = request.build_absolute_uri(f"/api/v1/bugs/{bug.pk}/")
        return response

    @extend_schema(
        request=serializers.BugChangesSerializer, summary="Edit a bug", examples=[examples.EDIT, examples.BUG]
    )
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

    @extend_schema(
        parameters=[IF_MATCH],
        request=serializers.StatusMoveSerializer,
        summary="Move a bug along its lifecycle",
        examples=[examples.MOVE, examples.BUG],
    )
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

    @extend_schema(
        parameters=[IF_MATCH],
        request=serializers.AssignmentSerializer,
        summary="Assign a bug, or take it from its assignee",
        examples=[examples.ASSIGN, examples.UNASSIGN, examples.BUG],
    )
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

    @extend_schema(
        responses=serializers.BugEventSerializer(many=True),
        filters=False,
        summary="The lifecycle of a bug",
        description="Newest first.",
    )
    @action(detail=True, url_path="events")
    def history(self, request: Request, pk: str) -> Response:
        events = lifecycle.events_of(found(self.principal, pk))
        return paginate(request, events, order="-seq", render=lambda page, _: list(page.values(*lifecycle.COLUMNS)))

    @extend_schema(
        responses=RawBugSerializer,
        filters=False,
        summary="Read a bug as it was written",
        description=raw_texts.DESCRIPTION,
    )
    @action(detail=True)
    def raw(self, request: Request, pk: str) -> Response:
        bug_id = found(self.principal, pk)
        project_id = Bug.objects.values_list("project_id", flat=True).get(pk=bug_id)
        return raw_texts.answer(request, project_id=project_id, target="bug", document=documents.bug, row=bug_id)

    def _parts(self, rows: Mapping[UUID, Sequence[Any]], names: Sequence[str]) -> Mapping[UUID, dict[str, str]]:
        return parts.texts_of(rows, names, url=self.request.build_absolute_uri("/api/v1/bugs/"))

    def _document(self, bug_id: UUID, *, status: int = 200) -> Response:
        bug = texts.found(self.principal, str(bug_id))
        if bug is None:
            raise not_found()
        return self.versioned(bug.text.encode(), bug.version, status=status)
