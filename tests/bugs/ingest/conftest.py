"""A project that SDKs may send to."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from bugs.models import IngestKey, Project


@pytest.fixture
def quiet(settings: Any) -> None:
    """Nobody listens: these tests end at the record."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Real commits, seen by other connections; afterwards the append-only tables are emptied all the same."""
    yield
    with connection.cursor() as cursor:  # until the end of this connection, which follows the flush
        cursor.execute("SET session_replication_role = replica")


@pytest.fixture
def project(db: None, quiet: None) -> Project:
    return Project.objects.create(number=7, key="WEB", name="Web")


@pytest.fixture
def key(project: Project) -> str:
    return IngestKey.objects.create(project=project).public_key
