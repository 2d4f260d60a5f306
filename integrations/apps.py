"""Bugwire towards other systems: outgoing webhooks."""

import ssl

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        """A file that cannot be used is told at the start, not by each webhook."""
        file = settings.OUTBOUND_CA_FILE
        try:
            if file:
                ssl.create_default_context().load_verify_locations(file)
        except OSError as error:
            raise ImproperlyConfigured(f"OUTBOUND_CA_FILE names {file}, which cannot be used: {error}") from None
