"""Where a DSN points."""

from django.urls import path

from bugs.ingest import views

urlpatterns = [
    path("api/<int:number>/envelope/", views.envelope, name="ingest-envelope"),
    path("api/<int:number>/store/", views.store, name="ingest-store"),
]
