"""The built-in dashboard: one page; everything on it comes from the public API and the stream."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """The page only says where the stream is and carries the CSRF token that status changes send."""
    return render(request, "dashboard.html", {"stream_url": settings.STREAM_URL, "csrf": get_token(request)})
