"""Limits at the door of the stream: to open a socket is a call like others."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient
from websockets.exceptions import ConnectionClosed

from apikeys import services as keys
from audit.actors import SYSTEM
from bugs.models import User

Open = Callable[..., Any]


@pytest.fixture
def narrow(carol: User) -> str:
    """A key with two calls an hour."""
    limits = {"requests_per_hour": 2}
    return keys.issue(name="narrow", owner_id=carol.pk, permissions={"read"}, rate_limits=limits, by=SYSTEM)[1]


def test_a_socket_too_many_is_told_to_come_back_later(client: Open, narrow: str) -> None:
    assert [client(token=narrow).next()["op"] for _ in range(3)] == ["welcome", "welcome", "goodbye"]
    with pytest.raises(ConnectionClosed) as closed:
        refused = client(token=narrow)
        while True:
            refused.next()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4129


def test_sockets_and_calls_share_one_limit(client: Open, narrow: str) -> None:
    client(token=narrow).next()
    rest = APIClient()
    codes = [rest.get("/api/v1/bugs/", headers={"Authorization": f"Bearer {narrow}"}).status_code for _ in range(2)]
    assert codes == [200, 429]


def test_headers_of_others_do_not_open_more(client: Open, narrow: str) -> None:
    forged = {"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1", "X-Real-IP": "198.51.100.1"}
    assert [client(token=narrow, headers=forged).next()["op"] for _ in range(3)] == ["welcome", "welcome", "goodbye"]
