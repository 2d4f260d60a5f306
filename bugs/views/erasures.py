"""Erasures over REST: have someone forgotten, watch it, keep the receipt."""

from collections.abc import Collection
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import policy
from bugs.models import Erasure
from bugs.selectors import erasures
from bugs.serializers import erasures as serializers
from bugs.services import erasures as services
from bugs.views.comments import UUID_PATTERN
from bugs.views.conventions import domain_errors, named_project
from config.api.filtering import CONVENTIONS, refuse_unknown
from config.api.pagination import paginate
from config.api.problems import Problem, not_found
from config.api.views import ViewSet


class ErasureViewSet(ViewSet):
    """Someone is forgotten everywhere, in chunks; the receipt is signed and names nobody."""

    queryset = Erasure.objects.none()
    serializer_class = serializers.ErasureSerializer
    filter_backends = []
    lookup_value_regex = UUID_PATTERN
    requires = dict.fromkeys(["list", "retrieve", "create"], "privacy.erase")
    costs = {"create": 20}

    @extend_schema(responses=serializers.ErasureSerializer(many=True), summary="List erasures")
    def list(self, request: Request) -> Response:
        refuse_unknown(request.query_params, CONVENTIONS)
        rows = erasures.erasures_for(self.principal)
        return paginate(request, rows, render=lambda page, _: erasures.rows_of(page))

    @extend_schema(summary="Read an erasure, and its receipt when it is done")
    def retrieve(self, request: Request, pk: str) -> Response:
        for row in erasures.rows_of(erasures.erasures_for(self.principal).filter(pk=pk)):
            return Response(row)
        raise not_found()

    @extend_schema(
        request=serializers.NewErasureSerializer,
        responses={202: serializers.ErasureSerializer},
        summary="Have someone forgotten",
        description="What was taken out of texts and reports because it was theirs goes for good. It cannot be undone.",
    )
    def create(self, request: Request) -> Response:
        asked = self.checked(serializers.NewErasureSerializer)
        project_ids = list(self._projects(asked.pop("project", None)))
        with domain_errors():
            try:
                erasure = services.request(project_ids=project_ids, by=self.principal, **asked)
            except services.NoProject:
                raise Problem(403, "role_missing", "No role of yours allows this in any project.") from None
            except services.AmbiguousAccount:
                detail = "Several accounts have that name or address. Name one by its user name."
                raise Problem(409, "ambiguous_account", detail, pointer="/person") from None
            except services.NotAnOperator:
                detail = "Accounts belong to the whole of Bugwire: an operator has to do this."
                raise Problem(403, "not_an_operator", detail, pointer="/with_account") from None
        row = erasures.rows_of(Erasure.objects.filter(pk=erasure.pk))[0]
        location = request.build_absolute_uri(f"/api/v1/privacy/erasures/{erasure.pk}/")
        return Response(row, status=202, headers={"Location": location})

    def _projects(self, key: str | None) -> Collection[UUID]:
        if key is None:
            return policy.projects(self.principal, "privacy.erase")
        return [named_project(self.principal, key)]
