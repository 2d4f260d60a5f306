"""Errors as RFC 9457 problem details: a stable code, the fields at fault, the request id, and no internals."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions, status
from rest_framework.response import Response

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "No valid credentials",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Changed since you read it",
    413: "Too large",
    415: "Unsupported media type",
    422: "Unprocessable",
    429: "Too many requests",
    500: "Internal error",
    503: "Service unavailable",
}


class Problem(exceptions.APIException):
    """An error with a stable code; `pointer` (RFC 6901) names the field of the body at fault, `more` is told too."""

    def __init__(
        self,
        status_code: int,
        code: str,
        detail: str,
        *,
        pointer: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.code = code
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        self.errors = [{"pointer": pointer, "code": code, "detail": detail}] if pointer else []


def not_found() -> Problem:
    """Missing and foreign look the same."""
    return Problem(404, "not_found", "There is nothing here, or it is not yours to see.")


def unknown_project(pointer: str = "/project") -> Problem:
    """The same for a project that a body or a parameter names."""
    return Problem(400, "unknown_project", "There is no such project, or it is not yours.", pointer=pointer)


def body_of(
    status_code: int,
    code: str,
    detail: str,
    *,
    request_id: str = "",
    errors: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """The problem document itself."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status_code, "Error"),
        "status": status_code,
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }
    if errors:
        body["errors"] = errors
    return body


def encoded(status_code: int, code: str, detail: str) -> bytes:
    """A problem as JSON, for what is refused before there is a request."""
    return orjson.dumps(body_of(status_code, code, detail))


def answer(request: HttpRequest, status_code: int, code: str, detail: str) -> HttpResponse:
    """A problem as a plain Django response, for what never reaches a view."""
    body = body_of(status_code, code, detail, request_id=getattr(request, "request_id", ""))
    return HttpResponse(orjson.dumps(body), status=status_code, content_type=MEDIA_TYPE)


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: whatever happened, the answer is a problem document."""
    request = context["request"]
    problem = _as_problem(error)
    body = body_of(
        problem.status_code,
        problem.code,
        str(problem.detail),
        request_id=getattr(request._request, "request_id", ""),
        errors=problem.errors,
    )
    response = Response(body | problem.more, status=problem.status_code, headers=problem.headers)
    response.content_type = MEDIA_TYPE
    request._request.problem_code = problem.code
    return response


def _as_problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case exceptions.ValidationError():
            return _invalid(error)
        case exceptions.Throttled():
            return Problem(
                429,
                "rate_limited",
                str(error.detail),
                headers={"Retry-After": str(int(getattr(error, "wait", None) or 1))},
            )
        case exceptions.APIException():
            return _of_drf(error)
        case Http404() | PermissionDenied() | SuspiciousOperation():
            return _of_django(error)
        case OperationalError():
            logger.warning("the database is away: %s", error.__class__.__name__)
            return Problem(503, "unavailable", "The database is away. Try again shortly.", headers={"Retry-After": "2"})
        case DatabaseError():
            logger.exception("database error")
            return Problem(500, "internal_error", "Something went wrong here. The request id leads us to it.")
    logger.exception("unhandled error", exc_info=error)
    return Problem(500, "internal_error", "Something went wrong here. The request id leads us to it.")


def _of_django(error: Exception) -> Problem:
    match error:
        case Http404():
            return not_found()
        case PermissionDenied():
            return Problem(403, "not_allowed", "This credential may not do that.")
        case RequestDataTooBig():
            return Problem(413, "body_too_large", "The body is larger than this server takes.")
    # More parts or fields than there may be, a host that is not ours.
    return Problem(400, "bad_request", "The request is not one that this server understands.")


def _of_drf(error: exceptions.APIException) -> Problem:
    codes = {
        405: "method_not_allowed",
        406: "not_acceptable",
        415: "unsupported_media_type",
        401: "no_credentials",
    }
    code = codes.get(error.status_code, str(getattr(error, "default_code", "error")))
    headers = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {}
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def _invalid(error: exceptions.ValidationError) -> Problem:
    problem = Problem(status.HTTP_400_BAD_REQUEST, "invalid", "Some fields are not as they must be; see errors.")
    problem.errors = list(_walk(error.detail, ""))
    return problem


def _walk(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            where = pointer if name == "non_field_errors" else f"{pointer}/{name}"
            yield from _walk(inner, where)
    elif isinstance(detail, list) and detail and isinstance(detail[0], (list, Mapping)):
        for index, inner in enumerate(detail):
            yield from _walk(inner, f"{pointer}/{index}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _walk(inner, pointer)
    else:
        yield {"pointer": pointer, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
