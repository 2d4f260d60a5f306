"""The operators' console: Django's admin behind a password and a code, at `/admin/`."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from config import second_factor, sign_in


class Console(admin.AdminSite):
    """Staff come in; what they see and do there is up to the policy (`bugs.admin.gating`)."""

    site_header = "Bugwire operations"
    site_title = "Bugwire"
    login_template = "registration/login.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return second_factor.is_staff(request) and (
            not settings.CONSOLE_REQUIRES_TOTP or second_factor.is_proven(request)
        )

    def get_urls(self) -> list[URLResolver | URLPattern]:
        own: list[URLResolver | URLPattern] = [
            path("code/", second_factor.code, name="code"),
            path("enrol/", second_factor.enrol, name="enrol"),
            path("authenticator/", self.admin_view(second_factor.authenticator), name="authenticator"),
        ]
        return [*own, *super().get_urls()]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Who has given the password is asked for the code."""
        if request.method == "GET" and second_factor.is_staff(request) and not self.has_permission(request):
            return second_factor.asked(request, sign_in.onward(request))
        return sign_in.refused(request, super().login(request, extra_context))

    def is_fresh(self, request: HttpRequest) -> bool:
        """Whether a code was given so lately that roles and authenticators may be changed."""
        return not settings.CONSOLE_REQUIRES_TOTP or second_factor.is_fresh(request)

    def ask_again(self, request: HttpRequest) -> HttpResponse:
        """On to the code, and back to where the person is."""
        return second_factor.asked(request, request.get_full_path())
