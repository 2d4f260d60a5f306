"""What clients may ask for, case by case."""

from typing import Any

import pytest

from streaming import subscriptions
from streaming.streams import Subscription


def subscribe(**fields: Any) -> list[Subscription]:
    return subscriptions.parse({"op": "subscribe", "id": "s1", "type": "new_bugs", **fields})


def test_defaults() -> None:
    (one,) = subscribe()
    assert (one.id, one.stream.name, one.format, one.filters, one.resume) == ("s1", "new_bugs", "json", {}, None)
    assert not one.wants_snapshot


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"id": ""}, "invalid_message"),
        ({"id": "x" * 65}, "invalid_message"),
        ({"id": 7}, "invalid_message"),
        ({"type": "weather"}, "unsupported_type"),
        ({"type": []}, "unsupported_type"),
        ({"format": "xml"}, "invalid_message"),
        ({"format": {}}, "invalid_message"),
        ({"resume": 5}, "invalid_message"),
        ({"extra": 1}, "invalid_message"),
        ({"snapshot": "yes"}, "invalid_message"),
        ({"user_id": "7"}, "invalid_message"),  # of another type
        ({"filters": [1]}, "invalid_filter"),
        ({"filters": {"colour": "red"}}, "invalid_filter"),
        ({"filters": {"severity": "terrible"}}, "invalid_filter"),
        ({"filters": {"q": ["one", "two"]}}, "invalid_filter"),
        ({"filters": {"created_after": {}}}, "invalid_filter"),
        ({"filters": {"severity": [["low"]]}}, "invalid_filter"),
        ({"filters": {"severity": ["low"] * 101}}, "invalid_filter"),
        ({"type": "exports", "filters": {"severity": "low"}}, "invalid_filter"),
        ({"subscriptions": []}, "invalid_message"),
        ({"subscriptions": [{}] * 21}, "invalid_message"),
    ],
)
def test_refusals(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(subscriptions.BadMessage) as refused:
        subscribe(**fields)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "invalid_message"),
        ('{"op":1}', "invalid_message"),
        ('{"op":"x","\\u0000":1}', "invalid_message"),
        ('{"op":"\\ud800"}', "invalid_json"),
        ("[" * 100_000, "too_large"),
        ('{"op":"' + "x" * subscriptions.MAX_MESSAGE_BYTES + '"}', "too_large"),
    ],
)
def test_unreadable(text: str, code: str) -> None:
    with pytest.raises(subscriptions.BadMessage) as refused:
        subscriptions.read(text)
    assert refused.value.code == code


def test_depth_one_over_its_bound() -> None:
    def nested(depth: int) -> str:
        return '{"op":"x","a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"

    assert subscriptions.read(nested(subscriptions.MAX_DEPTH))
    with pytest.raises(subscriptions.BadMessage):
        subscriptions.read(nested(subscriptions.MAX_DEPTH + 1))
