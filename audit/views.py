"""The audit log over REST."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import selectors
from config.api.filtering import CONVENTIONS, refuse_unknown
from config.api.pagination import paginate
from config.api.views import ViewSet


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.CharField()
    subject = serializers.CharField()
    project_id = serializers.UUIDField(allow_null=True)
    actor = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


class AccessSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    occurred_at = serializers.DateTimeField()
    channel = serializers.CharField()
    actor = serializers.CharField()
    operation = serializers.CharField()
    method = serializers.CharField()
    path = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    ip = serializers.IPAddressField(allow_null=True)
    duration_ms = serializers.IntegerField()


class EventViewSet(ViewSet):
    """What happened, newest first."""

    serializer_class = EventSerializer
    filter_backends = []
    requires = {"list": "audit.read"}

    @extend_schema(responses=EventSerializer(many=True), summary="What happened")
    def list(self, request: Request) -> Response:
        refuse_unknown(request.query_params, CONVENTIONS)
        events = selectors.events_of_projects(list(self.principal.roles))
        return paginate(request, events, order="-occurred_at", render=_values(EventSerializer))


class AccessViewSet(ViewSet):
    """Who called, newest first."""

    serializer_class = AccessSerializer
    filter_backends = []
    requires = {"list": "audit.read"}

    @extend_schema(responses=AccessSerializer(many=True), summary="Who called")
    def list(self, request: Request) -> Response:
        refuse_unknown(request.query_params, CONVENTIONS)
        records = selectors.access_of_projects(list(self.principal.roles))
        return paginate(request, records, order="-occurred_at", render=_values(AccessSerializer))


def _values(serializer_class: type[serializers.Serializer[Any]]) -> Any:
    columns = list(serializer_class().fields)

    def render(rows: QuerySet[Any], _: list[Any]) -> list[Any]:
        return list(rows.values(*columns))

    return render
