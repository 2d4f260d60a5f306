"""The one way through the API: who, how often, may they, then one transaction, then the answer."""

from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.api import conditional, idempotency, parameters, rehearsal
from config.api.pagination import Pages
from config.api.problems import Problem, not_found

SAFE = ("GET", "HEAD", "OPTIONS")


def identifier(text: str) -> UUID:
    """What is no identifier names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise not_found() from None


class ViewSet(GenericViewSet[Any]):
    """A viewset that says what each action needs; an action it does not name is refused.

    requires: action name -> policy action (`bug.read`); the permission class asks the policy.
    shows_secret: actions whose answer shows a secret: it is never kept for a retry, and never rehearsed.
    cannot_rehearse: other actions without `dry_run`.
    costs: action name -> what a call takes from the caller's limits; 1 for those it does not name.
    """

    pagination_class = Pages  # for OpenAPI; views call `paginate`
    requires: ClassVar[dict[str, str]] = {}
    shows_secret: ClassVar[frozenset[str]] = frozenset()
    cannot_rehearse: ClassVar[frozenset[str]] = frozenset()
    costs: ClassVar[dict[str, int]] = {}

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
        return conditional.expected_version(self.request.headers.get("If-Match", ""))

    def versioned(self, document: bytes, version: int, *, marked: bytes | None = None, status: int = 200) -> Response:
        """A JSON text as the answer, with its entity tag; marked: what the tag follows when that is not all of it."""
        headers = {"ETag": conditional.tag(version, document if marked is None else marked)}
        return Response(orjson.Fragment(document), status=status, headers=headers)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """DRF's own, except: limits before permissions, and an unsafe call is one transaction with its record."""
        self.args, self.kwargs, self.headers = args, kwargs, self.default_response_headers
        self.request = drf_request = self.initialize_request(request, *args, **kwargs)
        response: Any
        try:
            self.initial(drf_request, *args, **kwargs)
            if request.method in SAFE:
                response = conditional.unless_unchanged(drf_request, self._handle(drf_request, *args, **kwargs))
            else:
                response = self._write(drf_request, *args, **kwargs)
        except Exception as error:
            response = self.finalize_response(drf_request, self.handle_exception(error), *args, **kwargs)
        self.response = response
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = self.get_format_suffix(**kwargs)
        self.perform_authentication(request)
        self.check_throttles(request)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        if request.method == "OPTIONS":
            return
        self.check_permissions(request)
        if self.action:
            parameters.refuse_undocumented(self)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """DRF's own, which has nothing to find out when there is one format and the caller takes it."""
        renderers = self.get_renderers()
        plain = request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", renderers[0].media_type)
        if plain and len(renderers) == 1 and not self.format_kwarg and "format" not in request.query_params:
            return renderers[0], renderers[0].media_type
        return super().perform_content_negotiation(request, force)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What is possible here is in `Allow`, as in every answer."""
        return Response(status=204)

    def _handle(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        handler = self._handler((request.method or "").lower())
        response: Response = self.finalize_response(request, handler(request, *args, **kwargs), *args, **kwargs)
        return response

    def _handler(self, method: str) -> Any:
        """Of the methods that the route names: a method called like one of ours, such as MOVE or RAW, is none."""
        known = method in self.action_map or method == "options"
        return getattr(self, method) if known else self.http_method_not_allowed

    def _write(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        def perform() -> Any:
            response = self._handle(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

        is_secret = self.action in self.shows_secret
        can_rehearse = not is_secret and self.action not in self.cannot_rehearse
        with transaction.atomic():
            if rehearsal.is_asked(request, is_possible=can_rehearse):
                response = rehearsal.of(perform)
            else:
                response = idempotency.once(request, self, perform, shows_secret=is_secret)
            size = len(response.content) if isinstance(response, HttpResponse) else None
            record = import_string(settings.ACCESS_RECORDER)
            record(request._request, status=response.status_code, durable=True, size=size)
        return response

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        raise Problem(405, "method_not_allowed", f"{request.method} is not possible here.")
