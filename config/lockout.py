"""Locks who guesses passwords (django-axes), without keeping a name or an address in the clear."""

from typing import Any

from axes.handlers.base import AxesHandler
from axes.helpers import get_client_username
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit import access
from bugs.services import sign_ins
from config.api import addresses


class Handler(AxesHandler):  # type: ignore[misc]
    """django-axes asks and tells; the counts are ours."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return sign_ins.seconds_locked(_name(request, credentials), source_of(request)) > 0

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        if request is None:
            return
        if not request.axes_locked_out:  # one that was refused unread counts no more
            sign_ins.failed(_name(request, credentials), source_of(request))
            sign_ins.forget()
        request.axes_locked_out = self.is_locked(request, credentials)
        request.axes_credentials = credentials

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        sign_ins.succeeded(user.get_username(), source_of(request))

    def reset_attempts(self, **named: Any) -> int:
        """`manage.py axes_reset` unlocks everybody; one alone waits for the cool-off, since digests have no names."""
        return sign_ins.forget_all() if not any(named.values()) else 0


def answer(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """The same for names that are known here and for all others."""
    seconds = max(1, sign_ins.seconds_locked(_name(request, credentials), source_of(request)))
    access.of(request).code = "locked_out"
    page = render(request, "registration/locked.html", {"minutes": -(-seconds // 60)}, status=429)
    page.headers["Retry-After"] = str(seconds)
    page.headers["Cache-Control"] = "no-store"
    return page


def source_of(request: HttpRequest) -> str:
    """An address, or the /64 of one: what one customer has at the least."""
    return addresses.source_of(address_of(request))


def address_of(request: HttpRequest) -> str:
    return str(getattr(request, "client_ip", "")) or "127.0.0.1"  # a Unix socket has none


def _name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    return get_client_username(request, credentials) or ""
