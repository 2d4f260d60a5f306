"""The roof as an app: its commands, and what `manage.py check --deploy` says of encryption."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from config import logs


class RoofConfig(AppConfig):
    name = "config"
    verbose_name = "Bugwire"

    def ready(self) -> None:
        logs.log_failing_threads()
        checks.register(keys_are_configured, checks.Tags.security, deploy=True)


def keys_are_configured(app_configs: Sequence[AppConfig] | None, **more: Any) -> list[checks.CheckMessage]:
    """Without keys of its own, encryption hangs on SECRET_KEY, which is needed for more and so harder to replace."""
    if settings.ENCRYPTION_KEYS:
        return []
    return [
        checks.Warning(
            "ENCRYPTION_KEYS is empty, so what is encrypted at rest is sealed under a key made from SECRET_KEY.",
            hint="Set ENCRYPTION_KEYS to 1=<32 random characters or more>, then run `manage.py rotate_keys`.",
            id="bugwire.W001",
        )
    ]
