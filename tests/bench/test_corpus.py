"""The benchmark's events are what an SDK could have sent, and each is sent once."""

import gzip
import json
import re
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from bench.corpus import making, problems
from bench.corpus.gapped import Gapped, Moment
from bench.doors import Door, Supply, UsedUp
from bugs.ingest.reading.normalize import normalize
from bugs.ingest.wire import envelope

COUNT, UNTIL = 150, 1_780_000_000.0


@pytest.fixture(scope="module")
def bodies() -> list[bytes]:
    return making.part(COUNT, "some", UNTIL)[0]


@pytest.fixture(scope="module")
def events(bodies: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(envelope.parse(gzip.decompress(body)).items[0].payload) for body in bodies]


def test_every_event_has_an_id_of_its_own_which_the_envelope_names(
    bodies: list[bytes], events: list[dict[str, Any]]
) -> None:
    named = [envelope.parse(gzip.decompress(body)).headers["event_id"] for body in bodies]
    assert named == [event["event_id"] for event in events]
    assert len(set(named)) == COUNT


def test_no_gap_is_left(bodies: list[bytes]) -> None:
    assert not [body for body in bodies if re.search(rb"@@#?\w+@@", gzip.decompress(body))]


def test_events_are_as_large_as_real_ones(events: list[dict[str, Any]]) -> None:
    sizes = [len(json.dumps(event, separators=(",", ":"))) for event in events]
    assert min(sizes) > 5_000
    assert max(sizes) < 25_000


def test_the_same_seed_and_moment_make_the_same_bytes(bodies: list[bytes]) -> None:
    assert making.part(COUNT, "some", UNTIL)[0] == bodies
    assert making.part(COUNT, "other", UNTIL)[0] != bodies


def test_events_are_read_without_a_word_of_complaint(events: list[dict[str, Any]]) -> None:
    reports = [normalize(event, received_at=timezone.now()) for event in events]
    assert all(report.frames for report in reports)
    assert {report.release for report in reports} <= set(problems.RELEASES)


def test_a_release_moves_the_lines_of_the_program_alone() -> None:
    first, last = (json.loads(_filled(problems.make(0)[place])) for place in (0, -1))
    lines = [
        [(frame["lineno"], frame.get("in_app")) for frame in event["exception"]["values"][0]["stacktrace"]["frames"]]
        for event in (first, last)
    ]
    moved = [was[1] for was, now in zip(*lines, strict=True) if was != now]
    assert moved
    assert all(moved)


def test_each_body_goes_once_through_each_door() -> None:
    supply = Supply([Door(1, "a"), Door(2, "b")], [b"x", b"y"])
    sent = [supply() for _ in range(4)]
    assert [(request[:11], request[-1:]) for request in sent] == [
        (b"POST /api/1", b"x"),
        (b"POST /api/1", b"y"),
        (b"POST /api/2", b"x"),
        (b"POST /api/2", b"y"),
    ]
    with pytest.raises(UsedUp):
        supply()


def _filled(form: Gapped) -> bytes:
    return form.fill(Moment.of(Random(1), UNTIL))
