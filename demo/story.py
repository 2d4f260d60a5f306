"""The story, step by step: a crash becomes a bug, people see it live, others are told, all is on record."""

import csv
import io
import json
import queue
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
from standardwebhooks import Webhook

from demo import crash
from demo.listener import Listener
from demo.receiver import Receiver

PATIENCE = 15.0
LIVE_AIM_MS = 100.0
FORMATS = ("json", "csv", "xml")
ERRORS = (
    ("ReadTimeout", "the inventory service did not answer within 2 s", "error"),
    ("KeyError", "'shipping_address'", "error"),
    ("IntegrityError", "duplicate key value violates orders_reference_key", "fatal"),
    ("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)", "error"),
    ("PermissionError", "the token of the mail relay has expired", "error"),
    ("ZeroDivisionError", "division by zero in discount()", "fatal"),
)


class Broken(AssertionError):
    """The story did not go as it must; the text says where."""


@dataclass(frozen=True)
class Place:
    """A running Bugwire and what opens its doors."""

    web: str
    stream: str
    api_key: str
    dsn: str
    project: str
    operator: dict[str, str]


@dataclass(frozen=True)
class Step:
    title: str
    detail: str
    seconds: float


class Client:
    """Calls the API and keeps the request ids, to find them all in the audit log at the end."""

    def __init__(self, place: Place) -> None:
        headers = {"Authorization": f"Bearer {place.api_key}"}
        self.request_ids: set[str] = set()
        self._http = httpx.Client(base_url=place.web, headers=headers, timeout=PATIENCE, trust_env=False)

    def get(self, path: str) -> httpx.Response:
        return self._call("GET", path)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._call("POST", path, json=body).json()
        return answer

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._http.request(method, path, **more)
        self.request_ids.add(answer.headers.get("X-Request-Id", ""))
        if answer.is_error:
            raise Broken(f"{method} {path} was answered {answer.status_code}: {answer.text[:500]}")
        return answer


def play(place: Place, repetitions: int = 20) -> Iterator[Step]:
    """Each step as it is done. Raises Broken."""
    client, order = Client(place), f"order-{uuid.uuid4().hex[:8]}"
    with Listener(place.stream, place.api_key) as listener, Receiver() as receiver:
        hook = subscribe_webhook(client, place, receiver)
        try:
            yield _timed("A program crashes", lambda: run_crash(place, order))
            yield _timed("The crash is a bug over REST", lambda: bug_of(client, order)["reference"])
            yield _timed("The live stream told of the bug", lambda: heard(listener, "new_bugs", order))
            yield _timed(f"{repetitions} more errors, timed", lambda: measure(place, listener, repetitions))
            bug = bug_of(client, order)
            yield _timed("The bug is triaged", lambda: triage(client, bug))
            yield _timed("The live stream told of the change", lambda: heard(listener, "bug_updates", order))
            yield _timed("The webhook came, signed", lambda: verified(receiver, hook["secret"], bug))
            for form in FORMATS:
                yield _timed(f"Exported as {form}", lambda form=form: export(client, place, form, bug))
        finally:
            client.delete(f"/api/v1/webhooks/{hook['id']}/")
    yield _timed("Every call is in the audit log", lambda: on_record(client))


def _timed(title: str, act: Callable[[], str]) -> Step:
    began = time.perf_counter()
    detail = act()
    return Step(title, detail, time.perf_counter() - began)


def _until(what: str, look: Callable[[], Any]) -> Any:
    """What `look` finds, asked again until it is something."""
    limit = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > limit:
            raise Broken(f"{what}: not within {PATIENCE:g} s.")
        time.sleep(0.05)
    return found


# A crash becomes a bug ------------------------------------------------------------------------------------


def run_crash(place: Place, order: str) -> str:
    argv = [sys.executable, crash.__file__, place.dsn, order]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    last_words = next((line for line in done.stderr.splitlines() if line.startswith("RuntimeError")), "")
    if done.returncode != 1 or order not in last_words:
        raise Broken(f"The crashing program ended with {done.returncode}: {done.stderr[-500:]}")
    return last_words


def bug_of(client: Client, order: str) -> dict[str, Any]:
    """The bug with that order in its title."""

    def look() -> dict[str, Any] | None:
        page = client.get("/api/v1/bugs/?limit=50").json()["results"]
        return next((bug for bug in page if order in bug["title"]), None)

    found: dict[str, Any] = _until("The bug of the crash", look)
    return found


def heard(listener: Listener, subscription: str, text: str) -> str:
    try:
        came = listener.wait(subscription, text, seconds=PATIENCE)
    except TimeoutError as error:
        raise Broken(str(error)) from None
    ago, moved = (time.perf_counter() - came.at) * 1000, came.event["changes"].get("status")
    what = f"status: {moved['from']} → {moved['to']}" if moved else came.event["event_type"]
    return f"{what}, heard {ago:.0f} ms ago"


