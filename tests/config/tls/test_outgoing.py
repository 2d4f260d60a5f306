"""Whom our own calls trust: webhooks, PostgreSQL, Redis. Real TLS on loopback, under an authority of the test's."""

import asyncio
import socket
import ssl
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
import psycopg
import pytest
import redis
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from config import tls
from integrations import outbound
from integrations.outbound import Answer
from tests.config.tls.loopback import speaking

V = ssl.TLSVersion


@pytest.fixture(autouse=True)
def _our_authority(settings: Any, authority: Any) -> None:
    settings.OUTBOUND_ALLOW_CIDRS = ["127.0.0.0/8"]
    settings.OUTBOUND_CA_FILE = str(authority.file)


def _server(identity: tls.Identity, *, oldest: ssl.TLSVersion = V.TLSv1_2, newest: ssl.TLSVersion = V.TLSv1_3) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if oldest < V.TLSv1_2:
        context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version, context.maximum_version = oldest, newest
    context.load_cert_chain(*identity)
    return context


def _post(url: str) -> Answer:
    async def call() -> Answer:
        async with outbound.open_session() as session:
            return await outbound.post(session, url, headers={}, body=b"{}")

    return asyncio.run(call())


def _answering(spoken: list[str]) -> Callable[[ssl.SSLSocket], None]:
    def talk(connection: ssl.SSLSocket) -> None:
        spoken.append(connection.version() or "")
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    return talk


def _hook(context: ssl.SSLContext) -> tuple[Answer, list[str]]:
    spoken: list[str] = []
    with speaking(context, _answering(spoken)) as port:
        return _post(f"https://127.0.0.1:{port}/hook"), spoken


def test_the_newest_version_is_preferred(identity: tls.Identity) -> None:
    answer, spoken = _hook(_server(identity))
    assert answer.status == 204 and spoken == ["TLSv1.3"]


def test_1_2_is_enough(identity: tls.Identity) -> None:
    answer, spoken = _hook(_server(identity, newest=V.TLSv1_2))
    assert answer.status == 204 and spoken == ["TLSv1.2"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_1_1_is_refused(identity: tls.Identity) -> None:
    answer, spoken = _hook(_server(identity, oldest=V.TLSv1_1, newest=V.TLSv1_1))
    assert answer.error == "tls_failed" and spoken == []


@pytest.mark.parametrize("hosts", [("127.0.0.2",), ("example.org",)])
def test_a_certificate_for_another_host_is_refused(authority: Any, hosts: tuple[str, ...]) -> None:
    answer, _ = _hook(_server(authority.issue("elsewhere", hosts=hosts)))
    assert answer.error == "tls_failed"


def test_a_certificate_that_has_ended_is_refused(authority: Any) -> None:
    assert _hook(_server(authority.issue("ended", days=-1)))[0].error == "tls_failed"


def test_a_certificate_of_a_strange_authority_is_refused(stranger: Any) -> None:
    assert _hook(_server(stranger.issue("strange")))[0].error == "tls_failed"


def test_a_certificate_that_signed_itself_is_refused(tmp_path: Path) -> None:
    subprocess.run(["docker/make-certificate", str(tmp_path)], check=True, capture_output=True, timeout=30)
    own = tls.Identity(str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem"))
    assert _hook(_server(own))[0].error == "tls_failed"


def test_the_file_adds_to_what_the_system_trusts(settings: Any) -> None:
    system, more = outbound.verified(""), outbound.verified(settings.OUTBOUND_CA_FILE)
    assert len(more.get_ca_certs()) == len(system.get_ca_certs()) + 1
    assert more.verify_mode is ssl.CERT_REQUIRED and more.check_hostname


@pytest.mark.parametrize("file", ["/nowhere/ca.pem", "docker/nginx.conf"])
def test_a_file_without_authorities_stops_the_start(settings: Any, file: str) -> None:
    settings.OUTBOUND_CA_FILE = file
    with pytest.raises(ImproperlyConfigured, match=f"OUTBOUND_CA_FILE names {file}"):
        apps.get_app_config("integrations").ready()


# PostgreSQL and Redis: the servers that the tests start have no TLS, so these only shake hands ---------------------

_FAREWELL = b"SFATAL\x00C28000\x00Mwe have spoken\x00\x00"


def _ask_for_tls(connection: socket.socket) -> None:
    """What PostgreSQL's protocol says before TLS begins."""
    assert connection.recv(8) == struct.pack(">ii", 8, 80877103)
    connection.sendall(b"S")


def _farewell(connection: ssl.SSLSocket) -> None:
    connection.recv(65536)
    connection.sendall(b"E" + struct.pack(">i", len(_FAREWELL) + 4) + _FAREWELL)


def _connect(port: int, host: str, ca: Path) -> str:
    """What comes of it, with the options that DATABASE_URL carries."""
    found = environ.Env.db_url_config(f"postgres://u:p@{host}:{port}/d?sslmode=verify-full&sslrootcert={ca}")
    names = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"], "dbname": found["NAME"]}
    with pytest.raises(psycopg.OperationalError) as failed:
        psycopg.connect(**names, **found["OPTIONS"], connect_timeout=10, gssencmode="disable")
    return str(failed.value)


def test_postgresql_is_verified(identity: tls.Identity, authority: Any, stranger: Any) -> None:
    with speaking(_server(identity), _farewell, before=_ask_for_tls) as port:
        assert "we have spoken" in _connect(port, "127.0.0.1", authority.file)
        assert "certificate verify failed" in _connect(port, "127.0.0.1", stranger.file)


def test_postgresql_must_be_the_host_that_was_called(authority: Any) -> None:
    elsewhere = authority.issue("elsewhere", hosts=("db.example.org",))
    with speaking(_server(elsewhere), _farewell, before=_ask_for_tls) as port:
        assert "does not match host name" in _connect(port, "127.0.0.1", authority.file)


def test_redis_is_verified(identity: tls.Identity, authority: Any, stranger: Any) -> None:
    def talk(connection: ssl.SSLSocket) -> None:
        while commands := connection.recv(65536):
            connection.sendall(b"+PONG\r\n" * commands.count(b"*"))

    context = _server(identity)
    context.num_tickets = 0  # which the client would take for an answer
    with speaking(context, talk) as port:
        url = f"rediss://127.0.0.1:{port}/0?ssl_cert_reqs=required&ssl_ca_certs="
        assert redis.Redis.from_url(f"{url}{authority.file}", protocol=2).ping()
        with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            redis.Redis.from_url(f"{url}{stranger.file}", protocol=2).ping()
