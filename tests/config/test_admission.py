"""Too many calls: some work, some wait, the rest are sent away at once; nothing collapses."""

import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.db import connections

from config.admission import Admission

WAIT = 10.0


class Desk:
    """An application whose calls stay until they are let go, and that knows how many were there at once."""

    def __init__(self) -> None:
        self.here = threading.Semaphore(0)
        self.leave = threading.Event()
        self.connections: list[Any] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.connections.append(connections["default"])
        self.here.release()
        assert self.leave.wait(WAIT)
        start_response("200 OK", [])
        return [b"done"]


class Call(threading.Thread):
    def __init__(self, door: Admission, path: str = "/api/v1/bugs/") -> None:
        super().__init__(daemon=True)
        self.door, self.path, self.status, self.headers, self.body = door, path, "", {}, b""
        self.start()

    def run(self) -> None:
        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            self.status, self.headers = status, dict(headers)

        self.body = b"".join(self.door({"PATH_INFO": self.path}, start_response))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.leave.set()


def test_a_call_that_finds_a_place_is_answered(desk: Desk) -> None:
    desk.leave.set()
    call = Call(Admission(desk, at_work=1, waiting=0 + 1, patience=1))
    call.join(WAIT)
    assert (call.status, call.body) == ("200 OK", b"done")


def test_one_more_than_may_wait_is_refused_at_once(desk: Desk) -> None:
    door = Admission(desk, at_work=1, waiting=1, patience=WAIT)
    first = Call(door)
    assert desk.here.acquire(timeout=WAIT)
    second = Call(door)
    while door._may_wait.acquire(blocking=False):
        door._may_wait.release()
    third = Call(door)
    third.join(WAIT)
    assert third.status.startswith("503")
    desk.leave.set()
    first.join(WAIT), second.join(WAIT)
    assert [first.status, second.status] == ["200 OK", "200 OK"]


def test_who_waits_too_long_is_refused(desk: Desk) -> None:
    door = Admission(desk, at_work=1, waiting=1, patience=0.05)
    Call(door)
    assert desk.here.acquire(timeout=WAIT)
    second = Call(door)
    second.join(WAIT)
    assert second.status.startswith("503")


def test_a_refusal_is_a_problem_that_says_when_to_come_back(desk: Desk) -> None:
    door = Admission(desk, at_work=1, waiting=1, patience=0.01)
    Call(door)
    assert desk.here.acquire(timeout=WAIT)
    refused = Call(door)
    refused.join(WAIT)
    assert orjson.loads(refused.body)["code"] == "overloaded"
    assert 1 <= int(refused.headers["Retry-After"]) <= 4


def test_health_passes_a_full_house(desk: Desk) -> None:
    door = Admission(desk, at_work=1, waiting=1, patience=0.01)
    Call(door)
    assert desk.here.acquire(timeout=WAIT)
    Call(door, "/healthz")
    assert desk.here.acquire(timeout=WAIT)


def test_places_share_their_connection_one_after_the_other(desk: Desk) -> None:
    desk.leave.set()
    door = Admission(desk, at_work=1, waiting=1, patience=WAIT)
    for _ in range(3):
        Call(door).join(WAIT)
    assert len(set(map(id, desk.connections))) == 1


def test_a_call_that_fails_gives_its_place_back() -> None:
    def broken(environ: Any, start_response: Any) -> list[bytes]:
        raise RuntimeError

    door = Admission(broken, at_work=1, waiting=1, patience=WAIT)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            door({"PATH_INFO": "/"}, lambda *_: None)


def test_who_is_turned_away_is_told_of(desk: Desk) -> None:
    heard: list[str] = []
    door = Admission(
        desk, at_work=0, waiting=1, patience=0.01, on_refusal=lambda environ: heard.append(environ["PATH_INFO"])
    )
    Call(door, "/api/v1/errors/").join(WAIT)
    assert heard == ["/api/v1/errors/"]
