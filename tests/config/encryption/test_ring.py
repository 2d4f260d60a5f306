"""Which keys a start accepts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import apps, ring

ONE, TWO = "b3d1a06f3c9e4f0d8c2f7b56d9e01a74", "Zk8-xq2Lw_0vTn5Rb7Yc1Hd4Jf6Mg9Ps"

REFUSED = [
    f"0={ONE}", f"-1={ONE}", f"65536={ONE}", f"one={ONE}", f"01={ONE}", f"²={ONE}", f"={ONE}", ONE, "1=short", "1=",
    "1=" + "a" * 64, "1=" + "changeme" * 3, f"1={ONE},1={TWO}", f"1={ONE},2", f"1={ONE}, 1={TWO}",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_ring_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        ring.read(text, "")
    assert ONE not in str(refused.value) and TWO not in str(refused.value)


def test_keys_come_by_version() -> None:
    assert ring.read(f"1={ONE}, 22={TWO}", "") == {"1": ONE, "22": TWO}


def test_no_key_is_no_mistake() -> None:
    assert ring.read("", "") == {}


def test_a_key_may_end_as_base64_does() -> None:
    assert ring.read(f"1={ONE}=", "") == {"1": f"{ONE}="}


def test_a_file_has_a_key_a_line(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"1={ONE}\n\n2={TWO}\n")
    assert ring.read("", str(file)) == {"1": ONE, "2": TWO}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{tmp_path}, which cannot be read"):
        ring.read("", str(tmp_path))


def test_keys_come_from_one_place(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="not both"):
        ring.read(f"1={ONE}", str(tmp_path / "keys"))


def test_the_newest_seals_unless_another_is_named() -> None:
    configured = {"2": ONE, "10": TWO}
    assert ring.in_use(configured, 0) == 10 and ring.in_use(configured, 2) == 2 and ring.in_use({}, 0) == 0


def test_the_key_in_use_must_be_there() -> None:
    with pytest.raises(ImproperlyConfigured, match="ENCRYPTION_KEYS has no such version"):
        ring.in_use({"1": ONE}, 2)


def _settings(**variables: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "manage.py", "check", "--deploy", "--tag", "security"]
    return subprocess.run(argv, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ENCRYPTION_KEYS": "1=tooshort"}, "is too weak"),
        ({"ENCRYPTION_KEYS": f"1={ONE}", "ENCRYPTION_KEY_IN_USE": "3"}, "has no such version"),
        ({"ENCRYPTION_KEYS_FILE": "/nowhere/keys"}, "cannot be read"),
    ],
)
def test_nothing_starts_with_a_bad_ring(variables: dict[str, str], said: str) -> None:
    done = _settings(**variables)
    assert done.returncode == 1 and said in done.stderr.splitlines()[-1]


def test_check_deploy_is_content_with_a_ring_and_https() -> None:
    """With a key of the length that Django wants."""
    done = _settings(ENCRYPTION_KEYS=f"1={ONE}", PUBLIC_URL="https://bugs.example.org", SECRET_KEY=2 * TWO)
    assert done.returncode == 0 and "no issues" in done.stdout, done.stderr


def test_check_deploy_warns_without_a_ring(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {}
    assert [said.id for said in apps.keys_are_configured(None)] == ["bugwire.W001"]
    settings.ENCRYPTION_KEYS = {"1": ONE}
    assert apps.keys_are_configured(None) == []
