"""Projects and their members over REST. Operators make projects; admins of a project run it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit.actors import Principal
from bugs.choices import Role
from bugs.models import Project, User
from bugs.selectors import people
from bugs.selectors import projects as selectors
from bugs.serializers import projects as serializers
from bugs.services import projects
from bugs.views.conventions import domain_errors
from bugs.views.project_errors import project_errors
from config.api.pagination import paginate
from config.api.problems import not_found
from config.api.views import ViewSet

KEY = "[0-9A-Za-z_-]{1,10}"
USERNAME = r"[\w.@+-]{1,150}"


def project_of(principal: Principal, key: str) -> UUID:
    """The id of the project with that key; a 404 when there is none that the principal may see."""
    project_id = selectors.find(principal, key)
    if project_id is None:
        raise not_found()
    return project_id


class ProjectViewSet(ViewSet):
    """The projects that the caller is in."""

    queryset = Project.objects.none()
    serializer_class = serializers.ProjectSerializer
    lookup_field = "key"
    lookup_value_regex = KEY
    requires = {"list": "project.read", "retrieve": "project.read", "partial_update": "project.manage"}

    @extend_schema(responses=serializers.ProjectSerializer(many=True), summary="List projects")
    def list(self, request: Request) -> Response:
        rows = self.filter_queryset(selectors.projects_for(self.principal))
        return paginate(request, rows, order="key", render=lambda page, _: selectors.documents(page, self.principal))

    @extend_schema(summary="Read a project")
    def retrieve(self, request: Request, key: str) -> Response:
        return self._document(project_of(self.principal, key))

    @extend_schema(
        request=serializers.ProjectChangesSerializer,
        summary="Edit a project",
        description="A custom field keeps its type, its choices and its place as long as bugs have values of it.",
    )
    def partial_update(self, request: Request, key: str) -> Response:
        changes = self.checked(serializers.ProjectChangesSerializer, partial=True)
        changes |= changes.pop("errors", {})
        project_id = project_of(self.principal, key)
        with domain_errors(), project_errors():
            projects.update(project_id, changes=changes, by=self.principal, version=self.expected_version())
        return self._document(project_id)

    def _document(self, project_id: UUID) -> Response:
        row = selectors.documents(Project.objects.filter(pk=project_id), self.principal)[0]
        return Response(row, headers={"ETag": f'"{row["version"]}"'})


class MemberViewSet(ViewSet):
    """The people in a project and what they may do there."""

    queryset = User.objects.none()
    serializer_class = serializers.MemberSerializer
    lookup_field = "username"
    lookup_value_regex = USERNAME
    requires = {
        "list": "project.read",
        "create": "project.manage",
        "partial_update": "project.manage",
        "destroy": "project.manage",
    }

    @extend_schema(responses=serializers.MemberSerializer(many=True), summary="List members")
    def list(self, request: Request, key: str) -> Response:
        project_id = project_of(self.principal, key)
        rows = self.filter_queryset(people.people_of(project_id))
        return paginate(request, rows, order="username", render=lambda page, _: people.member_rows(page, project_id))

    @extend_schema(
        request=serializers.NewMemberSerializer,
        responses={201: serializers.MemberSerializer},
        summary="Add a member",
    )
    def create(self, request: Request, key: str) -> Response:
        asked = self.checked(serializers.NewMemberSerializer)
        project_id = project_of(self.principal, key)
        with domain_errors(), project_errors():
            projects.add_member(project_id, username=asked["username"], role=Role(asked["role"]), by=self.principal)
        return Response(self._member(project_id, asked["username"]), status=201)

    @extend_schema(request=serializers.MemberRoleSerializer, summary="Give a member another role")
    def partial_update(self, request: Request, key: str, username: str) -> Response:
        role = self.checked(serializers.MemberRoleSerializer)["role"]
        project_id = self._project_with(key, username)
        with domain_errors(), project_errors():
            projects.change_member(project_id, username=username, role=Role(role), by=self.principal)
        return Response(self._member(project_id, username))

    @extend_schema(summary="Take a member out of a project")
    def destroy(self, request: Request, key: str, username: str) -> Response:
        project_id = self._project_with(key, username)
        with domain_errors(), project_errors():
            projects.remove_member(project_id, username=username, by=self.principal)
        return Response(status=204)

    def _project_with(self, key: str, username: str) -> UUID:
        project_id = project_of(self.principal, key)
        if people.member_of(project_id, username) is None:
            raise not_found()
        return project_id

    def _member(self, project_id: UUID, username: str) -> dict[str, Any]:
        return people.member_rows(people.people_of(project_id).filter(username=username), project_id)[0]
