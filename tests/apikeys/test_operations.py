"""Names of operations, the patterns over them, and the paths that lead to them."""

from typing import Any

import pytest

from apikeys import operations
from audit.models import AccessRecord

API = "/api/v1/"
TRICKS = [
    *("//api/v1/audit/access/", "/api//v1/audit/access/", "/api/v1//audit/access/", "/api/v1/audit/access//"),
    *("/api/v1/bugs/../audit/access/", "/api/v1/bugs/%2e%2e/audit/access/", "/api/v1/./audit/access/"),
    *(
        "/api/v1/bugs/..;/audit/access/",
        "/api/v1/audit/access;/",
        "/api/v1/audit/access/;bugs",
        "/api/v1/audit;x/access/",
    ),
    *("/api/v1/AUDIT/ACCESS/", "/API/V1/audit/access/", "/api/v1/audit%2faccess/", "/api/v1/audit%2Faccess/"),
    *(
        "/api/v1/bugs%2f..%2faudit/access/",
        "/api/v1/audit/access/%00",
        "/api/v1/audit/access/.json",
        "\\api\\v1\\audit",
    ),
    *("/api/v1/audit/access/%20", "/api/v1/audit/access%3f", "/api/v1/audit/access%23", "/api/v1/%61udit/access/x"),
    *(
        "/api/v1/audit/access/?x=/api/v1/bugs/",
        "/api/v1/%61udit/access/",
        "/api/v1/audit/access/",
        "/api/v1/audit/access",
    ),
]
OVERRIDES = ["HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE"]


def test_every_operation_asks_the_policy_for_something() -> None:
    assert {name for name, action in operations.known().items() if action == ""} == set()
    assert operations.known()["bugs_list"] == "bug.read"
    assert operations.known()[operations.STREAM] is None
    assert "attachment_downloads_download" not in operations.known()


@pytest.mark.parametrize("pattern", ["bugs_list", "bugs_*", "*", "*_list", "b*s_l*t", "stream_connect", "webhook-*"])
def test_a_pattern_that_operations_have_is_taken(pattern: str) -> None:
    assert operations.check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    "pattern", ["", "bugs", "bugs_lists", "BUGS_LIST", "bugs_[a-z]*", "bugs_?ist", "/api/v1/*", "é", "a" * 81]
)
def test_a_pattern_that_no_operation_has_is_refused(pattern: str) -> None:
    with pytest.raises(operations.UnknownOperation):
        operations.check_pattern(pattern)


def test_a_mistyped_pattern_is_told_the_nearest_name() -> None:
    with pytest.raises(operations.UnknownOperation, match=r"Did you mean bugs_list\?"):
        operations.check_pattern("bug_list")


@pytest.mark.parametrize(
    ("outer", "inner", "is_covered"),
    [
        ("*", "bugs_*", True),
        ("bugs_*", "bugs_list", True),
        ("bugs_*", "bugs_*", True),
        ("bugs_*", "bugs_r*", True),
        ("bugs_list", "bugs_list", True),
        ("bugs_list", "bugs_*", False),
        ("bugs_r*", "bugs_*", False),
        ("*_list", "bugs_*", False),
        ("*_list", "bugs_*_list", True),
        ("bugs_*", "*", False),
    ],
)
def test_a_pattern_covers_what_lets_through_no_more(outer: str, inner: str, is_covered: bool) -> None:
    assert operations.cover([outer], inner) == is_covered


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/api/v1/bugs/", "bugs_list"),
        ("HEAD", "/api/v1/bugs/", "bugs_list"),
        ("GET", "/api/v1/bugs/?status=new", "bugs_list"),
        ("POST", "/api/v1/bugs/", "bugs_create"),
        ("GET", "/api/v1/bugs/WEB-1/", "bugs_retrieve"),
        ("POST", "/api/v1/bugs/WEB-1/merge/", "merges_merge"),
        ("GET", "/api/v1/api-keys/self/", "api_keys_who"),
    ],
)
def test_a_call_is_named_as_the_url_configuration_decides(method: str, path: str, operation: str) -> None:
    assert operations.at(method, path) == operation


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nothing/"),
        ("DELETE", "/api/v1/bugs/"),
        ("GET", "bugs"),
        ("GET", "/healthz"),
        ("GET", "//evil/"),
    ],
)
def test_a_call_that_leads_nowhere_has_no_name(method: str, path: str) -> None:
    with pytest.raises(operations.UnknownOperation):
        operations.at(method, path)


@pytest.fixture
def bound(api: Any, issue: Any, bug: Any) -> Any:
    """Alice's key for lists of bugs, with every permission."""
    return api(key=issue(permissions=("read", "write", "export", "admin"), endpoints=["bugs_list"])[1])


@pytest.mark.parametrize("path", TRICKS)
def test_no_way_of_writing_a_path_reaches_another_operation(bound: Any, path: str) -> None:
    answer = bound.generic("GET", path)
    assert answer.status_code in (301, 400, 403, 404), answer.content
    assert answer.status_code != 403 or answer.json()["code"] == "endpoint_not_allowed"


@pytest.mark.parametrize("header", OVERRIDES)
@pytest.mark.parametrize("method", ["DELETE", "PATCH", "GET"])
def test_no_header_makes_one_method_into_another(bound: Any, bug: Any, header: str, method: str) -> None:
    answer = bound.post(f"{API}bugs/", {"project": "WEB", "title": "x", "_method": method}, **{header: method})
    assert (answer.status_code, answer.json()["code"]) == (403, "endpoint_not_allowed")
    assert AccessRecord.objects.filter(operation="bugs_create", status=403).exists()


def test_head_is_the_operation_of_get(bound: Any) -> None:
    assert bound.head(f"{API}bugs/").status_code == 200
    assert bound.head(f"{API}bugs/WEB-1/").status_code == 403


def test_the_names_are_those_of_the_openapi_document(db: None) -> None:
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator().get_schema(request=None, public=True)
    shown = {operation["operationId"] for item in document["paths"].values() for operation in item.values()}
    assert set(operations.known()) - {operations.STREAM} <= shown
