"""What a filter means, over REST."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import query
from bugs.serializers.query import QueryExplanationSerializer
from bugs.views.conventions import domain_errors
from config.api.views import ViewSet

Q = OpenApiParameter("q", str, description="The filter; without it, everything.")


class QueryViewSet(ViewSet):
    """The filter language: `docs/filters.md`."""

    requires = {"list": "bug.read"}
    serializer_class = QueryExplanationSerializer

    @extend_schema(
        summary="Explain a filter",
        parameters=[Q],
        responses=QueryExplanationSerializer(many=False),
    )
    def list(self, request: Request) -> Response:
        """What was understood, or a 400 that points at the character."""
        with domain_errors():
            explanation = query.explain(request.query_params.get("q", ""))
        return Response(QueryExplanationSerializer(explanation).data)
