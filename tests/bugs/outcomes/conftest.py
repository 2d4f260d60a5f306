"""What was sent, counted as the door and the digest count it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from bugs.ingest import outcomes
from bugs.ingest.outcomes import RECEIVED, Counted
from bugs.models import Arrival


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    """Nobody listens: these tests end at the record."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


@pytest.fixture
def count(web: Any) -> Callable[..., None]:
    """So many items met a fate: count("accepted", 3)."""

    def add(
        outcome: str = RECEIVED,
        quantity: int = 1,
        *,
        category: str = "error",
        reason: str = "",
        project: Any = None,
        at: datetime | None = None,
    ) -> None:
        with transaction.atomic():
            counted = Counted((project or web).pk, category, outcome, reason)
            outcomes.count({counted: quantity}, at=at)

    return add


@pytest.fixture
def arrive(web: Any) -> Callable[..., UUID]:
    """An envelope is acknowledged and waits; its event id."""

    def wait(event_id: UUID | None = None, *, project: Any = None) -> UUID:
        key = event_id or uuid4()
        Arrival.objects.create(
            project_id=(project or web).pk, event_id=key, received_at=timezone.now(), size=1, body=b"x"
        )
        return key

    return wait
