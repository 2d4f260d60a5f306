"""What only looks like personal data or a secret survives everywhere: reports are read for it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from bugs.models import ErrorReport
from bugs.selectors import payloads
from tests.safety import looking, machines, planting, showing, town
from tests.safety.canaries import LOOK_ALIKES, Canary, Flock, flocks

pytestmark = pytest.mark.django_db
MEMBERS = [Canary(text, text, text, is_label=True) for text in LOOK_ALIKES]
NOBODY = Flock([Canary("x", "x", "x", is_label=True)])
SURVIVE = 0.99
# Where all of them went, one by one or in a text with others. Payloads of reports are looked at part by part.
COLUMNS = (
    *(
        "bugs_bug.description",
        "bugs_bug.steps",
        "bugs_comment.body",
        "bugs_feedback.message",
        "bugs_errorreport.message",
    ),
    *("bugs_codechange.message", "bugs_errorgroup.title", "bugs_errorgroup.context"),
)
PARTS = ("message", "exception", "tags", "breadcrumbs", "extra")


@pytest.fixture(scope="module")
def planted(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[planting.Doors]:
    with django_db_blocker.unblock(), town.begun(tmp_path_factory.mktemp("media")) as doors:
        with town.committed():
            for some in flocks(3, MEMBERS):
                planting.of_people(doors, some, NOBODY)
                machines.of_programs(doors, some, NOBODY)
                planting.of_releases(doors, some)
            machines.over_api(doors, MEMBERS)
            machines.digest()
        yield doors


def lost(places: dict[str, str]) -> list[tuple[str, str]]:
    """Which are not in which place. More than one in a hundred fails the test."""
    gone = [(text, place) for place, said in places.items() for text in LOOK_ALIKES if text not in said]
    assert len(gone) <= (1 - SURVIVE) * len(places) * len(LOOK_ALIKES), gone
    return gone


def test_there_are_enough() -> None:
    assert len({*LOOK_ALIKES}) >= 60


def test_they_are_in_the_columns_of_the_database(planted: planting.Doors) -> None:
    said: dict[str, list[str]] = defaultdict(list)
    for place, text in looking.database():
        if place in COLUMNS:
            said[place].append(text)
    assert lost({place: "\n".join(said[place]) for place in COLUMNS}) == []


def test_they_are_in_the_payloads_of_reports(planted: planting.Doors) -> None:
    said: dict[str, list[str]] = defaultdict(list)
    for packed in ErrorReport.objects.values_list("payload", flat=True):
        document = orjson.loads(payloads.unpack(packed))
        for part in PARTS:
            said[part].append(orjson.dumps(document.get(part)).decode())
    assert lost({part: "\n".join(said[part]) for part in PARTS}) == []


def test_they_are_in_answers_and_exports(planted: planting.Doors) -> None:
    carol, alice = town.client("carol", "read"), town.client("alice", "read", "write", "export", "admin")
    bugs = [carol.get("/api/v1/bugs/?limit=200").content.decode()]
    errors = [carol.get("/api/v1/errors/?limit=200").content.decode()]
    files = {name: text for name, text in showing.exports(planted) if name.endswith("json")}
    assert alice is not None and lost({"bugs": bugs[0], "errors": errors[0], **files}) == []


def test_they_are_in_what_streams_say(planted: planting.Doors) -> None:
    assert lost({"stream": "\n".join(text for _, text in showing.events())}) == []
