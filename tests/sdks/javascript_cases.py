"""The cases of @sentry/node and @sentry/browser, each of several versions."""

import json
from pathlib import Path

from tests.sdks import questions
from tests.sdks.cases import Case, Check
from tests.sdks.running import Program

LOCK = json.loads((Path(__file__).parent / "package-lock.json").read_text())["packages"]
MAJORS = ("10", "11")
# Two requests, one with an error; until its server listens version 10 counts the process as a session, too.
SERVED = {"10": (3, 2), "11": (2, 1)}
UNHANDLED = {"10": "crashed", "11": "errored"}  # what a browser calls a session with an error that nobody handled


def version(package: str, major: str) -> str:
    return str(LOCK[f"node_modules/sentry-{package}-{major}"]["version"])


def node(major: str, name: str, file: str, checks: dict[str, Check]) -> Case:
    return Case(f"@sentry/node {version('node', major)}", name, Program("node", f"{file}.js", major=major), checks)


def browser(major: str, name: str, *buttons: str, checks: dict[str, Check]) -> Case:
    program = Program("browser", "visit.py", buttons, major)
    return Case(f"@sentry/browser {version('browser', major)}", name, program, checks)


def feedback(message: str) -> dict[str, Check]:
    return {
        "message, name, address": lambda a: (
            [(one["message"], one["name"], one["email"]) for one in a.feedback]
            == [("I pressed send and everything was gone", "[redacted:name]", "[redacted:email]")]
        ),
        "the error": lambda a: a.error["exception"]["value"] == message,
        "linked to the error's bug": lambda a: a.feedback[0]["error_bug"] == a.bug["reference"],
        "a bug of its own": lambda a: a.feedback[0]["bug"] != a.bug["reference"],
    }


def of_node(major: str) -> list[Case]:
    return [
        node(
            major,
            "uncaught exception",
            "uncaught",
            {
                **questions.raised("TypeError", "Cannot read properties of undefined (reading 'label')", handled=False),
                **questions.framed("deliver", "return parcels[3].label"),
                **questions.bears_bug("fatal"),
                "crashed session": lambda a: [one["state"] for one in a.sessions] == ["crashed"],
            },
        ),
        node(
            major,
            "unhandled rejection",
            "rejection",
            {
                **questions.raised("RangeError", "room 101 is taken", handled=False),
                **questions.framed("reserve", "throw new RangeError"),
                **questions.bears_bug("error"),
            },
        ),
        node(
            major,
            "error with a cause, and a scope",
            "caught",
            {
                **questions.raised("PaymentRefused", "order 4711 cannot be paid"),
                **questions.framed("pay", "throw new PaymentRefused"),
                **questions.caused("TypeError", "no limit for amex"),
                **questions.scoped(),
                "runtime": lambda a: a.error["contexts"]["runtime"]["name"] == "node",
                "system metrics": lambda a: a.error["system_metrics"]["device.memory_size"] > 0,
                "modules": lambda a: bool(a.error["modules"]),
                "session with an error": lambda a: (
                    [(one["state"], one["errors"]) for one in a.sessions] == [("exited", 1)]
                ),
            },
        ),
        node(
            major,
            "captureMessage with level and fingerprint",
            "message",
            {
                "message": lambda a: a.error["message"] == "the basket is empty",
                "fingerprint": lambda a: a.error["meta"]["fingerprint"] == ["{{ default }}", "basket-empty"],
                **questions.bears_bug("fatal"),
                **questions.placed(),
            },
        ),
        node(
            major,
            "attachment of the scope",
            "attachments",
            {
                **questions.raised("Error", "the printer does not answer"),
                "file beside the bug": lambda a: a.files == {"shop.log": "text/plain"},
            },
        ),
        node(major, "captureFeedback", "feedback", feedback("the form was lost")),
        node(major, "calls of http and fetch that fail", "outgoing", questions.failed_calls()),
        node(
            major,
            "exception in a request of an HTTP server",
            "server",
            {
                **questions.raised("TypeError", "Cannot read properties of undefined (reading 'amount')"),
                "request": lambda a: (
                    a.error["request"]["url"].endswith("/orders/77?coupon=SPRING")
                    and a.error["request"]["method"] == "GET"
                ),
                "transaction": lambda a: a.error["transaction"] == "GET /orders/77",
                "secret headers redacted": lambda a: "secret" not in str(a.error["request"]).replace(":secret]", ""),
                "sessions": lambda a: (a.health["sessions"], a.health["errored"]) == SERVED[major],
            },
        ),
        node(
            major,
            "transactions, logs, check-ins after the first answer",
            "unwanted",
            {
                "the error": lambda a: a.error["message"] == "the first answer tells",
                "none comes": lambda a: (
                    not any(a.count(name, "received") for name in ("transaction", "span", "log_item", "monitor"))
                ),
                "the SDK says so": lambda a: a.count("monitor", "discarded", "ratelimit_backoff") == 3,
            },
        ),
    ]


