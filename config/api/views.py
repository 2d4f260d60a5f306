"""The one way through the API: who, how often, may they, then one transaction, then the answer."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api.problems import Problem

SAFE = ("GET", "HEAD", "OPTIONS")


class ViewSet(GenericViewSet[Any]):
    """A viewset that says what each action needs; an action it does not name is refused.

    requires: action name -> policy action (`bug.read`); the permission class asks the policy.
    """

    requires: ClassVar[dict[str, str]] = {}

    @property
    def principal(self) -> Any:
        """Who is calling, as the authentication class found."""
        return self.request.user

    def checked(self, serializer_class: Any, *, partial: bool = False) -> dict[str, Any]:
        """The body as the serializer reads it; raises a 400 with the fields at fault."""
        serializer = serializer_class(data=self.request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def expected_version(self) -> int | None:
        """The version that `If-Match` names; None when any will do, -1 when none can."""
        tag = self.request.headers.get("If-Match", "").strip('"')
        if tag in ("", "*"):
            return None
        return int(tag) if tag.isascii() and tag.isdigit() and len(tag) < 10 else -1

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """DRF's own, except: limits before permissions, and an unsafe call is one transaction with its record."""
        self.args, self.kwargs, self.headers = args, kwargs, self.default_response_headers
        self.request = drf_request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(drf_request, *args, **kwargs)
            if request.method in SAFE:
                response = self._handle(drf_request, *args, **kwargs)
            else:
                response = self._handle_in_transaction(drf_request, *args, **kwargs)
        except Exception as error:
            response = self.finalize_response(drf_request, self.handle_exception(error), *args, **kwargs)
        self.response = response
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = self.get_format_suffix(**kwargs)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        self.perform_authentication(request)
        self.check_throttles(request)
        self.check_permissions(request)

    def _handle(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        handler = getattr(self, (request.method or "").lower(), self.http_method_not_allowed)
        response: Response = self.finalize_response(request, handler(request, *args, **kwargs), *args, **kwargs)
        return response

    def _handle_in_transaction(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            response = self._handle(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
            import_string(settings.ACCESS_RECORDER)(request._request, status=response.status_code, durable=True)
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        limits = getattr(request._request, "rate_limit_headers", {})
        self.headers = {**self.headers, **limits}
        return super().finalize_response(request, response, *args, **kwargs)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        raise Problem(405, "method_not_allowed", f"{request.method} is not possible here.")
