"""A project that SDKs may send to."""

from typing import Any

import pytest

from bugs.models import IngestKey, Project


@pytest.fixture
def quiet(settings: Any) -> None:
    """Nobody listens: these tests end at the record."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


@pytest.fixture
def project(db: None, quiet: None) -> Project:
    return Project.objects.create(number=7, key="WEB", name="Web")


@pytest.fixture
def key(project: Project) -> str:
    return IngestKey.objects.create(project=project).public_key
