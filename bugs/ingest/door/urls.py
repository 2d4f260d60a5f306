"""Where a DSN points, below /api/."""

from django.urls import re_path

from bugs.ingest.door import views

urlpatterns = [re_path(r"^\d+/(?:envelope|store)/$", views.door, name="ingest")]
