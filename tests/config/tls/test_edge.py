"""The proxy of docker-compose.yml, as a real nginx reads it: TLS 1.3, no API over plain HTTP, floods end."""

import http.client
import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from config import programs, tls
from tests.config.tls.loopback import free_port, running, s_client

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin") or ""
pytestmark = pytest.mark.skipif(not NGINX, reason="there is no nginx")
CONFIGURATION = Path("docker/nginx.conf")
Edge = tuple[int, int]


def _version() -> tuple[int, ...]:
    said = subprocess.run([NGINX, "-v"], capture_output=True, text=True, timeout=10).stderr
    return tuple(map(int, re.findall(r"\d+", said)[:3]))


def _configuration(folder: Path, identity: tls.Identity, *, https: int, plain: int, web: int, stream: int) -> Path:
    """Ours, with this machine's addresses in place of the containers'."""
    text = CONFIGURATION.read_text()
    changes = {
        "${PUBLIC_URL}": "https://bugs.example.org",
        "listen 443": f"listen 127.0.0.1:{https}",
        "listen 80 ": f"listen 127.0.0.1:{plain} ",
        "/run/secrets/tls_certificate": identity.certificate,
        "/run/secrets/tls_key": identity.key,
        "http://web:8000": f"http://127.0.0.1:{web}",
        "http://stream:8001": f"http://127.0.0.1:{stream}",
    }
    if _version() < (1, 25, 1):  # as it was said then
        changes |= {" ssl default_server;": " ssl http2 default_server;", "    http2 on;\n": ""}
    for ours, theirs in changes.items():
        assert ours in text
        text = text.replace(ours, theirs)
    whole = folder / "nginx.conf"
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"events {{ worker_connections 512; }}\nhttp {{\n{places}{text}\n}}\n"
    )
    return whole


@pytest.fixture(scope="module")
def edge(identity: tls.Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """The ports of https and of plain http."""
    folder = tmp_path_factory.mktemp("edge")
    https, plain, web = free_port(), free_port(), free_port()
    behind = programs.web_command(web, "tests.config.tls.answers:wsgi")
    file = _configuration(folder, identity, https=https, plain=plain, web=web, stream=web)
    with running(behind, web, folder / "web.log"), running([NGINX, "-c", str(file)], https, folder / "nginx.log"):
        yield https, plain


def _get(port: int, path: str, authority: Any = None, **headers: str) -> http.client.HTTPResponse:
    connection: http.client.HTTPConnection
    if authority:
        context = ssl.create_default_context(cafile=str(authority.file))
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def test_nginx_takes_the_configuration(identity: tls.Identity, tmp_path: Path) -> None:
    file = _configuration(tmp_path, identity, https=1443, plain=1080, web=1, stream=2)
    done = subprocess.run([NGINX, "-t", "-c", str(file)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "[warn]" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    "version", [("-tls1_2",), ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")], ids=lambda options: options[0]
)
def test_older_versions_are_refused_by_alert(edge: Edge, version: tuple[str, ...]) -> None:
    said = s_client(edge[0], *version)
    assert said.returncode == 1 and "alert number 70" in said.stderr


def test_tls_1_3_and_http_2_are_spoken(edge: Edge, authority: Any) -> None:
    said = s_client(edge[0], "-tls1_3", "-alpn", "h2,http/1.1", "-CAfile", str(authority.file))
    assert said.returncode == 0 and "Verify return code: 0 (ok)" in said.stdout and "ALPN protocol: h2" in said.stdout


def test_browsers_are_told_to_stay_with_https(edge: Edge, authority: Any) -> None:
    answer = _get(edge[0], "/", authority, Authorization="Bearer x")
    assert answer.status == 200 and answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]


def test_nobody_learns_which_nginx_it_is(edge: Edge, authority: Any) -> None:
    assert _get(edge[0], "/", authority, Authorization="Bearer x").headers["Server"] == "nginx"


@pytest.mark.parametrize("path", ["/api/v1/bugs/", "/api/7/envelope/", "/api", "/ws/v1/stream", "/mcp"])
def test_the_api_is_refused_over_plain_http(edge: Edge, path: str) -> None:
    answer = _get(edge[1], path, Authorization="Bearer x")
    assert answer.status == 403 and answer.headers["Content-Type"] == "application/problem+json"
    assert b"https_required" in answer.read()


@pytest.mark.parametrize("path", ["/", "/admin/?next=1", "/apidocs"])
def test_people_are_led_to_https_by_the_name_that_is_ours(edge: Edge, path: str) -> None:
    answer = _get(edge[1], path, Host="evil.example")
    assert (answer.status, answer.headers["Location"]) == (308, f"https://bugs.example.org{path}")


def test_headers_are_bounded(edge: Edge, authority: Any) -> None:
    assert _get(edge[0], "/", authority, Authorization="x" * 9_000).status == 400


def test_a_flood_of_strangers_ends_in_429_and_others_pass(edge: Edge, authority: Any) -> None:
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: _get(edge[0], "/", authority), range(300)))
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) > 100 and {answer.status for answer in answers} == {200, 429}
    assert refused[0].headers["Retry-After"] == "1" and b"rate_limited" in refused[0].read()
    assert _get(edge[0], "/", authority, Authorization="Bearer x").status == 200
