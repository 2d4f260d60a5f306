"""The list of doors."""

from django.contrib import admin
from django.contrib.auth import views as sessions
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health, pages, sign_in
from config.api import problems


def nothing_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problems.answer(request, 404, "not_found", "There is nothing here, or it is not yours to see.")


def broken(request: HttpRequest) -> HttpResponse:
    detail = "Something went wrong here. The request id leads us to it."
    return problems.answer(request, 500, "internal_error", detail)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problems.answer(request, 400, "bad_request", "The request is not one that this server understands.")


handler400, handler404, handler500 = bad_request, nothing_here, broken

urlpatterns = [
    path("", pages.dashboard, name="dashboard"),
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", sessions.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url="/static/bugwire.svg")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("docs/", include("streaming.protocol.urls")),
    path("api/v1/", include("bugs.urls")),
    path("api/v1/", include("apikeys.urls")),
    path("api/v1/", include("exports.urls")),
    path("api/v1/", include("integrations.urls")),
    path("api/v1/", include("streaming.urls")),
    path("api/v1/", include("audit.urls")),
    path("api/", include("bugs.ingest.door.urls")),
    re_path(r"^.*$", nothing_here),
]
