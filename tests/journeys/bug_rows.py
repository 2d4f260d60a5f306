"""Rows of the specification about bugs: calls, filters, pages, searches, figures and exports."""

from datetime import timedelta

from django.utils import timezone

from bugs.selectors.parts import PARTS
from tests.journeys.shop import EXPORT, Shop, row


@row("getBugs")
def get_bugs(shop: Shop) -> None:
    page = shop.get("bugs/")
    assert set(page) == {"results", "next", "previous"}
    assert [bug["reference"] for bug in page["results"]] == ["WEB-2", "WEB-1"]


@row("getBugById")
def get_bug_by_id(shop: Shop) -> None:
    body = shop.get("bugs/WEB-1/")
    assert body == {**shop.get(f"bugs/{body['id']}/"), "analytics": body["analytics"]}
    assert set(PARTS) <= set(body)


@row("updateBugStatus")
def update_bug_status(shop: Shop) -> None:
    body = shop.post("bugs/WEB-1/status/", {"to": "resolved", "resolution": "wont_fix", "notes": "Nobody pays so."})
    assert (body["status"], body["resolution"], body["version"]) == ("resolved", "wont_fix", 2)
    assert shop.get("bugs/WEB-1/comments/")["results"][0]["body"] == "Nobody pays so."


@row("assignBug")
def assign_bug(shop: Shop) -> None:
    assert shop.post("bugs/WEB-1/assign/", {"assignee": "bob"})["assignee"] == "bob"


@row("searchBugs")
def search_bugs(shop: Shop) -> None:
    body = shop.get("bugs/search/", text="basket")
    assert [hit["bug"]["reference"] for hit in body["results"]] == ["WEB-2"]
    assert "<mark>basket</mark>" in body["results"][0]["highlights"]["title"]
    assert body["ranked"] == {"candidates": 1, "complete": True}
    assert body["facets"]["status"] == [{"value": "new", "count": 1}]


@row("getBugAnalytics")
def get_bug_analytics(shop: Shop) -> None:
    body = shop.get("analytics/bugs/")
    assert body["total"] == sum(point["count"] for point in body["points"]) == 2
    assert body["series"] == []


@row("getErrorPatterns")
def get_error_patterns(shop: Shop) -> None:
    body = shop.get("error-patterns/")
    assert (len(body["results"]), body["complete"]) == (1, True)


