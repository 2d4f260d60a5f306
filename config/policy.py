"""Which content browsers may load: for pages as the settings say, for the API nothing."""

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase

API = "/api/v1/"
NOTHING = "default-src 'none'; frame-ancestors 'none'"


class ContentPolicy(CSPMiddleware):
    """django-csp for pages. Answers of the API have a constant instead: building the policy took longer than needed."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.path_info.startswith(API):
            return super().process_response(request, response)
        response.headers.setdefault("Content-Security-Policy", NOTHING)
        return response
