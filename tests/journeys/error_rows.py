"""Rows of the specification about one bug's parts, error reports and patterns of errors."""

from bugs.selectors import BUG_FIELDS
from tests.journeys.shop import Shop, row


@row("BugReport")
def bug_report(shop: Shop) -> None:
    assert set(BUG_FIELDS) <= set(shop.get("bugs/WEB-1/"))


@row("comments")
def comments(shop: Shop) -> None:
    shop.post("bugs/WEB-1/comments/", {"body": "Here too"}, 201)
    (comment,) = shop.get("bugs/WEB-1/")["comments"]["results"]
    assert (comment["body"], comment["author"], comment["is_internal"]) == ("Here too", "alice", False)
    assert shop.get("bugs/WEB-1/comments/")["results"] == [comment]


@row("attachments")
def attachments(shop: Shop) -> None:
    shop.attach("WEB-1")
    (file,) = shop.get("bugs/WEB-1/")["attachments"]["results"]
    assert (file["name"], file["content_type"], file["size"]) == ("trace.log", "text/plain", 25)
    assert shop.get("bugs/WEB-1/attachments/")["results"] == [file]


@row("lifecycle")
def lifecycle(shop: Shop) -> None:
    shop.post("bugs/WEB-1/status/", {"to": "triaged"})
    events = shop.get("bugs/WEB-1/")["lifecycle"]["results"]
    assert [event["type"] for event in events] == ["bug.status_changed", "bug.created"]
    assert events[0]["data"]["changes"] == {"status": {"from": "new", "to": "triaged"}}
    assert [event["id"] for event in shop.get("bugs/WEB-1/events/")["results"]] == [event["id"] for event in events]


@row("errorContext")
def error_context(shop: Shop) -> None:
    (report,) = shop.get("bugs/WEB-2/")["error_context"]["results"]
    assert report["exception"]["type"] == "TypeError"
    assert shop.get("bugs/WEB-2/errors/")["results"] == [report]


@row("relatedBugs")
def related_bugs(shop: Shop) -> None:
    shop.post("bugs/WEB-1/links/", {"to": "WEB-2", "kind": "causes"}, 201)
    (other,) = shop.get("bugs/WEB-2/")["related"]["results"]
    assert (other["reference"], other["relation"]) == ("WEB-1", "caused_by")
    assert shop.get("bugs/WEB-2/related/")["results"] == [other]


@row("analytics")
def analytics(shop: Shop) -> None:
    figures = shop.get("bugs/WEB-2/")["analytics"]
    assert (figures["error_count"], figures["user_count"], figures["reopen_count"]) == (1, 1, 0)
    assert set(shop.get("bugs/WEB-2/analytics/")) == set(figures)
    assert {"age_seconds", "sla", "errors_per_day"} < set(figures)


@row("EnhancedErrorReport")
def enhanced_error_report(shop: Shop) -> None:
    report = shop.report()
    assert (report["session_id"], report["level"], report["tags"]["component"]) == ("s-1", "error", "checkout")
    assert report["exception"]["value"] == "basket is null"
    assert report["meta"]["fingerprint"] == ["basket"]


@row("ErrorBreadcrumb")
def error_breadcrumb(shop: Shop) -> None:
    assert [crumb["category"] for crumb in shop.report()["breadcrumbs"]] == ["ui.click", "fetch", "fetch"]


@row("APIFailureContext")
def api_failure_context(shop: Shop) -> None:
    assert shop.report()["api_failures"][0] == {"url": "/pay", "method": "POST", "status": 500}


@row("AuthErrorContext")
def auth_error_context(shop: Shop) -> None:
    assert shop.report()["auth_errors"] == [{"url": "/me", "method": "GET", "status": 401, "source": "api"}]


@row("UserActionContext")
def user_action_context(shop: Shop) -> None:
    assert shop.report()["user_actions"] == [{"action": "click", "target": "button#pay"}]


@row("SystemMetricsData")
def system_metrics_data(shop: Shop) -> None:
    assert set(shop.report()["system_metrics"].values()) == {8_000, 1_000}


@row("user journey")
def user_journey(shop: Shop) -> None:
    story = shop.get("sessions/s-1/")
    assert story["session"]["key"] == "s-1"
    assert {"user_action", "api_failure", "auth_error", "error"} <= {entry["kind"] for entry in story["results"]}


@row("patterns")
def patterns(shop: Shop) -> None:
    (listed,) = shop.get("error-patterns/")["results"]
    assert (listed["bug"], listed["count"], listed["users"]) == ("WEB-2", 1, 1)
    assert shop.pattern()["pattern"] == listed


@row("correlations")
def correlations(shop: Shop) -> None:
    for session in ("s-1", "s-2"):
        shop.crash(tags={"session_id": session})
        shop.crash(tags={"session_id": session}, exception=[{"type": "KeyError"}], fingerprint=["price"])
    by_id = {each["title"]: each["id"] for each in shop.get("error-patterns/")["results"]}
    found = shop.get(f"error-patterns/{by_id['TypeError: basket is null']}/")["correlations"]
    (together,) = [each for each in found if each["kind"] == "session"]
    assert (together["title"], together["score"], together["support"]) == ("KeyError", 1.0, 2)


@row("trends")
def trends(shop: Shop) -> None:
    body = shop.pattern()
    assert sum(point["count"] for point in body["trends"]) == 1
    assert body["pattern"]["trend"]["direction"] == "new"


@row("recommendations")
def recommendations(shop: Shop) -> None:
    found = shop.pattern()["recommendations"]
    assert found
    assert all(set(each) == {"code", "detail", "evidence"} for each in found)


@row("affectedUsers")
def affected_users(shop: Shop) -> None:
    shop.crash(user={"id": "8"})
    assert shop.pattern()["affected_users"] == {"total": 2, "new": 2}


@row("systemImpact")
def system_impact(shop: Shop) -> None:
    impact = shop.pattern()["system_impact"]
    assert impact["environment"] == [{"value": "production", "reports": 1, "share": 1.0}]
    assert {"release", "browser", "os", "device", "metrics"} < set(impact)
