"""Rules of a project: what they fit, and what they make of a report."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from audit.identifiers import uuid7
from bugs import grouping_rules
from bugs.ingest import grouping
from bugs.ingest.grouping import rules
from bugs.ingest.reading.normalize import Report, normalize

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
EVENT = {
    "level": "warning",
    "message": "Payment 4711 of Ann refused",
    "exception": [
        {
            "type": "shop.PaymentError",
            "value": "Card refused",
            "stacktrace": {
                "frames": [
                    {"filename": "django/handlers.py", "module": "django.handlers", "function": "get"},
                    {"filename": "shop/pay.py", "module": "shop.pay", "function": "charge", "in_app": True},
                ]
            },
        }
    ],
    "transaction": "/pay/{id}",
    "environment": "production",
    "release": "shop@1.2.3",
    "platform": "python",
    "tags": {"region": "EU-west", "component": "checkout"},
    "request": {"url": "https://shop.example/pay/1"},
}


def report(**event: Any) -> Report:
    return normalize({**EVENT, **event}, received_at=NOW, event_id=uuid4())


def rule(*conditions: tuple[str, str], **more: Any) -> grouping_rules.Rule:
    """One that fits everything unless it has conditions."""
    row = {"id": uuid7(), "name": "one", "fingerprint": [], "component": "", "severity": "", "is_ignored": False}
    match = [{"field": field, "pattern": pattern} for field, pattern in conditions or [("level", "*")]]
    return grouping_rules.rule_of({**row, "match": match, **more})


@pytest.mark.parametrize(
    ("field", "pattern"),
    [
        ("exception", "shop.paymenterror"),
        ("exception", "*.PAYMENT*"),
        ("value", "card ?efused"),
        ("message", "*payment*refused"),
        ("level", "warning"),
        ("path", "shop/*.py"),
        ("path", "django/*"),
        ("module", "shop.*"),
        ("function", "charge"),
        ("transaction", "/pay/*"),
        ("component", "checkout"),
        ("environment", "prod*"),
        ("release", "shop@1.*"),
        ("platform", "python"),
        ("url", "https://*/pay/?"),
        ("tag.region", "eu-*"),
    ],
)
def test_every_field_fits(field: str, pattern: str) -> None:
    assert rules.first_of([rule((field, pattern))], report()) is not None


@pytest.mark.parametrize(
    ("field", "pattern"),
    [
        ("exception", "payment"),
        ("message", "payment*accepted"),
        ("path", "shop"),
        ("tag.shard", "*"),
        ("url", "http:*"),
    ],
)
def test_what_does_not_fit(field: str, pattern: str) -> None:
    assert rules.first_of([rule((field, pattern))], report()) is None


def test_all_conditions_must_fit() -> None:
    assert rules.first_of([rule(("level", "warning"), ("platform", "node"))], report()) is None


def test_the_first_that_fits_wins() -> None:
    first, second = rule(("platform", "python"), name="first"), rule(name="second")
    assert rules.identify([first, second], report())[1] == first
    assert rules.identify([rule(("platform", "node")), second], report())[1] == second


@given(some.text("ab*?\n", max_size=8), some.text("ab\n", max_size=12))
def test_patterns_are_what_a_regular_expression_would_be(pattern: str, text: str) -> None:
    spelled = {"*": ".*", "?": "."}
    expected = re.fullmatch("".join(spelled.get(letter, letter) for letter in pattern), text, re.DOTALL)
    assert grouping_rules.Glob(pattern).fits(text) == (expected is not None)


def test_the_worst_pattern_ends() -> None:
    assert not grouping_rules.Glob("*a" * 100 + "b").fits("a" * 100_000)


def test_without_a_fingerprint_grouping_stays_as_it_is() -> None:
    mild = rule(severity="low")
    assert rules.identify([mild], report()) == (grouping.group(report()), mild)


def test_a_fingerprint_makes_one_group_of_all_that_fit() -> None:
    together = rule(fingerprint=["payments"])
    one, _ = rules.identify([together], report())
    other, _ = rules.identify([together], report(exception=[{"type": "Other", "value": "x"}]))
    assert one.fingerprint == other.fingerprint != grouping.group(report()).fingerprint
    assert one.reason == f"{grouping.VERSION}:rule"
    assert one.parts == {"rule": str(together.id), "fingerprint": ["payments"]}
    assert one.title == grouping.group(report()).title


def test_fields_tell_apart_what_the_rule_puts_together() -> None:
    by_region = rule(fingerprint=["pay", "{{ tag.region }} of {{function}}"])
    one, _ = rules.identify([by_region], report())
    other, _ = rules.identify([by_region], report(tags={"region": "US"}))
    assert one.parts["fingerprint"] == ["pay", "EU-west of charge"]
    assert other.parts["fingerprint"] == ["pay", "US of charge"]
    assert one.fingerprint != other.fingerprint


def test_the_default_stands_for_what_would_be_without_the_rule() -> None:
    by_region = rule(fingerprint=["{{ default }}", "{{ tag.region }}"])
    one, _ = rules.identify([by_region], report())
    other, _ = rules.identify([by_region], report(exception=[{"type": "Other", "value": "x"}]))
    assert one.fingerprint != other.fingerprint
    assert one.parts["default"] == grouping.group(report()).parts


def test_a_rule_comes_before_what_the_sdk_says() -> None:
    own = report(fingerprint=["mine"])
    found, _ = rules.identify([rule(fingerprint=["ours"])], own)
    assert found.fingerprint == rules.identify([rule(fingerprint=["ours"])], report())[0].fingerprint


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], ""),
        ("x", ""),
        ([{"field": "level", "pattern": "x"}] * 11, ""),
        ([{"field": "level"}], "/0"),
        ([{"field": "loudness", "pattern": "x"}], "/0/field"),
        ([{"field": "tag.", "pattern": "x"}], "/0/field"),
        ([{"field": "level", "pattern": ""}], "/0/pattern"),
        ([{"field": "level", "pattern": "x"}, {"field": "level", "pattern": "x" * 201}], "/1/pattern"),
        ([{"field": "level", "pattern": "\x00"}], "/0/pattern"),
    ],
)
def test_conditions_that_cannot_be(value: Any, pointer: str) -> None:
    with pytest.raises(grouping_rules.BadRule) as caught:
        grouping_rules.check_match(value)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ("x", ""),
        (["x"] * 11, ""),
        ([""], "/0"),
        (["x", "y" * 201], "/1"),
        (["{{ loudness }}"], "/0"),
        (["so {{ default }}"], "/0"),
    ],
)
def test_fingerprints_that_cannot_be(value: Any, pointer: str) -> None:
    with pytest.raises(grouping_rules.BadRule) as caught:
        grouping_rules.check_fingerprint(value)
    assert caught.value.pointer == pointer


def test_the_bounds_themselves_are_taken() -> None:
    full = [{"field": "tag." + "n" * 200, "pattern": "x" * 200}] * 10
    assert grouping_rules.check_match(full) == full
    assert grouping_rules.check_fingerprint(["{{ default }}", *["x" * 200] * 9])
