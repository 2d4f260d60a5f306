"""Planted secrets and personal values go in by every door and are found nowhere outside the raw store.

The raw store is what is sealed: `originals`, identities, and the personal fields of access records; routes named raw,
which need the permission pii, open it. Files beside bugs are kept as they are. Not planted, since somebody who runs a
project chose them to be shown: addresses of webhooks, names of projects, of people who sign in and of their groups,
choices of custom fields, and the privacy rules themselves.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from bugs.models import Bug, CodeChange, ErrorReport, Feedback, Release, Session
from tests.safety import looking, machines, planting, showing, town
from tests.safety.canaries import CANARIES, flocks

pytestmark = pytest.mark.django_db
FLOCKS = 16


@pytest.fixture(scope="module")
def lines() -> Iterator[list[str]]:
    """What every logger of the settings writes meanwhile."""
    handler = looking.Lines()
    loggers = [logging.getLogger(name) for name in ("", *settings.LOGGING["loggers"])]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield handler.lines
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


@pytest.fixture(scope="module")
def published() -> Iterator[Any]:
    """What goes through Redis without being kept there."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    with client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.psubscribe("*")
        assert heard.get_message(timeout=5) is None  # that it listens
        yield heard
    client.close()


@pytest.fixture(scope="module")
def planted(
    django_db_setup: None,
    django_db_blocker: Any,
    lines: list[str],
    published: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[planting.Doors]:
    """Everything is in."""
    with django_db_blocker.unblock(), town.begun(tmp_path_factory.mktemp("media")) as doors:
        some = flocks(FLOCKS, CANARIES)
        others = some[1:] + some[:1]
        with town.committed():
            for mine, theirs in zip(some, others, strict=True):
                planting.of_people(doors, mine, theirs)
                machines.of_programs(doors, mine, theirs)
                machines.of_sessions(doors, mine)
                planting.of_releases(doors, mine)
                planting.of_admins(doors, mine)
                planting.of_systems(doors, mine)
                planting.around(doors, mine)
            machines.over_api(doors, CANARIES)
            machines.digest()
        yield doors


def test_there_are_enough_and_each_is_there_once() -> None:
    assert len(CANARIES) >= 60 and len({one.secret for one in CANARIES}) == len(CANARIES)


def test_each_would_be_found_however_it_is_written() -> None:
    for one in CANARIES:
        told = {name for name, _, _ in looking.found([("here", f"some {form} text") for form in looking.forms(one)])}
        assert one.name in told


def test_all_of_it_was_taken(planted: planting.Doors) -> None:
    assert planted.refused == []
    assert Bug.objects.count() > 2 * FLOCKS and ErrorReport.objects.count() >= len(CANARIES) + FLOCKS
    assert Feedback.objects.count() >= 2 * FLOCKS and Session.objects.count() > FLOCKS // 2
    assert Release.objects.exists() and CodeChange.objects.count() >= len(CANARIES)


def test_nothing_of_it_is_in_the_database(planted: planting.Doors) -> None:
    assert looking.found(looking.database()) == []


def test_nothing_of_it_is_in_redis(planted: planting.Doors, published: Any) -> None:
    heard = []
    while message := published.get_message(timeout=0.1):
        heard.append(("published", repr(message)))
    assert heard and looking.found([*heard, *looking.of_redis()]) == []


def test_nothing_of_it_is_in_the_logs(planted: planting.Doors, lines: list[str]) -> None:
    for one in CANARIES:
        logging.getLogger("shop").warning("it said %s", one.text)
    assert len(lines) > len(CANARIES) and looking.found(("log", line) for line in lines) == []


def test_nothing_of_it_is_in_answers_to_admins(planted: planting.Doors) -> None:
    assert looking.found(showing.answers(town.client("alice", "read", "write", "export", "admin"))) == []


def test_nothing_of_it_is_in_answers_to_viewers(planted: planting.Doors) -> None:
    assert looking.found(showing.answers(town.client("carol", "read"))) == []


def test_nothing_of_it_is_in_exports(planted: planting.Doors) -> None:
    assert looking.found(showing.exports(planted)) == []


def test_nothing_of_it_goes_to_streams(planted: planting.Doors) -> None:
    assert looking.found(showing.events()) == []


def test_nothing_of_it_goes_to_webhooks_and_nothing_that_they_answer_stays(planted: planting.Doors) -> None:
    said = "\n".join(one.text for one in CANARIES if len(one.text) < 40)
    assert looking.found(showing.deliveries(said)) == []
    assert looking.found(looking.table("integrations_attempt")) == []


def test_nothing_of_it_is_in_the_trail(planted: planting.Doors) -> None:
    assert looking.found(showing.audit_pull(town.client("alice", "admin"))) == []


def test_nothing_of_it_is_on_pages_of_the_console(planted: planting.Doors) -> None:
    assert looking.found(showing.console(town.console())) == []
