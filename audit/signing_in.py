"""Who signed in, signed out, or could not: the record of the call says so, whatever page it was."""

from typing import Any

from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest

from audit import access


@receiver(signals.user_logged_in)
def signed_in(request: HttpRequest | None, user: Any, **_: Any) -> None:
    _note(request, "logged_in", user)


@receiver(signals.user_logged_out)
def signed_out(request: HttpRequest | None, user: Any, **_: Any) -> None:
    _note(request, "logged_out", user)


@receiver(signals.user_login_failed)
def not_signed_in(request: HttpRequest | None = None, credentials: Any = None, **_: Any) -> None:
    """The name that was tried is personal, and may be a password in the wrong field: it is kept encrypted."""
    if request is not None:
        note = access.of(request)
        note.code, note.outcome = note.code or "login_failed", "refused"
        note.tried = str((credentials or {}).get("username", ""))[: access.TEXT_MAX]


def _note(request: HttpRequest | None, code: str, user: Any) -> None:
    if request is not None and user is not None:
        note = access.of(request)
        note.code, note.operation = code, note.operation or code
        note.is_of(user)
