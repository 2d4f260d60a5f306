"""The door to the internet: what it will not call, and how little a receiver can cost."""

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from integrations import addresses, outbound
from integrations.outbound import Answer

DENIED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
    "127.255.255.255", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::",
    "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1",
    "2002:a9fe:a9fe::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "garbage", "1.2.3", "1.2.3.4.5",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1",
    "::ffff:8.8.8.8", "64:ff9b::808:808",
]  # fmt: skip


@pytest.mark.parametrize("address", DENIED)
def test_denied(address: str) -> None:
    assert not addresses.is_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert addresses.is_allowed(address)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False),
        ("2002:7f00:1::", False), ("::127.0.0.1", False), ("::1", False),
    ],
)  # fmt: skip
def test_an_operator_allows_exactly_a_network(address: str, allowed: bool) -> None:
    assert addresses.is_allowed(address, ["127.0.0.0/8"]) is allowed


SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0",
    "localhost", "LOCALHOST", "localhost.", "a.localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[fe80::1]", "169.254.169.254", "0xa9fea9fe", "10.1",
    "192.168.1.1",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_literal_forbidden_addresses_are_refused_when_saved(host: str) -> None:
    with pytest.raises(outbound.ForbiddenUrl):
        outbound.check_url(f"https://{host}/hook")


REFUSED = [
    "", "hook", "//example.org/", "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https:///x",
    "https://user@example.org/", "https://user:pw@example.org/", "https://@example.org/", "https://example.org/#a",
    "https://example.org/#", "https://example.org:22/", "https://example.org:0/", "https://example.org:1023/",
    "https://example.org:65536/", "https://example.org:x/", "https://exämple.org/", "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/", "https://example.org/a b", "https://example.org\\@127.0.0.1/", "https://example.org/\n",
    "https://example.org/" + "a" * 2_000,
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_refused_urls(url: str) -> None:
    with pytest.raises(outbound.ForbiddenUrl):
        outbound.check_url(url)


@pytest.mark.parametrize("url", ["https://example.org/a?b=c%20d", "https://example.org:8443/", "https://8.8.8.8/"])
def test_accepted_urls(url: str) -> None:
    assert str(outbound.check_url(url)) == url


def test_plain_http_is_the_operators_choice(settings: Any) -> None:
    settings.OUTBOUND_PLAIN_HTTP = True
    assert outbound.check_url("http://example.org/").scheme == "http"


def _post(url: str) -> Answer:
    async def call() -> Answer:
        async with outbound.open_session() as session:
            return await outbound.post(session, url, headers={}, body=b"{}")

    return asyncio.run(call())


def test_an_answer(receiver: Any) -> None:
    answer = _post(receiver.url)
    assert (answer.status, answer.error, answer.body) == (200, "", b"thanks")
    assert receiver.calls[0][0]["user-agent"].startswith("Bugwire/")


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["10.0.0.1", "169.254.169.254"]])
def test_a_name_that_leads_inside_is_judged_when_connecting(
    receiver: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    settings.OUTBOUND_ALLOW_CIDRS = []
    port = int(receiver.url.split(":")[2].split("/")[0])

    def resolve(*args: Any, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert _post(f"http://innocent.example:{port}/").error == "forbidden_address"
    assert receiver.calls == []


def test_a_literal_address_is_judged_when_connecting_too(
    receiver: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_ALLOW_CIDRS = []
    monkeypatch.setattr(addresses, "literal", lambda host: None)
    assert _post(receiver.url).error == "forbidden_address"
    assert receiver.calls == []


def test_redirects_are_not_followed(receiver: Any) -> None:
    receiver.answers = [(302, {"Location": receiver.url}, b"")]
    assert _post(receiver.url).status == 302
    assert len(receiver.calls) == 1


def test_proxies_of_the_environment_are_ignored(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert _post(receiver.url).status == 200


def test_the_body_is_capped(receiver: Any) -> None:
    receiver.answers = [(200, {}, b"x" * (outbound.RESPONSE_CAP + 1))]
    assert len(_post(receiver.url).body) == outbound.RESPONSE_CAP


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_dripping_answer_ends_at_the_deadline(receiver: Any, settings: Any, start: bytes) -> None:
    settings.OUTBOUND_TIMEOUT_SECONDS = 0.6
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        connection.sendall(start)
        try:
            for _ in range(50):
                connection.sendall(b"a")
                time.sleep(0.1)
        except OSError:
            connection.close()

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    answer = _post(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    listener.close()
    assert answer.error == "timeout" and time.monotonic() - began < 2


def test_failures_have_plain_codes(receiver: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert _post(f"http://127.0.0.1:{port}/").error == "connect_failed"
    assert _post(receiver.url.replace("http:", "https:")).error == "tls_failed"
    assert _post("http://name.invalid/").error in ("dns_failed", "connect_failed")
    assert _post("http://127.0.0.1:22/").error == "forbidden_url"
