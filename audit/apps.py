"""The ground floor: what happened, who looked, and who is told."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from audit import signing_in  # noqa: F401 (it listens to Django's own signals)
