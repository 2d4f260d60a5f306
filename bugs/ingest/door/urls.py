"""Where a DSN points, below /api/."""

from django.urls import path

from bugs.ingest.door import views

urlpatterns = [
    path("<int:number>/envelope/", views.envelope, name="ingest-envelope"),
    path("<int:number>/store/", views.store, name="ingest-store"),
]
