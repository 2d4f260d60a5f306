"""Questions about what arrived that several SDKs are asked."""

from tests.sdks.arrived import Arrived
from tests.sdks.cases import Check
from tests.sdks.running import ENVIRONMENT, RELEASE


def raised(kind: str, value: str, *, handled: bool | None = True) -> dict[str, Check]:
    """The outermost exception, the release and the environment. handled: None where the SDK does not know."""
    found: dict[str, Check] = {
        "event id": lambda a: bool(a.error["event_id"]),
        "type and message": lambda a: (a.error["exception"]["type"], a.error["exception"]["value"]) == (kind, value),
    }
    if handled is not None:
        name = "handled" if handled else "not handled"
        found[name] = lambda a: a.error["exception"]["handled"] is handled
    return {**found, **placed()}


def caused(kind: str, value: str) -> dict[str, Check]:
    """One cause, with its own frames."""
    return {
        "cause": lambda a: [(one["type"], one["value"]) for one in a.error["causes"]] == [(kind, value)],
        "frames of the cause": lambda a: a.error["causes"][0]["frames"][-1]["in_app"],
    }


def placed() -> dict[str, Check]:
    return {
        "release": lambda a: {error["release"] for error in a.errors} == {RELEASE},
        "environment": lambda a: {error["environment"] for error in a.errors} == {ENVIRONMENT},
    }


def framed(function: str, line: str) -> dict[str, Check]:
    """The innermost frame is the program's own, with its source around it."""
    return {
        "frames": lambda a: len(a.error["frames"]) > 1,
        "innermost frame in_app": lambda a: _innermost(a)["in_app"] and function in _innermost(a)["function"],
        "source line": lambda a: line in _innermost(a)["context_line"],
    }


def scoped() -> dict[str, Check]:
    """What was put on the scope; of the user the id alone is shown."""
    user = {"id": "7", "username": "[redacted:name]", "email": "[redacted:email]"}
    return {
        "tags": lambda a: a.error["tags"]["component"] == "checkout" == a.error["component"],
        "user": lambda a: user.items() <= a.error["user"].items() and bool(a.error["user_key"]),
        "contexts": lambda a: a.error["contexts"]["basket"] == {"items": 3, "total": 99.5},
        "breadcrumbs": lambda a: any(crumb.get("message") == "button#pay" for crumb in a.error["breadcrumbs"]),
        "user actions": lambda a: ("click", "button#pay") in actions(a),
    }


def failed_calls() -> dict[str, Check]:
    """A call answered with 500 and one with 401, in breadcrumbs of the SDK's own."""
    return {
        "breadcrumbs of calls": lambda a: sum(crumb.get("type") == "http" for crumb in a.error["breadcrumbs"]) == 3,
        "API failures": lambda a: calls(a, "api_failures") == [("GET", "/stock", 500), ("GET", "/me", 401)],
        "auth errors": lambda a: calls(a, "auth_errors") == [("GET", "/me", 401)],
        "no query in URLs": lambda a: "?" not in str([call["url"] for call in a.error["api_failures"]]),
    }


def bears_bug(level: str) -> dict[str, Check]:
    return {"level": lambda a: a.error["level"] == level, "bug": lambda a: a.bug["error_level"] == level}


def actions(arrived: Arrived) -> list[tuple[str, str]]:
    return [(action["action"], action.get("target", "")) for action in arrived.error["user_actions"]]


def calls(arrived: Arrived, part: str) -> list[tuple[str, str, int]]:
    """Method, path and status of failed calls."""
    found = arrived.error[part]
    return [(call["method"], "/" + call["url"].rpartition("/")[2], call["status"]) for call in found]


def _innermost(arrived: Arrived) -> dict[str, str]:
    return arrived.error["frames"][-1]
