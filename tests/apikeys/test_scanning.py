"""Keys that lie about are found and named, never shown."""

import io
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apikeys import scanning, services, tokens
from audit.actors import SYSTEM


def scan(*paths: object, **options: Any) -> tuple[int, str]:
    out, code = io.StringIO(), 0
    try:
        call_command("scan_for_keys", *map(str, paths), stdout=out, **options)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, out.getvalue()


@pytest.fixture
def lost(issue: Any, tmp_path: Path) -> tuple[Path, dict[str, tuple[Any, str]]]:
    """A folder with keys of every kind in it."""
    keys = {"live": issue(), "revoked": issue(), "replaced": issue()}
    services.revoke(keys["revoked"][0].pk, by=SYSTEM)
    services.rotate(keys["replaced"][0].pk, by=SYSTEM)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "config.json").write_text(json.dumps({"k": keys["live"][1]}, indent=1))
    (tmp_path / "dump.bin").write_bytes(b"\x00\xff\n\n" + keys["revoked"][1].encode() + b"\x00")
    (tmp_path / "notes").write_text(f"{keys['replaced'][1]}{tokens.generate()} bw_live_{'0' * 36}")
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "er" / "config.json")
    return tmp_path, keys


def test_every_key_is_named_with_its_place_and_state(lost: Any) -> None:
    folder, keys = lost
    code, said = scan(folder)
    lines = said.splitlines()
    assert code == 1 and len(lines) == 4
    assert f'{folder}/deep/er/config.json:2: {keys["live"][0].hint} is live, "alice" of alice' in lines
    assert f'{folder}/dump.bin:3: {keys["revoked"][0].hint} is revoked, "alice" of alice' in lines
    assert f'{folder}/notes:1: {keys["replaced"][0].hint} is replaced, "alice" of alice' in lines
    assert sum(line.endswith("is unknown") for line in lines) == 1


def test_no_key_is_ever_shown(lost: Any) -> None:
    folder, keys = lost
    _, said = scan(folder)
    assert not list(tokens.found_in(said.encode())) and all(secret not in said for _, secret in keys.values())
    assert all(secret not in repr(scanning.Find("x", 1, secret)) for _, secret in keys.values())


def test_it_ends_well_where_no_live_key_is(lost: Any, tmp_path: Path) -> None:
    assert scan(lost[0] / "dump.bin")[0] == 0
    (tmp_path / "empty").write_text("")
    assert scan(tmp_path / "empty") == (0, "")


def test_what_is_found_is_revoked_when_asked(lost: Any) -> None:
    folder, keys = lost
    assert scan(folder, revoke=True)[0] == 1
    for name in ("live", "replaced"):
        row = keys[name][0]
        row.refresh_from_db()
        assert row.revoked_by == "system" and str(folder) in row.revoked_reason
    assert scan(folder)[0] == 0


def test_standard_input_is_read(issue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = issue()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"a\nb\n+key=" + secret.encode())))
    code, said = scan("-")
    assert code == 1 and said.startswith("standard input:3: ")


def test_history_of_git_is_read(issue: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = issue()

    def git(*words: str) -> bytes:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        return subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True).stdout

    git("init", "-q")
    (tmp_path / "env").write_text(secret)
    git("add", "env")
    git("commit", "-qm", "oops")
    git("rm", "-q", "env")
    git("commit", "-qm", "better")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(git("log", "-p", "--all"))))
    assert scan("-")[1].count("is live") == 2


def test_a_path_that_is_not_there_is_told(db: None) -> None:
    with pytest.raises(CommandError):
        scan("/no/such/path")


@pytest.mark.parametrize("chunk", [tokens.LENGTH, 45, 50, 64, 100])
@pytest.mark.parametrize("before", [0, 1, 20, 43, 44, 45, 87, 99, 100, 120])
def test_a_key_is_found_once_wherever_blocks_end(monkeypatch: pytest.MonkeyPatch, chunk: int, before: int) -> None:
    monkeypatch.setattr(scanning, "CHUNK", chunk)
    keys = [tokens.generate() for _ in range(3)]
    text = ("\n" * before + "\n".join(keys) + "x" * before).encode()
    found = [(find.line, find.secret) for find in scanning.finds_in(io.BytesIO(text), "x")]
    assert found == [(before + 1 + number, key) for number, key in enumerate(keys)]
