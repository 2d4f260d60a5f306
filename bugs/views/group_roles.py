"""Groups of people in a project over REST. Operators make groups and say who is in them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.choices import Role
from bugs.models import GroupRole
from bugs.selectors import people
from bugs.serializers import projects as serializers
from bugs.services import projects
from bugs.views.conventions import domain_errors
from bugs.views.project_errors import project_errors
from bugs.views.projects import project_of
from config.api.pagination import paginate
from config.api.problems import not_found
from config.api.views import ViewSet, identifier


class GroupRoleViewSet(ViewSet):
    """The groups of people in a project and what they may do there."""

    queryset = GroupRole.objects.none()
    serializer_class = serializers.GroupRoleSerializer
    requires = {
        "list": "project.read",
        "create": "project.manage",
        "partial_update": "project.manage",
        "destroy": "project.manage",
    }

    @extend_schema(responses=serializers.GroupRoleSerializer(many=True), summary="List groups of people")
    def list(self, request: Request, key: str) -> Response:
        rows = self.filter_queryset(people.group_roles_of(project_of(self.principal, key)))
        return paginate(request, rows, order="group__name", render=lambda page, _: people.group_rows(page))

    @extend_schema(
        request=serializers.NewGroupRoleSerializer,
        responses={201: serializers.GroupRoleSerializer},
        summary="Give a group of people a role",
    )
    def create(self, request: Request, key: str) -> Response:
        asked = self.checked(serializers.NewGroupRoleSerializer)
        project_id = project_of(self.principal, key)
        with domain_errors(), project_errors():
            given = projects.add_group(project_id, name=asked["name"], role=Role(asked["role"]), by=self.principal)
        return Response(_row(project_id, given.pk), status=201)

    @extend_schema(request=serializers.MemberRoleSerializer, summary="Give a group of people another role")
    def partial_update(self, request: Request, key: str, pk: str) -> Response:
        role = self.checked(serializers.MemberRoleSerializer)["role"]
        project_id, group_role_id = self._found(key, pk)
        with domain_errors(), project_errors():
            projects.change_group(project_id, group_role_id, role=Role(role), by=self.principal)
        return Response(_row(project_id, group_role_id))

    @extend_schema(summary="Take a group's role away")
    def destroy(self, request: Request, key: str, pk: str) -> Response:
        project_id, group_role_id = self._found(key, pk)
        with domain_errors(), project_errors():
            projects.remove_group(project_id, group_role_id, by=self.principal)
        return Response(status=204)

    def _found(self, key: str, pk: str) -> tuple[UUID, UUID]:
        project_id = project_of(self.principal, key)
        group_role_id = identifier(pk)
        if not people.group_roles_of(project_id).filter(pk=group_role_id).exists():
            raise not_found()
        return project_id, group_role_id


def _row(project_id: UUID, group_role_id: UUID) -> dict[str, Any]:
    return people.group_rows(people.group_roles_of(project_id).filter(pk=group_role_id))[0]