@row("exportBugs")
def export_bugs(shop: Shop) -> None:
    answer = shop.client.post("/api/v1/exports/", {**EXPORT, "fields": ["reference"]}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer["Location"].endswith(f"/exports/{answer.json()['id']}/")


@row("getExportStatus")
def get_export_status(shop: Shop) -> None:
    body = shop.get(f"exports/{shop.post('exports/', EXPORT, 202)['id']}/")
    assert set(body["progress"]) == {"done", "total", "percent", "eta_seconds"}
    assert (body["state"], body["rows"], body["download"]) == ("queued", 0, None)


@row("scheduleExport")
def schedule_export(shop: Shop) -> None:
    shop.post("export-schedules/", {}, 404)


@row("create")
def create(shop: Shop) -> None:
    answer = shop.client.post("/api/v1/bugs/", {"project": "WEB", "title": "No receipt"}, format="json")
    assert (answer.status_code, answer.json()["reference"]) == (201, "WEB-3")
    assert answer["Location"].endswith(f"/bugs/{answer.json()['id']}/")


@row("update")
def update(shop: Shop) -> None:
    answer = shop.client.patch("/api/v1/bugs/WEB-1/", {"severity": "critical"}, format="json")
    assert (answer.status_code, answer.json()["severity"]) == (200, "critical")


@row("delete")
def delete(shop: Shop) -> None:
    assert shop.client.delete("/api/v1/bugs/WEB-1/").status_code == 204
    assert shop.references() == ["WEB-2"]


@row("BugFilters.status")
def by_status(shop: Shop) -> None:
    shop.post("bugs/WEB-1/status/", {"to": "triaged"})
    assert shop.references(status="triaged") == ["WEB-1"]
    assert shop.references(status=["new", "triaged"]) == ["WEB-2", "WEB-1"]


@row("BugFilters.severity")
def by_severity(shop: Shop) -> None:
    assert shop.references(severity="high") == ["WEB-1"]


@row("BugFilters.bugType")
def by_bug_type(shop: Shop) -> None:
    shop.client.patch("/api/v1/bugs/WEB-1/", {"bug_type": "crash"}, format="json")
    assert shop.references(bug_type="crash") == ["WEB-1"]


@row("BugFilters.assignedTo")
def by_assignee(shop: Shop) -> None:
    shop.post("bugs/WEB-1/assign/", {"assignee": "bob"})
    assert shop.references(assigned_to="bob") == ["WEB-1"]


@row("BugFilters.dateRange.start")
def by_start(shop: Shop) -> None:
    assert shop.references(created_after=shop.get("bugs/WEB-1/")["created_at"]) == ["WEB-2"]


@row("BugFilters.dateRange.end")
def by_end(shop: Shop) -> None:
    assert shop.references(created_before=shop.get("bugs/WEB-2/")["created_at"]) == ["WEB-1"]


@row("BugFilters.hasAttachments")
def by_attachments(shop: Shop) -> None:
    shop.attach("WEB-1")
    assert shop.references(has_attachments="true") == ["WEB-1"]


@row("BugFilters.errorContext.hasErrors")
def by_errors(shop: Shop) -> None:
    assert shop.references(has_errors="true") == ["WEB-2"]
    assert shop.references(has_errors="false") == ["WEB-1"]


@row("BugFilters.errorContext.errorLevel")
def by_level(shop: Shop) -> None:
    assert shop.references(error_level=["error", "fatal"]) == ["WEB-2"]


@row("BugFilters.errorContext.componentName")
def by_component(shop: Shop) -> None:
    assert shop.references(component_name="checkout") == ["WEB-2"]


@row("PaginationOptions")
def pagination_options(shop: Shop) -> None:
    first = shop.get("bugs/", limit=1, ordering="created_at")
    rest = shop.client.get(first["next"]).json()
    assert [bug["reference"] for page in (first, rest) for bug in page["results"]] == ["WEB-1", "WEB-2"]


@row("PaginatedBugResponse")
def paginated_bug_response(shop: Shop) -> None:
    answer = shop.client.get("/api/v1/bugs/", {"limit": 1, "count": "exact"})
    body = answer.json()
    assert (len(body["results"]), body["previous"], body["count"], body["count_is"]) == (1, None, 2, "exact")
    assert answer["Link"] == f'<{body["next"]}>; rel="next"'


@row("SearchQuery")
def search_query(shop: Shop) -> None:
    found = shop.get("bugs/search/", text="checkout", severity="high", sort="recency")
    assert [hit["bug"]["reference"] for hit in found["results"]] == ["WEB-1"]


@row("BugSearchResponse")
def bug_search_response(shop: Shop) -> None:
    body = shop.get("bugs/search/", text="checkout", facets="severity")
    assert {"results", "next", "previous", "ranked", "corrected", "did_you_mean"} < set(body)
    assert list(body["facets"]) == ["severity"]
    assert body["count"] == len(body["results"])
    assert {"title", "part", "snippet"} == set(body["results"][0]["highlights"])


@row("TimeRange")
def time_range(shop: Shop) -> None:
    body = shop.get("analytics/bugs/", **{"from": "-7d", "to": "now"})
    assert {"from", "to", "time_zone", "interval"} < set(body)
    later = (timezone.now() + timedelta(days=2)).isoformat()
    assert shop.get("analytics/bugs/", **{"from": later, "to": "2199-01-01", "interval": "none"})["total"] == 0


@row("AnalyticsGrouping")
def analytics_grouping(shop: Shop) -> None:
    series = shop.get("analytics/bugs/", group_by="severity")["series"]
    assert {each["value"]: each["total"] for each in series} == {"high": 1, "medium": 1}


@row("BugAnalyticsResponse")
def bug_analytics_response(shop: Shop) -> None:
    shop.post("bugs/WEB-1/status/", {"to": "resolved"})
    assert shop.get("analytics/bugs/", compare="previous")["previous"]["total"] == 0
    work = shop.get("analytics/performance/")
    assert work["time_to_resolve"]["count"] == work["throughput"]["resolved"] == 1
    assert shop.get("analytics/errors/")["total"] == 1


@row("PatternFilters")
def pattern_filters(shop: Shop) -> None:
    asked = {"level": "error", "include_resolved": "true"}
    assert shop.get("error-patterns/", min_occurrences=2, **asked)["results"] == []
    shop.crash()
    assert [each["count"] for each in shop.get("error-patterns/", min_occurrences=2, **asked)["results"]] == [2]


@row("ExportFilters")
def export_filters(shop: Shop) -> None:
    assert shop.post("exports/", {**EXPORT, "filters": {"severity": ["high"]}}, 202)["filters"] == {
        "severity": ["high"]
    }
    shop.post("exports/", {**EXPORT, "filters": {"severity": ["worst"]}}, 400)


@row("ExportFormat")
def export_format(shop: Shop) -> None:
    for name in ("json", "csv", "xml"):
        assert shop.post("exports/", {**EXPORT, "format": name}, 202)["format"] == name
