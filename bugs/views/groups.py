"""Groups of errors over REST: what they are, and how people put them together and take them apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import ErrorGroup
from bugs.selectors import errors, groups, regroupings, reports
from bugs.selectors.parts import joined
from bugs.serializers import errors as reading
from bugs.serializers import groups as serializers
from bugs.services import grouping, regrouping
from bugs.views import parameters
from bugs.views.conventions import domain_errors, found
from bugs.views.errors import UUIDS
from config.api.pagination import Found, Place, paginate, paginate_found
from config.api.problems import Problem, not_found
from config.api.views import ViewSet, identifier


class ErrorGroupViewSet(ViewSet):
    """Groups of error reports that are the same problem."""

    queryset = ErrorGroup.objects.none()
    serializer_class = serializers.ErrorGroupDetailSerializer
    filter_backends = []
    lookup_value_regex = UUIDS
    requires = {
        "list": "error.read",
        "retrieve": "error.read",
        "reports": "error.read",
        "moves": "error.read",
        "merge": "group.edit",
        "regroup": "group.edit",
        "split": "group.edit",
        "undo": "group.edit",
    }

    @extend_schema(
        parameters=[serializers.GroupParametersSerializer],
        responses=serializers.ErrorGroupSerializer(many=True),
        summary="List groups of errors",
        description="Those seen last come first. Groups that stand behind another are counted there.",
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.GroupParametersSerializer)
        projects = errors.projects_for(self.principal, asked.pop("project", ""))

        def find(start: Place | None, back: bool, limit: int) -> Found:
            return Found(groups.find(projects, **asked, start=start, back=back, limit=limit))

        return paginate_found(request, find, lambda ids: _fragments(groups.documents_of(ids)))

    @extend_schema(summary="Read a group of errors")
    def retrieve(self, request: Request, pk: str) -> Response:
        return _detail(self._found(pk))

    @extend_schema(
        responses=reading.ErrorSerializer(many=True),
        summary="List the error reports of a group",
        description=f"With those of the groups behind it, of the {reports.GROUPS_MAX} seen last.",
    )
    @action(detail=True, url_path="errors")
    def reports(self, request: Request, pk: str) -> Response:
        family = groups.family_of(self._found(pk))

        def find(start: Place | None, back: bool, limit: int) -> Found:
            before = start[1] if start else None
            ids = reports.newest_of(family, start=before, back=back, limit=limit) if family else []
            return Found([(None, report_id) for report_id in ids])

        return paginate_found(request, find, lambda ids: _fragments(reports.documents_of(ids)))

    @extend_schema(
        responses=serializers.GroupMoveSerializer(many=True),
        summary="List what was done with a group",
        description="Its own moves, and those of others to it and out of it. Newest first.",
    )
    @action(detail=True)
    def moves(self, request: Request, pk: str) -> Response:
        mine = groups.moves_of(self._found(pk))
        return paginate(request, mine, order="-moved_at", render=lambda page, _: _moves(page))

    @extend_schema(
        request=serializers.GroupMergeSerializer,
        summary="Merge a group into another",
        description="It stands behind the other one, with all that stand behind it, and takes its bug. Nothing of it "
        "moves, and it can be undone. The bug that it had stays, and counts what is left of it.",
    )
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        into = self.checked(serializers.GroupMergeSerializer)["into"]
        with domain_errors(), _move_errors("/into"):
            grouping.merge(identifier(pk), into=into, by=self.principal)
        return _detail(identifier(pk))

    @extend_schema(
        request=serializers.GroupSplitSerializer,
        summary="Split a group from another",
        description="Takes the group out of the one that it stands behind, or the named groups out of this one. Each "
        "goes back to the bug that it had; without one it gets a bug of its own, as the project sets.",
    )
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        named = self.checked(serializers.GroupSplitSerializer).get("groups")
        group_id = self._found(pk)
        head_id = group_id if named else groups.head_of(group_id)
        if not named and head_id == group_id:
            raise Problem(409, "not_behind", "This group does not stand behind another.")
        with domain_errors(), _move_errors("/groups" if named else ""):
            grouping.split(head_id, groups=named or [group_id], by=self.principal)
        return _detail(group_id)

    @extend_schema(
        request=None,
        summary="Undo the last move of a group",
        description="The newest merge, split or attachment of the group, or to it, that is not undone.",
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        with domain_errors(), _move_errors(""):
            grouping.undo(identifier(pk), by=self.principal)
        return _detail(identifier(pk))

    @extend_schema(
        request=None,
        responses={202: serializers.ErrorGroupDetailSerializer},
        summary="Group the reports of a group anew",
        description="Its stored reports, and those of the groups behind it, go where today's rules put them, with "
        "everything that is counted. It takes a while: `regrouping` of the group says how far it is.",
    )
    @action(detail=True, methods=["post"])
    def regroup(self, request: Request, pk: str) -> Response:
        with domain_errors():
            try:
                regrouping.request(identifier(pk), by=self.principal)
            except regrouping.AlreadyAsked:
                raise Problem(409, "already_regrouping", "Its reports are being grouped anew already.") from None
        return _detail(identifier(pk), status=202)

    def _found(self, pk: str) -> UUID:
        group_id = identifier(pk)
        if not groups.exists(self.principal, group_id):
            raise not_found()
        return group_id


class BugGroupViewSet(ViewSet):
    """The groups of errors behind one bug."""

    queryset = ErrorGroup.objects.none()
    serializer_class = serializers.ErrorGroupSerializer
    filter_backends = []
    requires = {"list": "error.read"}

    @extend_schema(
        responses=serializers.ErrorGroupSerializer(many=True),
        summary="List the groups of errors of a bug",
        description="Groups that stand behind another are counted there.",
    )
    def list(self, request: Request, bug: str) -> Response:
        mine = groups.groups_for(self.principal).filter(bug_id=found(self.principal, bug), merged_into=None)
        return paginate(
            request, mine, order="-last_seen_at", render=lambda _, ids: _fragments(groups.documents_of(ids))
        )


def _detail(group_id: UUID, *, status: int = 200) -> Response:
    parts = {"members": groups.members_text(group_id), "regrouping": regroupings.text_of(group_id)}
    return Response(orjson.Fragment(joined(groups.documents_of([group_id])[0], parts)), status=status)


def _moves(page: Any) -> list[dict[str, Any]]:
    names = ("id", "kind", "group_id", "into_id", "similarity", "actor", "moved_at", "undone_at")
    return [{name.removesuffix("_id"): value for name, value in row.items()} for row in page.values(*names)]


def _fragments(texts: list[str]) -> list[Any]:
    return [orjson.Fragment(text) for text in texts]


@contextmanager
def _move_errors(pointer: str) -> Iterator[None]:
    """Why a group stays where it is, as a problem."""
    try:
        yield
    except grouping.CannotMove as error:
        status = 400 if error.code in ("unknown_group", "merge_into_itself") else 409
        raise Problem(status, error.code, str(error), pointer=pointer) from None
