"""What pages and answers tell browsers, and what `check --deploy` says of a server as it should be run."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ENCRYPTION_KEYS": "1=" + secrets.token_hex(32),
    "PUBLIC_URL": "https://bugs.example.org",
    "STREAM_URL": "wss://bugs.example.org",
    "ALLOWED_HOSTS": "bugs.example.org",
    "TRUSTED_PROXIES": "10.0.0.0/8",
}


@pytest.mark.parametrize("path", ["/login/", "/admin/login/", "/api/v1/bugs/", "/nowhere/"])
def test_every_answer_has_them(client: Any, db: None, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "default-src" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"] or path == "/nowhere/"


def test_pages_of_the_console_are_not_kept(console: Any) -> None:
    for path in ("/admin/", "/admin/bugs/bug/", "/admin/code/", "/admin/authenticator/"):
        assert "no-store" in console.get(path).headers["Cache-Control"]


def test_scripts_and_styles_come_from_here_alone(client: Any, db: None) -> None:
    policy = client.get("/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


def _python(code: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    values = {**kept, "DJANGO_SETTINGS_MODULE": "config.settings", **PRODUCTION, **environment}
    return subprocess.run([sys.executable, *code], cwd=ROOT, env=values, capture_output=True, text=True, timeout=120)


def test_nothing_is_said_of_a_server_as_it_should_be_run(tmp_path: Path) -> None:
    done = _python(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], DATA_DIR=str(tmp_path))
    assert done.returncode == 0 and "no issues" in done.stdout, done.stdout + done.stderr


def test_over_https_cookies_are_bound_to_the_host_and_https_stays(tmp_path: Path) -> None:
    code = "import django; django.setup(); from django.conf import settings as s; "
    code += "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS)"
    said = _python(["-c", code], DATA_DIR=str(tmp_path)).stdout.split()
    assert said == ["__Host-bugwire_session", "__Host-bugwire_csrf", "True", "31536000"]
