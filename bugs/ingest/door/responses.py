"""What SDKs are answered: always with CORS, always with the list of what need not be sent."""

import orjson
from django.http import HttpResponse

from config.api import problems

# SDKs that read this stop sending what is not stored here for a day
UNWANTED = (
    "86400:transaction;span;profile;profile_chunk;replay;log_item;log_byte;trace_metric;metric_bucket;monitor"
    ":organization"
)
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


class Refusal(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status: int, code: str, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after = status, code, detail, retry_after
        self.is_counted = False  # among the outcomes


def accepted(event_id: str) -> HttpResponse:
    body = orjson.dumps({"id": event_id} if event_id else {})
    return HttpResponse(body, content_type="application/json", headers=HEADERS)


def preflight() -> HttpResponse:
    return HttpResponse(status=204, headers={**HEADERS, "Access-Control-Max-Age": "86400"})


def refused(refusal: Refusal) -> HttpResponse:
    body = problems.encoded(refusal.status, refusal.code, refusal.detail)
    response = HttpResponse(body, status=refusal.status, content_type=problems.MEDIA_TYPE, headers=HEADERS)
    response["X-Sentry-Error"] = refusal.detail
    if refusal.status == 503:
        response["Retry-After"] = "5"
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
        limited = f"{refusal.retry_after}:error;attachment:project:{refusal.code}"
        response["X-Sentry-Rate-Limits"] = f"{limited}, {UNWANTED}"
    if refusal.status == 405:
        response["Allow"] = "POST, OPTIONS"
    return response
