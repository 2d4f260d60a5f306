"""`Idempotency-Key`: a write that is sent again is answered again, and done once."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from config.api.problems import Problem, not_found

MAX_KEY = 255
_KEY = re.compile(r"[\x21-\x7e]+")
_KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Link", "Retry-After")
_NOT_KEPT = (401, 403, 429)  # may be another answer at the next try


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write was answered. Without a body when the answer showed a secret.

    projects: where the caller might do this then; one that is lost may be the one that the answer tells of.
    """

    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: bytes | None
    projects: frozenset[UUID]


class Store(Protocol):
    """Where answers are kept, for a day: the module that the setting IDEMPOTENCY_STORE names."""

    def hold(self, name: bytes) -> bool:
        """Take this name until the transaction ends; False when another call has it."""

    def projects(self, principal: Any, action: str) -> frozenset[UUID]:
        """Where the principal may do that."""

    def find(self, name: bytes) -> Answer | None: ...

    def keep(self, name: bytes, answer: Answer) -> None: ...


def once(request: Request, view: Any, perform: Callable[[], Any], *, shows_secret: bool) -> Any:
    """The answer of `perform`, or the one that this key got before. Runs inside the transaction of the write.

    Raises a 409 while another call with this key is at work, a 422 when the key was used for another request.
    """
    key = _key(request)
    if key is None:
        return perform()
    store = cast(Store, import_module(settings.IDEMPOTENCY_STORE))
    name, fingerprint = _digest(f"{view.principal.label} {key}".encode()), _fingerprint(request)
    if not store.hold(name):
        detail = "A request with this Idempotency-Key is still at work. Try again shortly."
        raise Problem(409, "request_in_flight", detail, headers={"Retry-After": "1"})
    projects = store.projects(view.principal, view.requires.get(view.action, ""))
    before = store.find(name)
    if before:
        if not before.projects <= projects:
            raise not_found()
        return view.finalize_response(request, _replayed(before, fingerprint))
    response = _attempt(request, view, perform)
    if hasattr(response, "content"):
        hides = shows_secret and response.status_code < 300
        store.keep(name, _answer(fingerprint, response, projects, hides=hides))
    return response


def _attempt(request: Request, view: Any, perform: Callable[[], Any]) -> Any:
    """A refusal is an answer too: what it began is undone, and it is kept, unless it may pass."""
    try:
        with transaction.atomic():
            return perform()
    except (APIException, Http404, PermissionDenied) as error:
        response = view.finalize_response(request, view.handle_exception(error))
        if response.status_code in _NOT_KEPT or response.status_code >= 500:
            raise
        return response.render()


def _answer(fingerprint: bytes, response: Any, projects: frozenset[UUID], *, hides: bool) -> Answer:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    return Answer(fingerprint, response.status_code, headers, None if hides else response.content, projects)


def _replayed(before: Answer, fingerprint: bytes) -> HttpResponse:
    if before.fingerprint != fingerprint:
        detail = "This Idempotency-Key was used for another request. Take a new one."
        raise Problem(422, "idempotency_key_reused", detail)
    if before.body is None:
        detail = (
            "This was done. Its answer is not kept: it showed a secret, or texts that are cleaned by other rules now."
        )
        raise Problem(409, "already_created", detail)
    return HttpResponse(before.body, status=before.status, headers={**before.headers, "Idempotent-Replayed": "true"})


def _key(request: Request) -> str | None:
    """The key, bare or as a quoted string."""
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    key = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        detail = f"An Idempotency-Key has 1 to {MAX_KEY} visible ASCII characters."
        raise Problem(400, "invalid_idempotency_key", detail)
    return key


def _fingerprint(request: Request) -> bytes:
    """Of method, path and body; of an upload its parts, because the line between them differs in every try."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    if (request.content_type or "").startswith("multipart/"):
        return _digest(head + b"".join(_part(name, value) for name, value in _parts(request)))
    try:
        return _digest(head + request._request.body)
    except RequestDataTooBig:
        raise Problem(413, "body_too_large", "The body is larger than this server takes.") from None


def _parts(request: Request) -> list[tuple[str, Any]]:
    form: Any = request.data
    return sorted(((name, value) for name, values in form.lists() for value in values), key=lambda part: part[0])


def _part(name: str, value: Any) -> bytes:
    if not hasattr(value, "chunks"):
        return _digest(f"{name}={value}".encode())
    digest = hashlib.sha256(f"{name}={value.name}\n".encode())
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.digest()


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
