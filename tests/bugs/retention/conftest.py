"""A project whose reports came at moments that tests choose."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import zstandard
from django.db import connection

from audit import partitions
from audit.identifiers import first_of
from bugs.models import ErrorGroup, ErrorReport, Project
from bugs.services import counting


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    settings.ERROR_RETENTION_MONTHS = 12


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(number=7, key="PAY", name="Pay")


@pytest.fixture
def came(project: Project) -> Callable[..., list[UUID]]:
    """Reports that came at a moment and were counted; their month has a partition, unless it is not to have one."""

    def keep(at: datetime, number: int = 1, *, of: Project | None = None, has_month: bool = True) -> list[UUID]:
        owner = of or project
        group, _ = ErrorGroup.objects.get_or_create(
            project=owner,
            fingerprint="a",
            defaults={"grouping": "stack trace", "title": "a", "first_seen_at": at, "last_seen_at": at},
        )
        if has_month:
            with connection.cursor() as cursor:
                cursor.execute(partitions.create_month("bugs_errorreport", partitions.month_start(at)))
        ids = [UUID(int=first_of(at).int | uuid4().int & (1 << 74) - 1) for _ in range(number)]
        rows = [
            ErrorReport(
                id=pk, project_id=owner.pk, group_id=group.pk, event_id=uuid4(), occurred_at=at, received_at=at,
                level="error", payload=zstandard.compress(b"{}"),
            )
            for pk in ids
        ]  # fmt: skip
        counting.errors(owner.pk, ErrorReport.objects.bulk_create(rows))
        ErrorGroup.objects.filter(pk=group.pk).update(reports=group.reports + number)
        return ids

    return keep