# How live is live -------------------------------------------------------------------------------------------


def measure(place: Place, listener: Listener, repetitions: int) -> str:
    """From the start of an SDK's POST to the message on the socket, in milliseconds."""
    taken = sorted(latencies(place, listener, repetitions))
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    verdict = "within" if p95 < LIVE_AIM_MS else "over"
    return f"POST to message: p50 {statistics.median(taken):.1f} ms, p95 {p95:.1f} ms ({verdict} {LIVE_AIM_MS:.0f} ms)"


def latencies(place: Place, listener: Listener, repetitions: int) -> Iterator[float]:
    dsn = urlsplit(place.dsn)
    url = f"{place.web}/api{dsn.path}/envelope/"
    headers = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.username}, sentry_client=demo/1"}
    with httpx.Client(headers=headers, timeout=PATIENCE, trust_env=False) as sdk:
        for number in range(repetitions):
            mark, body = _envelope(number)
            began = time.perf_counter()
            sdk.post(url, content=body).raise_for_status()
            yield (listener.wait("new_bugs", mark, seconds=PATIENCE).at - began) * 1000


def _envelope(number: int) -> tuple[str, bytes]:
    mark = uuid.uuid4().hex[:8]
    name, text, level = ERRORS[number % len(ERRORS)]
    event_id = uuid.uuid4().hex
    event = {
        "event_id": event_id,
        "timestamp": time.time(),
        "platform": "python",
        "level": level,
        "environment": "production",
        "fingerprint": [mark],
        "exception": {"values": [{"type": name, "value": f"{text} [{mark}]"}]},
    }
    return mark, b"\n".join(json.dumps(part).encode() for part in ({"event_id": event_id}, {"type": "event"}, event))


# Others are told --------------------------------------------------------------------------------------------


def subscribe_webhook(client: Client, place: Place, receiver: Receiver) -> dict[str, Any]:
    types = ["bug.status_changed"]
    return client.post("/api/v1/webhooks/", project=place.project, url=receiver.url, event_types=types)


def triage(client: Client, bug: dict[str, Any]) -> str:
    moved = client.post(f"/api/v1/bugs/{bug['id']}/status/", to="triaged")
    if moved["status"] != "triaged":
        raise Broken(f"The bug is {moved['status']}.")
    return f"{moved['reference']} is {moved['status']}, version {moved['version']}"


def verified(receiver: Receiver, secret: str, bug: dict[str, Any]) -> str:
    """The signature as any Standard Webhooks library checks it. Raises when it is wrong."""
    try:
        received = receiver.next(PATIENCE)
    except queue.Empty:
        raise Broken(f"No webhook came in {PATIENCE:g} s.") from None
    payload = Webhook(secret).verify(received.body, received.headers)
    if bug["id"] not in json.dumps(payload):
        raise Broken(f"The webhook is about something else: {payload}")
    return f"{payload['type']}, {received.headers['webhook-id']}"


def export(client: Client, place: Place, form: str, bug: dict[str, Any]) -> str:
    asked = client.post("/api/v1/exports/", format=form, project=place.project)
    path = f"/api/v1/exports/{asked['id']}/"

    def ready() -> dict[str, Any] | None:
        shown: dict[str, Any] = client.get(path).json()
        if shown["state"] not in ("queued", "running", "ready"):
            raise Broken(f"The export is {shown['state']}: {shown['error']}")
        return shown if shown["state"] == "ready" else None

    rows = _until(f"The {form} export", ready)["rows"]
    body = client.get(f"{path}download/").content
    references = _references(form, body)
    if bug["reference"] not in references or len(references) != rows:
        raise Broken(f"{bug['reference']} is not among the {len(references)} rows of the {form} file.")
    return f"{rows} rows, {len(body):,} bytes, {bug['reference']} among them"


def _references(form: str, body: bytes) -> list[str]:
    if form == "json":
        return [row["reference"] for row in json.loads(body)["results"]]
    if form == "csv":
        return [row["reference"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]
    return [element.text or "" for element in ElementTree.fromstring(body).iter("reference")]


# All is on record -------------------------------------------------------------------------------------------


def on_record(client: Client) -> str:
    wanted, path, operations = set(client.request_ids), "/api/v1/audit/access/?limit=200", set()
    missing = set(wanted)
    while missing and path:
        page = client.get(path).json()
        operations |= {row["operation"] for row in page["results"] if row["request_id"] in missing}
        missing -= {row["request_id"] for row in page["results"]}
        path = page["next"]
    if missing:
        raise Broken(f"{len(missing)} of {len(wanted)} calls are not in the audit log: {sorted(missing)[:3]}")
    return f"{len(wanted)} calls: {', '.join(sorted(operations))}"
