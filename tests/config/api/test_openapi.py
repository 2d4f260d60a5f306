"""The OpenAPI document is valid, says what problems there are, and is the one in the repository."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from openapi_spec_validator import OpenAPIV31SpecValidator

KEPT = Path(__file__).resolve().parents[3] / "docs" / "api" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    file = tmp_path_factory.mktemp("openapi") / "openapi.yaml"
    call_command("spectacular", file=str(file))
    return file.read_text()


@pytest.fixture(scope="module")
def document(text):
    return yaml.safe_load(text)


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def test_it_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.1"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_repository_holds_what_the_code_says(text):
    assert KEPT.read_text() == text, "make openapi"


def test_every_operation_names_its_problems_tag_id_and_summary(document):
    for name, operation in operations(document):
        if name == "get /api/v1/schema/":
            continue
        assert {"400", "401", "403", "404", "429", "503"} <= set(operation["responses"]), name
        if not name.startswith("get"):
            assert {"409", "412", "422"} <= set(operation["responses"]), name
        assert len(operation["tags"]) == 1 and operation["operationId"], name


def test_problems_are_shared_components(document):
    shared = document["components"]["responses"]
    assert len(shared) == 9
    for response in shared.values():
        schema = response["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}
    assert {"key", "key_header"} <= set(document["components"]["securitySchemes"])


def test_operation_ids_are_unique(document):
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_writes_say_their_conventions(document):
    def parameters(path, method):
        return {parameter["name"] for parameter in document["paths"][path][method]["parameters"]}

    assert {"Idempotency-Key", "dry_run"} <= parameters("/api/v1/bugs/", "post")
    assert {"If-Match", "dry_run"} <= parameters("/api/v1/bugs/{id}/", "patch")
    assert {"If-Match", "Idempotency-Key"} <= parameters("/api/v1/bugs/{id}/status/", "post")
    assert {"fields", "expand", "If-None-Match"} <= parameters("/api/v1/bugs/{id}/", "get")
    assert {"fields", "expand", "count", "limit", "cursor", "ordering", "status"} <= parameters("/api/v1/bugs/", "get")
    assert "dry_run" not in parameters("/api/v1/api-keys/", "post")


def test_nothing_is_nullable_in_the_old_way(document):
    def walk(value):
        if isinstance(value, dict):
            assert "nullable" not in value
            value = list(value.values())
        for inner in value if isinstance(value, list) else ():
            walk(inner)

    walk(document["components"])
    walk(document["paths"])


def test_the_main_operations_have_examples(document):
    for name in ("get /api/v1/bugs/", "post /api/v1/bugs/", "get /api/v1/bugs/{id}/", "post /api/v1/bugs/{id}/status/"):
        assert "examples" in str(dict(operations(document))[name]), name


def test_the_page_loads_nothing_from_elsewhere(client, db):
    page = client.get("/api/docs/").content.decode()
    assert "http://" not in page and "https://" not in page and "<style" not in page
    assert client.get("/api/v1/schema/").status_code == 200
