"""The code that operators give after their password: entering it, enrolling an authenticator, recovery codes."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

import django_otp
import segno
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import access
from bugs import selectors as people
from bugs.models import Authenticator, User
from bugs.selectors import authenticators as selectors
from bugs.services import authenticators
from config.sign_in import onward

FRESH_SECONDS = 15 * 60
_PROVEN_AT, _ENROLLING = "code_given_at", "enrolling"
View = Callable[[HttpRequest], HttpResponse]


def is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_staff", False))


def is_proven(request: HttpRequest) -> bool:
    """Whether this session gave a code of an authenticator that is still in use."""
    return bool(cast(Any, request.user).is_verified())


def is_fresh(request: HttpRequest) -> bool:
    """Whether that was in the last quarter of an hour; a form that was opened in it may be sent in the next one."""
    seconds = FRESH_SECONDS if request.method == "GET" else 2 * FRESH_SECONDS
    return is_proven(request) and time.time() - request.session.get(_PROVEN_AT, 0) < seconds


def asked(request: HttpRequest, wanted: str) -> HttpResponse:
    """On to the code, or to an authenticator for who has none, and back to where the person wanted to go."""
    page = "admin:code" if selectors.in_use(_user(request)) else "admin:enrol"
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': wanted})}")


def _after_the_password(view: View) -> View:
    @never_cache
    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        if not is_staff(request):
            return HttpResponseRedirect(f"{reverse('admin:login')}?{urlencode({'next': onward(request)})}")
        return view(request)

    return inner


@_after_the_password
def code(request: HttpRequest) -> HttpResponse:
    """The page after the password."""
    user = _user(request)
    if selectors.in_use(user) is None:
        return asked(request, onward(request))
    context = {"next": onward(request)}
    if request.method == "GET":
        return render(request, "registration/code.html", context)
    device = authenticators.accept(user, request.POST.get("code", ""))
    if device is None:
        return _refused(request, "registration/code.html", context)
    _prove(request, device)
    return HttpResponseRedirect(onward(request))


@_after_the_password
def enrol(request: HttpRequest) -> HttpResponse:
    """For who has no authenticator yet, and for who replaces it."""
    user = _user(request)
    if selectors.in_use(user) and not is_fresh(request):
        return asked(request, request.get_full_path())
    if request.method == "GET":
        return render(request, "registration/enrol.html", _enrolment(request, _enrolling(request)))
    device = _enrolling(request)
    codes = authenticators.confirm(user, device, request.POST.get("code", "").strip().replace(" ", ""))
    if codes is None:
        return _refused(request, "registration/enrol.html", _enrolment(request, device))
    del request.session[_ENROLLING]
    update_session_auth_hash(request, user)  # this session is the one that stays
    _prove(request, Authenticator.objects.get(pk=device.pk))
    return render(request, "registration/recovery_codes.html", {"codes": codes, "next": onward(request)})


def authenticator(request: HttpRequest) -> HttpResponse:
    """What one has enrolled, and new recovery codes. Behind the console's own door."""
    user = _user(request)
    device = selectors.in_use(user)
    if device is None:
        return asked(request, request.get_full_path())
    if request.method == "POST":
        if not is_fresh(request):
            return asked(request, request.get_full_path())
        codes = authenticators.new_recovery_codes(user, by=people.principal_of(user))
        return render(request, "registration/recovery_codes.html", {"codes": codes, "next": reverse("admin:index")})
    left = selectors.recovery_codes_left(user)
    return render(request, "registration/authenticator.html", {"device": device, "left": left})


def _enrolling(request: HttpRequest) -> Authenticator:
    """The one that this session is enrolling: a secret that another session has seen is never put to use."""
    user = _user(request)
    begun = selectors.begun(user, request.session.get(_ENROLLING, 0)) or authenticators.begin(user)
    request.session[_ENROLLING] = begun.pk
    return begun


def _enrolment(request: HttpRequest, device: Authenticator) -> dict[str, Any]:
    picture = segno.make(selectors.enrolment_url(device), error="m").svg_inline(scale=5, border=3, light="#fff")
    text = selectors.secret_text(device)
    return {
        "picture": mark_safe(picture),  # noqa: S308 - segno draws it, and a secret of ours is all that is in it
        "secret": " ".join(text[at : at + 4] for at in range(0, len(text), 4)),
        "next": onward(request),
    }


def _prove(request: HttpRequest, device: Any) -> None:
    request.session.cycle_key()
    django_otp.login(request, device)
    request.session[_PROVEN_AT] = int(time.time())
    access.of(request).code = "code_accepted"


def _refused(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Wrong, used before, or too soon after a wrong one: that is not told apart."""
    access.of(request).code = "code_refused"
    return render(request, template, {**context, "is_refused": True}, status=403)


def _user(request: HttpRequest) -> User:
    return User.objects.get(pk=cast(int, request.user.pk))
