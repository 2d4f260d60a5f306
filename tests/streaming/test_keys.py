"""Keys of sockets: the same rules as for calls, and what ends a right ends it within two seconds."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apikeys import services as keys
from apikeys import tokens
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from audit.models import AccessRecord
from bugs.models import Membership, User

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]


def closed_with(client: Any) -> int:
    """The close code of a socket that is let go."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            client.next(10)
    return closed.value.rcvd.code


def issue(carol: User, **bounds: Any) -> str:
    return keys.issue(name="x", owner_id=carol.pk, permissions={"read"}, by=SYSTEM, **bounds)[1]


@pytest.mark.parametrize(
    ("bounds", "is_welcome"),
    [
        ({}, True),
        ({"endpoints": ["stream_connect"]}, True),
        ({"endpoints": ["stream_*", "bugs_list"]}, True),
        ({"endpoints": ["bugs_*"]}, False),
        ({"ip_whitelist": ["127.0.0.0/8"]}, True),
        ({"ip_whitelist": ["192.0.2.0/24"]}, False),
    ],
)
def test_a_key_opens_a_socket_by_the_rules_of_calls(
    client: Open, carol: User, bounds: dict[str, Any], is_welcome: bool
) -> None:
    one = client(issue(carol, **bounds))
    assert one.next()["op"] == ("welcome" if is_welcome else "goodbye")


ENDS: dict[str, Callable[[ApiKey], Any]] = {
    "expired": lambda row: ApiKey.objects.filter(pk=row.pk).update(expires_at=timezone.now()),
    "bound to other endpoints": lambda row: ApiKey.objects.filter(pk=row.pk).update(endpoints=["bugs_*"]),
    "bound to another network": lambda row: ApiKey.objects.filter(pk=row.pk).update(ip_whitelist=["192.0.2.7"]),
    "its owner switched off": lambda row: User.objects.filter(pk=row.owner_id).update(is_active=False),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_open_socket_ends_with_its_key(listener: Open, key: tuple[ApiKey, str], end: str) -> None:
    one = listener()
    ENDS[end](key[0])
    assert closed_with(one) == 4010


def test_a_role_that_is_lost_ends_what_is_seen(listener: Open, key: tuple[ApiKey, str], web: Any) -> None:
    import time

    from bugs import services

    one = listener()
    Membership.objects.all().delete()
    time.sleep(2)
    services.report(project_id=web.pk, by=SYSTEM, title="secret")
    assert one.hears_nothing(2)


def test_a_socket_is_one_use_and_stays_in_use(stream_process: Any, listener: Open, key: tuple[ApiKey, str]) -> None:
    import time

    one, moments = listener(), set()
    for _ in range(100):
        time.sleep(0.1)
        key[0].refresh_from_db()
        moments.add(key[0].last_used_at)
        if len(moments - {None}) > 1:
            break
    assert key[0].use_count == 1 and len(moments - {None}) > 1
    one.link.close()


@pytest.mark.parametrize("query", ["token={}", "api_key={}", "x={}", "access_token=short"])
def test_a_key_in_the_url_is_refused_and_never_repeated(server: str, key: tuple[ApiKey, str], query: str) -> None:
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{server}/ws/v1/stream?{query.format(key[1])}")
    answer = refused.value.response
    assert (answer.status_code, json.loads(answer.body)["code"]) == (400, "key_in_url")
    assert key[1].encode() not in answer.body
    assert AccessRecord.objects.filter(operation="stream_connect", status=400, code="key_in_url").exists()


def test_two_different_keys_are_refused(client: Open, key: tuple[ApiKey, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        client(headers={"X-API-Key": tokens.generate()})
    assert refused.value.response.status_code == 400
    assert client(headers={"X-API-Key": key[1]}).next()["op"] == "welcome"
