"""A place to count in that nobody else uses, and buckets of it."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from apikeys.limits.windows import Bucket, Numbers


@pytest.fixture
def bucket() -> Callable[..., Bucket]:
    def make(minute: int, hour: int = 1_000, day: int = 10_000) -> Bucket:
        limits: Numbers = (minute, hour, day)
        return Bucket(f"test:{uuid4()}", limits)

    return make
