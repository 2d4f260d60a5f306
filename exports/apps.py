"""Taking bugs out: files that are made in the background and fetched when ready."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"
    verbose_name = "Exports"
