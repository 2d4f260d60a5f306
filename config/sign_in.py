"""Signing in: what a session is from then on, and where people go afterwards."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme


@receiver(user_logged_in)
def session_began(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    """It has an id that nobody knew before, and ends at a set hour, whatever is done with it until then."""
    request.session.cycle_key()
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))


class SignIn(views.LoginView):
    """For the dashboard."""

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return refused(self.request, super().form_invalid(form))


def refused(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A form that is shown again after it was sent has not let anybody in; it is the same for everybody."""
    if request.method == "POST" and response.status_code == 200:
        response.status_code = 403
    return response


def onward(request: HttpRequest, otherwise: str = "admin:index") -> str:
    """Where the person wanted to go, when that is here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse(otherwise)
