"""Server-sent events through their real door."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import orjson
import pytest

from apikeys import services as keys
from audit.actors import SYSTEM
from audit.models import AccessRecord
from bugs import services
from bugs.models import Bug, Project
from streaming.streams import STREAMS
from tests.streaming import described
from tests.streaming.serving import REREAD_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


class Reader:
    """Reads one event at a time: its fields by name."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer

    def next(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        return fields

    def message(self) -> dict[str, Any]:
        """The next one that says something."""
        while "data" not in (fields := self.next()):
            assert fields
        said = orjson.loads(fields["data"])
        described.check_heard(said, {name: name for name in STREAMS})
        return {**said, "id": fields.get("id"), "named": fields.get("event")}


@pytest.fixture
def get(server: str, key: tuple[Any, str]) -> Iterator[Callable[..., http.client.HTTPResponse]]:
    with ExitStack() as opened:

        def call(query: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection(server, timeout=10)
            opened.callback(connection.close)
            sent = {"Authorization": f"Bearer {key[1]}", **{k.replace("_", "-"): v for k, v in headers.items()}}
            connection.request(method, f"/api/v1/stream/{query}", headers=sent)
            return connection.getresponse()

        yield call


def listen(get: Callable[..., Any], query: str, **headers: str) -> Reader:
    reader = Reader(get(query, **headers))
    assert reader.message()["op"] == "subscribed"
    return reader


def report(project: Project, **fields: Any) -> Bug:
    return services.report(project_id=project.pk, by=SYSTEM, **{"title": "Blank", **fields})


def test_an_event_arrives_with_its_token_as_id(get: Any, web: Project) -> None:
    answer = get("?type=new_bugs&format=compact")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    reader = Reader(answer)
    assert reader.message()["named"] == "subscribed"
    bug = report(web)
    told = reader.message()
    assert (told["op"], told["event"]["bug_id"], told["named"]) == ("event", str(bug.pk), None)
    assert told["id"] == told["resume"]


def test_what_was_missed_comes_after_last_event_id(get: Any, web: Project) -> None:
    first = Reader(get("?type=new_bugs"))
    token = first.message()["id"]
    first.answer.close()
    missed = [str(report(web).pk) for _ in range(3)]
    again = listen(get, "?type=new_bugs", Last_Event_ID=token)
    assert [again.message()["event"]["bug_id"] for _ in missed] == missed
    forged = listen(get, "?type=new_bugs", Last_Event_ID="deadbeef.1")
    assert forged.message()["reason"] == "unknown_token"


def test_several_types_share_filters_and_a_snapshot_comes_first(get: Any, web: Project) -> None:
    bug = report(web, severity="critical")
    report(web, severity="low")
    reader = listen(get, "?type=new_bugs&type=bug_updates&severity=high&severity=critical&snapshot=true")
    assert [item["id"] for item in reader.message()["items"]] == [str(bug.pk)]
    assert [reader.message()["op"], reader.message()["sub"]] == ["subscribed", "bug_updates"]
    services.change_status(bug.pk, to="triaged", by=SYSTEM)
    assert reader.message()["sub"] == "bug_updates"


def test_a_cut_while_several_types_catch_up_skips_nothing(get: Any, web: Project) -> None:
    first = Reader(get("?type=new_bugs"))
    token = first.message()["id"]
    bug = report(web)
    time.sleep(3 * REREAD_SECONDS)  # by now the process stands behind the bug
    query = "?type=resolutions&type=new_bugs"
    cut = Reader(get(query, Last_Event_ID=token))
    told = cut.message()
    assert told["op"] == "subscribed"
    cut.answer.close()
    again = Reader(get(query, Last_Event_ID=told["id"] or token))
    assert [again.message()["op"] for _ in range(2)] == ["subscribed", "subscribed"]
    assert again.message()["event"]["bug_id"] == str(bug.pk)
    assert again.next()["id"] != token  # all have caught up


REFUSED = [
    ("", {}, 400, "invalid_message"),
    ("?type=weather", {}, 400, "unsupported_type"),
    ("?type=new_bugs&severity=terrible", {}, 400, "invalid_filter"),
    ("?type=new_bugs&format=json&format=compact", {}, 400, "invalid_message"),
    ("?type=new_bugs&snapshot=maybe", {}, 400, "invalid_message"),
    ("?type=new_bugs&" + "&".join(f"a{n}=1" for n in range(200)), {}, 400, "invalid_message"),
    ("?type=new_bugs", {"Authorization": "Bearer bw_live_wrong"}, 401, "unauthenticated"),
    ("?type=new_bugs", {"Origin": "https://evil.example"}, 403, "origin_refused"),
    ("?type=new_bugs&access_token=x", {}, 400, "key_in_url"),
]


def test_what_is_refused_is_a_problem(get: Any, web: Project) -> None:
    for query, headers, status, code in REFUSED:
        answer = get(query, **headers)
        body = orjson.loads(answer.read())
        assert (answer.status, body["code"]) == (status, code), query[:40]
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert get("?type=new_bugs", method="POST").status == 405


def test_a_revoked_key_ends_it_with_a_goodbye(get: Any, key: Any, web: Project) -> None:
    reader = listen(get, "?type=new_bugs")
    keys.revoke(key[0].pk, by=SYSTEM)
    told = reader.message()
    assert (told["op"], told["code"], "retry_ms" in told) == ("goodbye", 4010, False)
    assert reader.answer.read() == b""
    path = AccessRecord.objects.filter(operation="stream_subscribe").values_list("path", flat=True).get()
    assert path == "/api/v1/stream/"
