"""Who hears of a bug, over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import Watcher
from bugs.selectors import watchers as selectors
from bugs.serializers import watchers as serializers
from bugs.services import watchers
from bugs.views.comments import BUG
from bugs.views.conventions import domain_errors, found
from config.api.pagination import paginate
from config.api.views import ViewSet


class WatcherViewSet(ViewSet):
    """The people who watch one bug: its reporter, assignees and commenters by themselves, others by asking."""

    queryset = Watcher.objects.none()
    serializer_class = serializers.WatcherSerializer
    requires = {"list": "bug.read"}

    @extend_schema(parameters=[BUG], responses=serializers.WatcherSerializer(many=True), summary="List watchers")
    def list(self, request: Request, bug: str) -> Response:
        rows = self.filter_queryset(selectors.of_bug(found(self.principal, bug)))
        return paginate(request, rows, order="-since", render=lambda page, _: selectors.rows(page))


class WatchViewSet(ViewSet):
    """Whether the caller, or the owner of the key, watches one bug."""

    queryset = Watcher.objects.none()
    serializer_class = serializers.WatchSerializer
    requires = {"create": "bug.watch", "stop": "bug.watch"}

    @extend_schema(
        parameters=[BUG], request=None, responses=serializers.WatchSerializer, summary="Watch a bug from now on"
    )
    def create(self, request: Request, bug: str) -> Response:
        with domain_errors():
            watchers.watch(found(self.principal, bug), by=self.principal)
        return Response({"watching": True})

    @extend_schema(parameters=[BUG], request=None, summary="Watch a bug no more")
    def stop(self, request: Request, bug: str) -> Response:
        with domain_errors():
            watchers.unwatch(found(self.principal, bug), by=self.principal)
        return Response(status=204)
