"""Consents over REST: what reporters agree to have their data passed on for."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import policy
from bugs.choices import Purpose
from bugs.models import Consent
from bugs.selectors import consents, reporters
from bugs.serializers import consents as serializers
from bugs.services import consents as services
from bugs.views import parameters
from bugs.views.conventions import domain_errors, named_project
from config.api.pagination import paginate
from config.api.views import ViewSet


class ConsentViewSet(ViewSet):
    """Decisions of reporters. Nothing is changed or deleted here: another decision counts from then on."""

    queryset = Consent.objects.none()
    serializer_class = serializers.ConsentSerializer
    filter_backends = []
    requires = {"list": "consent.read", "create": "consent.write", "find": "consent.read"}

    @extend_schema(
        parameters=[serializers.ConsentParametersSerializer],
        responses=serializers.ConsentSerializer(many=True),
        summary="List consents",
        description="Every decision, the newest first.",
    )
    def list(self, request: Request) -> Response:
        asked = parameters.of(request, serializers.ConsentParametersSerializer)
        rows = consents.consents_for(self.principal, asked.pop("project", "")).filter(**asked)
        return paginate(request, rows, order="-decided_at", render=lambda page, _: consents.rows_of(page))

    @extend_schema(
        request=serializers.NewConsentSerializer,
        responses={201: serializers.ConsentSerializer},
        summary="Record a consent, or that it was taken back",
    )
    def create(self, request: Request) -> Response:
        said = self.checked(serializers.NewConsentSerializer)
        said["purpose"] = Purpose(said["purpose"])
        with domain_errors():
            row = services.record(named_project(self.principal, said.pop("project")), by=self.principal, **said)
        return Response(consents.rows_of(Consent.objects.filter(pk=row.pk))[0], status=201)

    @extend_schema(
        request=serializers.ReporterSerializer,
        responses=serializers.StandingSerializer,
        summary="What someone has agreed to",
        description="A POST, since an address has no place in a URL.",
    )
    @action(detail=False, methods=["post"])
    def find(self, request: Request) -> Response:
        asked = self.checked(serializers.ReporterSerializer)
        project_id = named_project(self.principal, asked["project"])
        with domain_errors():
            policy.check(self.principal, "consent.read", project_id)
        found = reporters.find(project_id, asked["reporter"])
        purposes = consents.standing(found) if found else {}
        return Response({"reporter_id": found.pk if found else None, "purposes": purposes})
