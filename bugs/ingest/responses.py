"""What SDKs are answered: always with CORS, always with the list of what need not be sent."""

import orjson
from django.http import HttpResponse

# SDKs that read this stop sending what is not stored here for a day
UNWANTED = "86400:transaction;span;profile;replay;log_item;monitor:organization"
HEADERS = {
    "X-Sentry-Rate-Limits": UNWANTED,
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": (
        "X-Sentry-Auth, X-Requested-With, Origin, Accept, Content-Type, Content-Encoding, Authorization, "
        "Authentication, sentry-trace, baggage"
    ),
    "Access-Control-Expose-Headers": "X-Sentry-Error, X-Sentry-Rate-Limits, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
TITLES = {
    400: "Bad request",
    403: "Forbidden",
    405: "Method not allowed",
    413: "Content too large",
    503: "Service unavailable",
}


class Refusal(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def accepted(event_id: str) -> HttpResponse:
    body = orjson.dumps({"id": event_id} if event_id else {})
    return HttpResponse(body, content_type="application/json", headers=HEADERS)


def preflight() -> HttpResponse:
    return HttpResponse(status=204, headers={**HEADERS, "Access-Control-Max-Age": "86400"})


def refused(refusal: Refusal) -> HttpResponse:
    problem = {
        "type": "about:blank",
        "title": TITLES[refusal.status],
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
    }
    response = HttpResponse(
        orjson.dumps(problem), status=refusal.status, content_type="application/problem+json", headers=HEADERS
    )
    response["X-Sentry-Error"] = refusal.detail
    if refusal.status == 503:
        response["Retry-After"] = "5"
    if refusal.status == 405:
        response["Allow"] = "POST, OPTIONS"
    return response
