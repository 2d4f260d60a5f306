"""What browsers may load, use and keep: for pages as the settings say, of the API nothing."""

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase

API = "/api/v1/"
_DEVICES = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
NO_DEVICES = ", ".join(f"{device}=()" for device in _DEVICES)
NOTHING = "default-src 'none'; frame-ancestors 'none'"


class ContentPolicy(CSPMiddleware):
    """django-csp for pages. Answers of the API have a constant instead: building the policy took longer than needed."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers["Permissions-Policy"] = NO_DEVICES
        if not request.path_info.startswith(API):
            response.headers.setdefault("Cache-Control", "no-store" if _is_page(response) else "no-cache")
            return super().process_response(request, response)
        response.headers.setdefault("Content-Security-Policy", NOTHING)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")
