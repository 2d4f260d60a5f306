"""The door of other systems: no key, the signature over the bytes is the gate."""

from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access
from bugs.ingest.wire import lenient_json
from config.api.problems import Problem, not_found
from config.api.views import ViewSet, identifier
from integrations.inbound import receiving
from integrations.models import Connector
from integrations.serializers import Inbound

BODY_MAX = 5 * 1024 * 1024
_HEADERS = [
    OpenApiParameter(name, str, OpenApiParameter.HEADER)
    for name in ("X-Hub-Signature-256", "X-GitHub-Event", "X-GitHub-Delivery")
]


class InboundViewSet(ViewSet):
    """What connectors tell. A wrong signature is answered as if there were no such connector."""

    queryset = Connector.objects.none()
    serializer_class = Inbound
    lookup_value_regex = "[0-9a-f-]{36}"
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    filter_backends = []
    cannot_rehearse = frozenset({"receive"})
    connector: Connector

    @extend_schema(
        parameters=[
            OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Of the connector."),
            *_HEADERS,
        ],
        request={"application/json": OpenApiTypes.OBJECT},
        responses=Inbound,
        auth=[],
        summary="Take a signed delivery of a connector",
        description=(
            f"At most {BODY_MAX} bytes. `stored` is kept, `repeated` came before, `ignored` is nothing that is kept."
        ),
    )
    def receive(self, request: Request, pk: str) -> Response:
        try:
            result = receiving.receive(self.connector, body=request._request.body, headers=request.headers)
        except lenient_json.Malformed as error:
            raise Problem(400, "invalid_json", str(error)) from None
        return Response({"result": result})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who it is stands before anything is begun: a slow or wrong sender holds no transaction open."""
        super().initial(request, *args, **kwargs)
        if request.method != "POST":
            return
        note = access.of(request._request)
        note.operation = "inbound_receive"
        body = _body(request)
        connector = receiving.authentic(identifier(kwargs["pk"]), body=body, headers=request.headers)
        if connector is None:
            raise not_found()
        self.connector = connector
        note.principal = receiving.principal_of(connector)
        cast(Any, request).user = note.principal
        note.project_ids = [connector.project_id]


def _body(request: Request) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > BODY_MAX:
        raise Problem(413, "body_too_large", f"A delivery may have {BODY_MAX} bytes at most.")
    return request._request.body