def of_old_node() -> list[Case]:
    """A version that knows nothing of envelopes: it sends to the old door."""
    return [
        node(
            "5",
            "at /store/: uncaught exception",
            "uncaught",
            {
                **questions.raised("TypeError", "Cannot read properties of undefined (reading 'label')", handled=None),
                **questions.framed("deliver", "return parcels[3].label"),
                **questions.bears_bug("fatal"),
            },
        ),
        node(
            "5",
            "at /store/: error with a cause, and a scope",
            "caught",
            {
                **questions.raised("PaymentRefused", "order 4711 cannot be paid"),
                **questions.framed("pay", "throw new PaymentRefused"),
                **questions.caused("TypeError", "no limit for amex"),
                **questions.scoped(),
            },
        ),
        node(
            "5",
            "at /store/: captureMessage with level",
            "message",
            {
                "message": lambda a: a.error["message"] == "the basket is empty",
                **questions.bears_bug("fatal"),
                **questions.placed(),
            },
        ),
    ]


def of_browser(major: str) -> list[Case]:
    return [
        browser(
            major,
            "error in a click",
            "pay",
            checks={
                **questions.raised("TypeError", "Cannot read properties of null (reading 'items')", handled=False),
                "innermost frame in_app": lambda a: (
                    a.error["frames"][-1]["in_app"] and a.error["frames"][-1]["function"] == "total"
                ),
                "user actions": lambda a: questions.actions(a) == [("click", "body > button#pay")],
                "tags": lambda a: a.error["component"] == "checkout",
                "user by address": lambda a: bool(a.error["user_key"]) == (major == "11"),
                "request": lambda a: "Chrome" in a.error["request"]["headers"]["User-Agent"],
                "session": lambda a: [one["state"] for one in a.sessions] == [UNHANDLED[major]],
                "CORS": lambda a: set(a.said) == {"200"},
                **questions.bears_bug("error"),
            },
        ),
        browser(
            major,
            "unhandled rejection",
            "reserve",
            checks={
                **questions.raised("RangeError", "room 101 is taken", handled=False),
                **questions.bears_bug("error"),
            },
        ),
        browser(major, "calls of fetch that fail", "refresh", checks=questions.failed_calls()),
        browser(
            major,
            "navigation, captureMessage",
            "browse",
            checks={
                "message": lambda a: a.error["message"] == "the basket is empty",
                "level": lambda a: a.error["level"] == "warning",
                "no bug for a warning": lambda a: a.groups[0]["bug"] is None,
                "user actions": lambda a: (
                    [action["action"] for action in a.error["user_actions"]] == ["click", "navigation"]
                ),
                "session": lambda a: {one["state"] for one in a.sessions} <= {"ok", "exited"} and bool(a.sessions),
            },
        ),
        browser(
            major,
            "captureFeedback with a screenshot",
            "show",
            checks={
                **feedback("the form was lost"),
                "screenshot beside it": lambda a: a.files_of(a.feedback[0]["bug"]) == {"screenshot.png": "image/png"},
            },
        ),
        browser(
            major,
            "attachment of the scope",
            "attach",
            checks={
                **questions.raised("Error", "the printer does not answer"),
                "file beside the bug": lambda a: set(a.files) == {"basket.json"},
            },
        ),
    ]


CASES = [
    *of_old_node(),
    *(case for major in MAJORS for case in of_node(major)),
    *(case for major in MAJORS for case in of_browser(major)),
]
