"""Keys, who they stand for, and how often they may call."""

from django.apps import AppConfig


class ApikeysConfig(AppConfig):
    name = "apikeys"
    verbose_name = "API keys"

    def ready(self) -> None:
        from apikeys import schema  # noqa: F401  registers the authentication with the OpenAPI generator
