"""The API as most would write it first.

ModelViewSet, ModelSerializer, cursor pages, a key looked up in the database, three sliding windows through the
`limits` package, an audit row that waits for the disk.
"""

from typing import Any

import limits
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from limits.strategies import SlidingWindowCounterRateLimiter
from rest_framework import authentication, exceptions, serializers, throttling, viewsets
from rest_framework.pagination import CursorPagination
from rest_framework.routers import SimpleRouter

application = get_wsgi_application()
asgi = get_asgi_application()

from apikeys import selectors as keys  # noqa: E402 (the apps are loaded now)
from audit.identifiers import uuid7  # noqa: E402
from audit.models import AccessRecord  # noqa: E402
from bugs.models import Bug  # noqa: E402

_limiter = SlidingWindowCounterRateLimiter(limits.storage.storage_from_string(settings.NAIVE_LIMITS))
_windows = [limits.parse(f"1000000000/{window}") for window in ("minute", "hour", "day")]


class ByKey(authentication.BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[Any, Any]:
        key = keys.key_for_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if key is None:
            raise exceptions.AuthenticationFailed
        return key.owner, key


class Limits(throttling.BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return all(_limiter.hit(window, "naive", str(request.auth.pk)) for window in _windows)


class BugSerializer(serializers.ModelSerializer):
    reference = serializers.SerializerMethodField()
    project = serializers.CharField(source="project.key")
    reporter = serializers.CharField(source="reporter.username", default=None)
    assignee = serializers.CharField(source="assignee.username", default=None)

    class Meta:
        model = Bug
        exclude = ("number", "words", "stems", "deleted_at")

    def get_reference(self, bug: Bug) -> str:
        return f"{bug.project.key}-{bug.number}"


class Pages(CursorPagination):
    """Numbered pages would count all bugs on each call, and be three times slower still."""

    page_size = 50
    ordering = ("-created_at", "-id")


class BugViewSet(viewsets.ModelViewSet):
    # Without `defer` every row would bring its search vectors: that much anyone would notice.
    queryset = Bug.objects.defer("words", "stems").select_related("project", "reporter", "assignee")
    serializer_class = BugSerializer
    pagination_class = Pages
    authentication_classes = (ByKey,)
    throttle_classes = (Limits,)

    def get_queryset(self):
        bugs = super().get_queryset().filter(deleted_at=None)
        project = self.request.query_params.get("project")
        return bugs.filter(project_id=project) if project else bugs

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        AccessRecord.objects.create(
            id=uuid7(),
            occurred_at=timezone.now(),
            channel="rest",
            actor=f"key:{getattr(request.auth, 'pk', '')}",
            operation="bugs.list",
            method=request.method,
            path=request.path,
            era=1,
            status=response.status_code,
            outcome="allowed",
            project_ids=[],
            duration_ms=0,
        )
        return super().finalize_response(request, response, *args, **kwargs)


router = SimpleRouter()
router.register("bugs", BugViewSet)
urlpatterns = router.urls
