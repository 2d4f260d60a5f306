"""TLS of `web` and `stream` themselves, asked with `openssl s_client`: 1.3 and nothing older."""

import http.client
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from websockets.sync.client import connect

from config import doorway, programs, supervisor, tls
from tests.config.tls.loopback import free_port, running, s_client

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")
OLDER = [("-tls1_2",), ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"), ("-tls1", "-cipher", "DEFAULT@SECLEVEL=0")]


@pytest.fixture(scope="module", params=["web", "stream"])
def server(request: Any, identity: tls.Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = free_port()
    commands: dict[str, tuple[Callable[..., list[str]], str]] = {
        "web": (programs.web_command, "tests.config.tls.answers:wsgi"),
        "stream": (programs.stream_command, "tests.config.tls.answers:asgi"),
    }
    command, application = commands[request.param]
    with running(command(port, application, identity=identity), port, tmp_path_factory.mktemp("log") / "log"):
        yield port


@pytest.mark.parametrize("version", OLDER, ids=lambda options: options[0])
def test_older_versions_are_refused(server: int, version: tuple[str, ...]) -> None:
    said = s_client(server, *version)
    assert said.returncode == 1 and "New, (NONE), Cipher is (NONE)" in said.stdout


def test_tls_1_3_is_spoken_with_our_certificate(server: int, authority: Any) -> None:
    said = s_client(server, "-tls1_3", "-CAfile", str(authority.file), "-verify_return_error")
    assert said.returncode == 0 and "TLSv1.3" in said.stdout and "Verify return code: 0 (ok)" in said.stdout


def test_the_application_knows_that_it_is_https(server: int, authority: Any) -> None:
    context = ssl.create_default_context(cafile=str(authority.file))
    connection = http.client.HTTPSConnection("127.0.0.1", server, timeout=10, context=context)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"https"


def test_plain_http_is_not_answered(server: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server, timeout=10)
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.request("GET", "/")
        connection.getresponse()


def test_sockets_go_over_tls(identity: tls.Identity, authority: Any, tmp_path: Path) -> None:
    port = free_port()
    command = programs.stream_command(port, "tests.config.tls.answers:asgi", identity=identity)
    context = ssl.create_default_context(cafile=str(authority.file))
    with running(command, port, tmp_path / "log"), connect(f"wss://127.0.0.1:{port}/", ssl=context) as link:
        assert link.recv(5) == "wss"


def test_without_files_there_is_no_tls() -> None:
    assert tls.identity("", "") is None


def test_half_of_it_is_refused(identity: tls.Identity) -> None:
    with pytest.raises(tls.Unusable, match="Set both"):
        tls.identity(identity.certificate, "")


def test_a_key_of_another_certificate_is_refused(identity: tls.Identity, authority: Any) -> None:
    with pytest.raises(tls.Unusable, match="cannot be used together"):
        tls.identity(identity.certificate, authority.issue("another").key)


def test_a_file_that_is_not_there_is_refused(identity: tls.Identity) -> None:
    with pytest.raises(tls.Unusable, match="cannot be used"):
        tls.identity("/nowhere.pem", identity.key)


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


def test_a_key_that_granian_cannot_read_is_named(identity: tls.Identity, tmp_path: Path) -> None:
    older = str(tmp_path / "sec1.pem")
    _openssl("ec", "-in", identity.key, "-out", older)
    with pytest.raises(tls.Unusable, match="openssl pkcs8 -topk8"):
        tls.identity(identity.certificate, older)


def test_nobody_is_asked_for_a_password(identity: tls.Identity, tmp_path: Path) -> None:
    locked = str(tmp_path / "locked.pem")
    _openssl("pkcs8", "-topk8", "-in", identity.key, "-out", locked, "-passout", "pass:secret")
    with pytest.raises(tls.Unusable, match="the key has a password"):
        tls.identity(identity.certificate, locked)


def test_the_certificate_for_trying_is_usable(tmp_path: Path) -> None:
    subprocess.run(["docker/make-certificate", str(tmp_path), "bugs.example"], check=True, capture_output=True)
    found = tls.identity(str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem"))
    assert found and Path(found.key).stat().st_mode & 0o77 == 0
    names = x509.load_pem_x509_certificate(Path(found.certificate).read_bytes()).extensions
    named = names.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert named == ["localhost", "bugs.example"]


def test_what_others_can_reach_needs_tls(monkeypatch: pytest.MonkeyPatch, identity: tls.Identity) -> None:
    monkeypatch.setenv("LISTEN_ADDRESS", "0.0.0.0")
    with pytest.raises(supervisor.Refused, match="set TLS_CERTIFICATE and TLS_KEY"):
        supervisor._doorway()
    monkeypatch.setenv("TLS_CERTIFICATE", identity.certificate)
    monkeypatch.setenv("TLS_KEY", identity.key)
    assert not supervisor._doorway().is_for_this_machine


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_alone_needs_none(address: str) -> None:
    assert doorway.Doorway(address).is_for_this_machine


def test_a_wrong_address_is_a_plain_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_ADDRESS", "everywhere")
    with pytest.raises(supervisor.Refused, match="everywhere"):
        supervisor._doorway()


def test_readiness_is_asked_over_tls_too(identity: tls.Identity, tmp_path: Path) -> None:
    port, there = free_port(), doorway.Doorway("127.0.0.1", identity)
    assert there.not_ready(port)
    with running(
        programs.web_command(port, "tests.config.tls.answers:wsgi", identity=identity), port, tmp_path / "log"
    ):
        assert there.not_ready(port) == ""
    assert there.url("ws", port) == f"wss://127.0.0.1:{port}"
