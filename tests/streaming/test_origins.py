"""Which pages may open a socket: with a session those of STREAM_ORIGINS, by their exact text."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Any]
OURS = "https://bugs.example.com"
FOREIGN = {
    "opaque": "null",
    "empty": "",
    "suffix": f"{OURS}.evil.example",
    "prefix": "https://evil-bugs.example.com",
    "subdomain": "https://a.bugs.example.com",
    "user": "https://bugs.example.com@evil.example",
    "user of ours": "https://evil@bugs.example.com",
    "other port": f"{OURS}:8443",
    "usual port": f"{OURS}:443",
    "other scheme": "http://bugs.example.com",
    "upper case": "https://BUGS.example.com",
    "upper scheme": "HTTPS://bugs.example.com",
    "punycode": "https://xn--bugs-9na.example.com",
    "path": f"{OURS}/",
    "query": f"{OURS}?",
    "dot": f"{OURS}.",
    "escape": "https://bugs%2eexample.com",
    "several": f"{OURS} https://evil.example",
    "list": f"{OURS}, https://evil.example",
}


@pytest.fixture(autouse=True)
def ours(settings: Any) -> Iterator[None]:
    settings.STREAM_ORIGINS = [OURS]
    yield


def test_no_other_origin_is_taken_for_ours(client: Open, session_cookie: str) -> None:
    def answer(origin: str) -> int:
        with pytest.raises(InvalidStatus) as refused:
            client(token=None, origin=origin, headers={"Cookie": session_cookie})
        return refused.value.response.status_code

    assert {name: answer(origin) for name, origin in FOREIGN.items()} == dict.fromkeys(FOREIGN, 403)
    assert client(token=None, origin=OURS, headers={"Cookie": session_cookie}).next()["op"] == "welcome"


def test_two_origins_are_none(server: str, session_cookie: str) -> None:
    sent = [("Origin", OURS), ("Origin", "https://evil.example"), ("Cookie", session_cookie)]
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{server}/ws/v1/stream", additional_headers=sent)
    assert refused.value.response.status_code == 400


def test_a_key_from_a_foreign_page_is_refused_as_well(client: Open) -> None:
    with pytest.raises(InvalidStatus) as refused:
        client(origin="https://evil.example")
    assert refused.value.response.status_code == 403
