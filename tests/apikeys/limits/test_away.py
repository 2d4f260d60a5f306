"""Redis away, back, restarted: limits hold from memory, and nobody has to do anything."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apikeys.limits import counting
from apikeys.limits import script as scripts
from apikeys.limits.windows import Bucket
from config import embedded


@pytest.fixture
def server(tmp_path: Path) -> Iterator[embedded.Valkey]:
    server = embedded.Valkey(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def script(server: embedded.Valkey, monkeypatch: pytest.MonkeyPatch, settings: Any) -> scripts.Script:
    settings.WEB_PROCESSES = 1
    script = scripts.Script(server.url)
    monkeypatch.setattr(counting, "script", script)
    return script


def admitted(bucket: Bucket, calls: int) -> int:
    return sum(counting.spend([bucket]).allowed for _ in range(calls))


def test_who_had_used_a_part_gets_the_rest_while_redis_is_away(
    bucket: Callable[..., Bucket], server: embedded.Valkey
) -> None:
    one = bucket(1_000, hour=10)
    assert admitted(one, 6) == 6
    server.kill()
    assert admitted(one, 20) == 4


def test_processes_that_do_not_hear_of_each_other_share_the_limit(
    bucket: Callable[..., Bucket], server: embedded.Valkey, settings: Any
) -> None:
    settings.WEB_PROCESSES = 4
    server.kill()
    assert admitted(bucket(1_000, hour=20), 30) == 5


def test_what_was_admitted_meanwhile_counts_when_redis_is_back(
    bucket: Callable[..., Bucket], server: embedded.Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "REST_SECONDS", 0.0)
    one = bucket(1_000, hour=10)
    server.kill()
    assert admitted(one, 6) == 6
    server.start()
    assert admitted(one, 20) == 4


def test_redis_is_used_again_when_it_is_back(
    bucket: Callable[..., Bucket],
    server: embedded.Valkey,
    script: scripts.Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scripts, "REST_SECONDS", 0.0)
    server.kill()
    counting.spend([bucket(5)])
    server.start()
    before = script.calls
    counting.spend([bucket(5)])
    assert script.calls > before


def test_a_redis_that_does_not_answer_is_left_alone_for_a_while(
    bucket: Callable[..., Bucket],
    server: embedded.Valkey,
    script: scripts.Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scripts, "REST_SECONDS", 3600.0)
    server.kill()
    counting.spend([bucket(5)])
    tries: list[bool] = []
    monkeypatch.setattr(script._maker, "make_connection", lambda: tries.append(True))
    counting.spend([bucket(5)])
    assert tries == []


def test_a_restart_between_two_calls_is_not_noticed(
    bucket: Callable[..., Bucket],
    server: embedded.Valkey,
    script: scripts.Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = bucket(1_000, hour=10)
    assert admitted(one, 6) == 6
    server.kill()
    server.start()
    before = script.calls
    assert admitted(one, 20) == 4
    assert script.calls - before >= 20


def test_the_api_refuses_as_before(
    api: Callable[..., Any], web: Any, server: embedded.Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.kill()
    client = api("carol", rate_limits={"requests_per_hour": 2})
    assert [client.get("/api/v1/bugs/").status_code for _ in range(3)] == [200, 200, 429]


def test_a_connection_that_answered_late_is_not_used_again(
    bucket: Callable[..., Bucket], script: scripts.Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says next would be the answer to the call before."""
    import redis

    counting.spend([bucket(5)])
    connection = script._idle[0]
    monkeypatch.setattr(connection, "read_response", lambda: (_ for _ in ()).throw(redis.TimeoutError()))
    counting.spend([bucket(5)])
    assert connection not in script._idle
