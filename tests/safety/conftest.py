"""For the tables of attacks: two tenants, with one of everything as tests/bugs/safety has them; nobody listens."""

from typing import Any

import pytest

from tests.bugs.safety.conftest import crash, own, world

__all__ = ("crash", "own", "world")


@pytest.fixture
def quiet(settings: Any, tmp_path: Any) -> None:
    """No events go out, files go to a folder of the test, and no limit is in the way."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}
    settings.MEDIA_ROOT = str(tmp_path)
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}
    for name in ("RATE_LIMIT_DEFAULTS", "PEOPLE_RATE_LIMITS"):
        setattr(settings, name, dict.fromkeys(settings.RATE_LIMIT_DEFAULTS, 10**6))
    settings.FAILED_AUTH_PER_MINUTE = 10**6


@pytest.fixture
def everything(quiet: None, world: dict[str, str]) -> dict[str, str]:
    return world
