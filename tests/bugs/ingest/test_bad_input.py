"""Bad input at the real doors: the documented answer, bounded memory, and an outcome for every item."""

import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from bugs.ingest import outcomes
from bugs.ingest.digest import digester
from bugs.ingest.door import senders
from bugs.models import ErrorReport, IngestKey, OutcomeDelta, Project
from bugs.selectors import reports
from tests.bugs.ingest.bad_input import BODIES, EVENTS, TABLE, Bad
from tests.sdks import document

MIB = 1024 * 1024
FORM = "application/x-www-form-urlencoded"
ANSWER_MAX = 1_000  # bytes
MEMORY_MAX = 64 * MIB  # three times the bound of a body: it is compressed, plain, and copied once
DECODE = """
import resource, sys
from bugs.ingest.wire import decoding
body = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decoding.decode(body, sys.argv[1], 20 * 1024 * 1024)
except decoding.TooLarge:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture(autouse=True)
def nobody_is_known_here() -> Iterator[None]:
    senders.forget()
    yield
    senders.forget()


@pytest.fixture
def shown(project: Project) -> dict[str, dict[str, str]]:
    """Headers and number for each kind of key."""
    own = IngestKey.objects.create(project=project).public_key
    revoked = IngestKey.objects.create(project=project, is_active=False).public_key
    other = Project.objects.create(number=8, key="APP", name="App")
    foreign = IngestKey.objects.create(project=other).public_key
    return {
        "own": {"X-Sentry-Auth": f"Sentry sentry_key={own}"},
        "none": {},
        "nonsense": {"X-Sentry-Auth": "Sentry sentry_key=\x00'; DROP TABLE"},
        "foreign": {"X-Sentry-Auth": f"Sentry sentry_key={foreign}"},
        "revoked": {"X-Sentry-Auth": f"Sentry sentry_key={revoked}"},
        "two": {"X-Sentry-Auth": f"Sentry sentry_key={own}", "Authorization": f"Sentry sentry_key={foreign}"},
        "nowhere": {"X-Sentry-Auth": f"Sentry sentry_key={own}"},
    }


def send(client: Any, bad: Bad, shown: dict[str, dict[str, str]], body: bytes) -> Any:
    number = 999 if bad.key == "nowhere" else 7
    headers = {**shown[bad.key], **bad.headers}
    kind = FORM if "form" in bad.name else "application/x-sentry-envelope"
    return client.post(f"/api/{number}/{bad.door}/", body, content_type=kind, headers=headers)


def counted() -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for row in OutcomeDelta.objects.all():
        found[row.category, row.outcome, row.reason] += row.quantity
    return found


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name)
def test_the_answer_is_the_documented_one_and_every_item_is_accounted_for(
    client: Any, shown: Any, project: Project, bad: Bad
) -> None:
    answer = send(client, bad, shown, bad.body())
    assert (answer.status_code, answer.json().get("code", "")) == (bad.status, bad.code)
    assert len(answer.content) <= ANSWER_MAX
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert ("X-Sentry-Error" in answer) == bool(bad.code)
    digester.digest_waiting()
    found = counted()
    assert [what for what in found if what[1] != outcomes.RECEIVED] == ([bad.counted] if bad.counted else [])
    received = sum(amount for (_, outcome, _), amount in found.items() if outcome == outcomes.RECEIVED)
    assert received == sum(found.values()) - received == (1 if bad.counted else 0)
    if bad.kept:
        assert bad.kept(report_of(project))


def report_of(project: Project) -> dict[str, Any]:
    stored = ErrorReport.objects.get(project_id=project.pk)
    report: dict[str, Any] = orjson.loads(reports.documents_of([stored.pk])[0])
    return report


@pytest.mark.parametrize("bad", [*BODIES, *EVENTS], ids=lambda bad: bad.name)
def test_memory_is_bounded(client: Any, shown: Any, bad: Bad) -> None:
    body = bad.body()
    tracemalloc.start()
    send(client, bad, shown, body)
    digester.digest_waiting()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY_MAX


@pytest.mark.parametrize("bad", [bad for bad in BODIES if "GiB" in bad.name], ids=lambda bad: bad.name)
def test_a_bomb_grows_no_process(bad: Bad) -> None:
    """In a process of its own, where what decoders take by themselves is seen as well."""
    run = [sys.executable, "-c", DECODE, bad.headers["Content-Encoding"]]
    done = subprocess.run(run, input=bad.body(), capture_output=True, check=True, env={**os.environ, "PYTHONPATH": "."})
    assert int(done.stdout) * 1024 < MEMORY_MAX


def test_the_document_has_this_table() -> None:
    document.check("bad input", ["What is sent", "Answer", "Counted as"], [bad.row for bad in TABLE])
