"""The AsyncAPI document: by the official schema, as the code says, its examples true, its tables whole."""

import ast
import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as some
from jsonschema import Draft7Validator

from bugs.filters import BadFilter
from exports.models import State
from streaming import closing, gaps, refusals, subscriptions
from streaming.protocol import bodies, document, filters, messages, rows
from streaming.streams import STREAMS
from tests.streaming import described

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "docs" / "api" / "asyncapi.yaml"
MESSAGES = described.built()["components"]["messages"]


@cache
def official() -> Draft7Validator:
    return Draft7Validator(json.loads((ROOT / "tests/data/asyncapi/3.0.0.json").read_text()))


def refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        for one in part.values():
            yield from refs(one)
    elif isinstance(part, list):
        for one in part:
            yield from refs(one)


@cache
def calls_in_streaming() -> list[tuple[str, list[Any]]]:
    trees = [ast.parse(path.read_text()) for path in (ROOT / "streaming").rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "") for call in calls]
    texts = [[one.value for one in call.args if isinstance(one, ast.Constant)] for call in calls]
    return list(zip(names, texts, strict=True))


def test_the_official_schema_accepts_it() -> None:
    assert [error.message for error in official().iter_errors(described.built())] == []


def test_the_official_schema_refuses_what_is_wrong() -> None:
    wrong = copy.deepcopy(described.built())
    wrong["operations"]["subscribe"]["action"] = "publish"
    assert not official().is_valid(wrong)


def test_the_kept_document_is_what_the_code_says() -> None:
    call_command("asyncapi", file=KEPT, check=True)


def test_a_document_that_differs_is_told(tmp_path: Path) -> None:
    path = tmp_path / "asyncapi.yaml"
    call_command("asyncapi", file=path)
    path.write_text(path.read_text().replace("new_bugs", "old_bugs"))
    with pytest.raises(CommandError, match="make openapi"):
        call_command("asyncapi", file=path, check=True)


def test_every_reference_leads_somewhere() -> None:
    for reference in set(refs(described.built())):
        assert rows.at(described.built(), {"$ref": reference}) is not None


def test_servers_are_where_clients_find_the_stream() -> None:
    servers = document.build("wss://bugs.example.com/live")["servers"]
    assert [(one["protocol"], one["host"], one["pathname"]) for one in servers.values()] == [
        ("wss", "bugs.example.com", "/live"),
        ("https", "bugs.example.com", "/live"),
    ]


@pytest.mark.parametrize("name", MESSAGES)
def test_examples_are_as_their_schema_says(name: str) -> None:
    assert MESSAGES[name]["examples"]
    for example in MESSAGES[name]["examples"]:
        errors = [error.message for error in described.validator(name).iter_errors(example["payload"])]
        assert errors == []


@pytest.mark.parametrize("name", MESSAGES)
def test_schemas_are_schemas(name: str) -> None:
    Draft7Validator.check_schema(described.validator(name).schema)


def test_subscriptions_of_the_examples_are_understood() -> None:
    for example in MESSAGES["subscribe"]["examples"]:
        assert subscriptions.parse(subscriptions.read(json.dumps(example["payload"])))


def test_the_table_of_refusals_is_what_the_code_raises() -> None:
    raised = {texts[0] for name, texts in calls_in_streaming() if name == "BadMessage" and texts}
    assert {*raised, "unavailable"} == set(refusals.MEANINGS)


def test_the_table_of_gaps_is_what_the_code_says() -> None:
    said = {texts[-1] for name, texts in calls_in_streaming() if name in ("gap", "Missed") and texts}
    assert said == set(gaps.GAPS)


def test_only_some_close_codes_say_when_to_come_back() -> None:
    assert {code for code, one in closing.CLOSINGS.items() if one.retry_ms is None} == {4000, 4001, 4003, 4010}


def test_states_of_exports_are_those_of_exports() -> None:
    assert set(bodies.EXPORT_STATES) == set(State.values)


@pytest.mark.parametrize("name", STREAMS)
def test_every_filter_is_described(name: str) -> None:
    assert set(filters.of(STREAMS[name])["properties"]) == set(STREAMS[name].filter_names)


@pytest.mark.parametrize("name", STREAMS)
def test_every_value_that_a_filter_lists_is_taken(name: str) -> None:
    for field, schema in filters.of(STREAMS[name])["properties"].items():
        for value in schema.get("enum") or schema.get("anyOf", [{}])[0].get("enum", ()):
            assert STREAMS[name].clean({field: value})


@pytest.mark.parametrize("name", STREAMS)
def test_a_filter_that_is_not_described_is_refused(name: str) -> None:
    with pytest.raises(BadFilter):
        STREAMS[name].clean({"colour": "red"})


ids = some.one_of(some.text("ab\u00e9", max_size=66), some.none(), some.integers())
fields = some.fixed_dictionaries(
    {"id": ids, "type": some.sampled_from([*STREAMS, "weather", None])},
    optional={
        "op": some.just("subscribe"),
        "format": some.sampled_from(["json", "compact", "detailed", "xml", 1]),
        "resume": some.one_of(some.text("0123456789abcdef.", max_size=30), some.integers()),
        "snapshot": some.sampled_from([True, False, 1, "true"]),
        "metrics_type": some.sampled_from(["bugs", "errors", "performance", "weather"]),
        "user_id": some.text("ab", max_size=202),
        "filters": some.sampled_from(
            [
                {},
                {"project": "WEB"},
                {"severity": "high"},
                {"status": ["new", "triaged"]},
                {"level": ["fatal"]},
                {"a": 1},
            ]
        ),
        "colour": some.just("red"),
    },
)


def is_understood(message: dict[str, Any]) -> bool:
    try:
        return bool(subscriptions.parse(message))
    except subscriptions.BadMessage:
        return False


@given(fields)
def test_subscriptions_are_understood_if_and_only_if_the_document_has_them(message: dict[str, Any]) -> None:
    asked = {"op": "subscribe", **message}
    assert is_understood(asked) == described.validator("subscribe").is_valid(asked)


@given(some.lists(fields, max_size=2) | some.just([{"id": "a", "type": "exports"}] * 21))
def test_so_are_several_at_once(several: list[dict[str, Any]]) -> None:
    asked = {"op": "subscribe", "subscriptions": several}
    assert is_understood(asked) == described.validator("subscribe").is_valid(asked)


def test_tests_notice_a_field_that_the_document_does_not_name() -> None:
    welcome = MESSAGES["welcome"]["examples"][0]["payload"]
    described.check_heard(welcome)
    with pytest.raises(AssertionError, match="colour"):
        described.check_heard({**welcome, "colour": "red"})


def test_tests_notice_an_event_of_another_stream() -> None:
    event = MESSAGES["eventSessions"]["examples"][0]["payload"]
    described.check_heard(event, {"mine": "sessions"})
    with pytest.raises(AssertionError):
        described.check_heard(event, {"mine": "exports"})


def test_every_message_has_one_direction_and_one_name() -> None:
    names = [one.name for one in (*messages.from_client(), *messages.from_server())]
    assert len(names) == len(set(names)) == len(MESSAGES)
