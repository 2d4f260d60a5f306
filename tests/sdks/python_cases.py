"""The cases of sentry-sdk, the SDK of Python."""

from importlib.metadata import version

from tests.sdks import questions
from tests.sdks.cases import Case, Check
from tests.sdks.running import Program

UNWANTED = ("transaction", "log_item", "monitor")


def python(name: str, file: str, *arguments: str, checks: dict[str, Check]) -> Case:
    return Case(f"sentry-sdk {version('sentry-sdk')}", name, Program("python", f"{file}.py", arguments), checks)


def frameworks(file: str, name: str, url: str, transaction: str) -> Case:
    """An application that answers two requests, the second by an exception."""
    return python(
        name,
        file,
        checks={
            **questions.raised("KeyError", "77", handled=False),
            **questions.framed("order", "[number]"),
            "locals": lambda a: "number" in a.error["frames"][-1]["vars"],
            "modules": lambda a: "sentry-sdk" in a.error["modules"],
            "request": lambda a: a.error["request"]["url"].endswith(url) and a.error["request"]["method"] == "GET",
            "secret headers redacted": lambda a: "secret" not in str(a.error["request"]).replace(":secret]", ""),
            "transaction": lambda a: a.error["transaction"] == transaction,
            "session aggregates": lambda a: (a.health["sessions"], a.health["crashed"]) == (2, 1),
        },
    )


CASES = [
    python(
        "chained exception",
        "chained",
        checks={
            **questions.raised("PaymentRefused", "order 4711 has no card that we take"),
            **questions.framed("pay", "raise PaymentRefused"),
            **questions.caused("KeyError", "'amex'"),
            "locals": lambda a: "4711" in str(a.error["frames"][-1]["vars"]["order"]),
            "runtime": lambda a: a.error["contexts"]["runtime"]["name"] == "CPython",
            "modules": lambda a: "sentry-sdk" in a.error["modules"],
            **questions.bears_bug("error"),
        },
    ),
    python(
        "uncaught exception",
        "uncaught",
        checks={
            **questions.raised("IndexError", "list index out of range", handled=False),
            **questions.framed("deliver", "return parcels[3]"),
            **questions.bears_bug("error"),
        },
    ),
    python(
        "scope: tags, user, contexts, extra, breadcrumbs, fingerprint, fatal message",
        "scope",
        checks={
            "message": lambda a: a.error["message"] == "the basket is empty",
            **questions.scoped(),
            "extra": lambda a: a.error["extra"]["coupon"] == "SPRING",
            "fingerprint": lambda a: a.error["meta"]["fingerprint"] == ["{{ default }}", "basket-empty"],
            **questions.bears_bug("fatal"),
            **questions.placed(),
        },
    ),
    python(
        "logging integration",
        "logs",
        checks={
            "both errors": lambda a: len(a.errors) == 2,
            "message filled in": lambda a: a.errors[0]["message"] == "order 7 from Bern failed",
            "breadcrumb of an info": lambda a: a.errors[0]["breadcrumbs"][0]["message"] == "order 7 came in",
            "logger as a tag": lambda a: a.errors[0]["tags"]["logger"] == "shop.orders",
            "exception of log.exception": lambda a: a.errors[1]["exception"]["type"] == "KeyError",
            **questions.placed(),
        },
    ),
    python(
        "exceptions in threads",
        "threads",
        checks={
            "both errors": lambda a: len(a.errors) == 2,
            "one group": lambda a: a.groups[0]["reports"] == 2 and len(a.groups) == 1,
            "not handled": lambda a: not any(error["exception"]["handled"] for error in a.errors),
            "frames": lambda a: a.errors[0]["frames"][-1]["function"] == "pack",
        },
    ),
    frameworks("django_app", "Django: exception in a view", "/orders/77/", "/orders/{number}/"),
    frameworks("flask_app", "Flask: exception in a view", "/orders/77", "order"),
    python(
        "calls of urllib that fail",
        "outgoing",
        checks=questions.failed_calls(),
    ),
    python(
        "attachments of the scope",
        "attachments",
        checks={
            **questions.raised("OSError", "the printer does not answer"),
            "files beside the bug": lambda a: a.files == {"shop.log": "text/plain", "basket.json": "application/json"},
        },
    ),
    python(
        "release health: sessions exited, errored, crashed",
        "sessions",
        checks={
            "sessions": lambda a: len(a.sessions) == 3,
            "states": lambda a: [one["state"] for one in a.sessions] == ["exited", "exited", "crashed"],
            "errors of each": lambda a: [one["errors"] for one in a.sessions] == [0, 1, 1],
            "users": lambda a: [bool(one["user_key"]) for one in a.sessions] == [False, True, True],
            "release": lambda a: {one["release"] for one in a.sessions} == {"shop@2.4.1"},
            "crash-free rates": lambda a: (
                (round(a.health["crash_free_sessions"], 3), a.health["crash_free_users"]) == (0.667, 0.0)
            ),
        },
    ),
    python(
        "feedback, and a user report of old",
        "feedback",
        checks={
            "both": lambda a: len(a.feedback) == 2,
            "message, name, address": lambda a: (
                {(one["message"], one["name"], one["email"]) for one in a.feedback}
                == {
                    ("I pressed send and everything was gone", "[redacted:name]", "[redacted:email]"),
                    ("It happened to me as well", "[redacted:name]", "[redacted:email]"),
                }
            ),
            "a bug each": lambda a: len({one["bug"] for one in a.feedback}) == 2,
            "linked to the error's bug": lambda a: {one["error_bug"] for one in a.feedback} == {a.bug["reference"]},
        },
    ),
    python(
        "one exception twenty times",
        "many",
        checks={
            "every report": lambda a: len(a.errors) == 20,
            "every id": lambda a: {one["event_id"].replace("-", "") for one in a.errors} == set(a.said),
            "one group, one bug": lambda a: len(a.groups) == 1 and a.bug["error_count"] == 20,
            "affected users": lambda a: a.bug["user_count"] == 4,
        },
    ),
    *(
        python(
            f"compressed with {name}",
            "compressed",
            name,
            checks={
                "message": lambda a: a.error["message"] == "compressed",
                "breadcrumbs": lambda a: bool(a.error["breadcrumbs"]),
            },
        )
        for name in ("gzip", "br")
    ),
    python(
        "transactions, spans, logs, check-ins after the first answer",
        "unwanted",
        checks={
            "the error": lambda a: a.error["message"] == "the first answer tells",
            "the SDK stops": lambda a: (
                {
                    name: a.count(name, "discarded", "ratelimit_backoff")
                    for name in ("transaction", "log_item", "monitor")
                }
                == {"transaction": 3, "log_item": 3, "monitor": 3}
            ),
            "none comes": lambda a: (
                not any(a.count(name, "received") for name in ("transaction", "log_item", "monitor"))
            ),
        },
    ),
    python(
        "client report of what before_send dropped",
        "sampled",
        checks={
            "the error": lambda a: a.error["message"] == "keep",
            "discarded": lambda a: a.count("error", "discarded", "before_send") == 3,
        },
    ),
]
