"""Puts the console in the place of Django's own admin site."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "config.console.Console"

    def ready(self) -> None:
        super().ready()
        from config import sign_in  # noqa: F401 - connects what is to hear of sign-ins; needs loaded apps
