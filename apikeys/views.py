"""Keys over REST: issue, list, revoke, and what a key says of itself."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys import selectors, serializers, services
from apikeys.models import ApiKey
from config.api.problems import Problem, not_found
from config.api.views import ViewSet


class ApiKeyViewSet(ViewSet):
    """API keys of the caller."""

    queryset = ApiKey.objects.none()
    serializer_class = serializers.KeySerializer
    filter_backends = []
    lookup_value_regex = "[0-9a-f-]{36}"
    requires = {"list": "key.manage", "create": "key.manage", "revoke": "key.manage", "who": "self.read"}
    shows_secret = frozenset({"create"})

    @extend_schema(responses=serializers.KeySerializer(many=True), summary="Your keys")
    def list(self, request: Request) -> Response:
        keys = selectors.keys_for(self.principal).order_by("-created_at")[:200]
        return Response({"results": [_shown(key) for key in keys]})

    @extend_schema(
        request=serializers.NewKeySerializer,
        responses={201: serializers.IssuedKeySerializer},
        summary="Issue a key",
    )
    def create(self, request: Request) -> Response:
        serializer = serializers.NewKeySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            key, secret = services.issue(
                owner_id=self.principal.user_id, by=self.principal, **dict(serializer.validated_data)
            )
        except services.TooMuch as error:
            raise Problem(403, "more_than_you_have", str(error), pointer="/permissions") from None
        return Response({**_shown(key), "key": secret}, status=201)

    @extend_schema(request=None, summary="Revoke a key for good")
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        if not selectors.keys_for(self.principal).filter(pk=UUID(pk)).exists():
            raise not_found()
        return Response(_shown(services.revoke(UUID(pk), by=self.principal)))

    @extend_schema(responses={200: dict}, summary="What the calling credential is and may")
    @action(detail=False, url_path="self")
    def who(self, request: Request) -> Response:
        principal = self.principal
        return Response(
            {
                "actor": principal.label,
                "name": principal.name,
                "permissions": sorted(principal.permissions),
                "endpoints": list(principal.endpoints),
                "rate_limits": principal.rate_limits,
            }
        )


def _shown(key: ApiKey) -> dict[str, Any]:
    return dict(serializers.KeySerializer(key).data)
