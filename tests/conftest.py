"""What every test may ask for; the servers come from tests/servers.py."""

import os
from collections.abc import Iterator

import pytest
import redis


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    """An empty Redis database, this worker's own."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.flushdb()
    yield client
    client.close()
