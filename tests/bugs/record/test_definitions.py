"""Pure rules of the record: custom fields, targets, patterns of assignment rules, tags."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs import custom, lifecycle, ownership, sla, tags

FIELDS = {
    "text": {"type": "text"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "date"},
    "choice": {"type": "choice", "choices": ["red", "blue"]},
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_definitions_come_back_as_they_are_kept():
    assert custom.check_definitions(FIELDS) == FIELDS


def test_50_fields_are_taken_and_51_are_not():
    many = {f"field_{number}": {"type": "text"} for number in range(50)}
    custom.check_definitions(many)
    with pytest.raises(custom.BadDefinition):
        custom.check_definitions({**many, "more": {"type": "text"}})


@pytest.mark.parametrize("name", ["", "Team", "1team", "_team", "te-am", "té", "team\n", "x" * 41])
def test_names_are_plain(name):
    with pytest.raises(custom.BadDefinition):
        custom.check_definitions({name: {"type": "text"}})


@pytest.mark.parametrize(
    "definition",
    [
        None,
        "text",
        {},
        {"type": "colour"},
        {"type": ["text"]},
        {"type": "text", "choices": ["a"]},
        {"type": "text", "default": "x"},
        {"type": "choice"},
        {"type": "choice", "choices": []},
        {"type": "choice", "choices": "ab"},
        {"type": "choice", "choices": ["a", "a"]},
        {"type": "choice", "choices": [""]},
        {"type": "choice", "choices": [" "]},
        {"type": "choice", "choices": [1]},
        {"type": "choice", "choices": ["x" * 101]},
        {"type": "choice", "choices": [str(number) for number in range(101)]},
    ],
    ids=str,
)
def test_definitions_that_cannot_be(definition):
    with pytest.raises(custom.BadDefinition) as refused:
        custom.check_definitions({"team": definition})
    assert refused.value.pointer.startswith("/team")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", ""),
        ("text", "x" * 1000),
        ("number", 0),
        ("number", -2.5),
        ("number", 10**15),
        ("boolean", False),
        ("date", "2024-02-29"),
        ("choice", "red"),
    ],
)
def test_values_that_fit(name, value):
    assert custom.merged(FIELDS, {}, {name: value}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1),
        ("text", "x" * 1001),
        ("number", "1"),
        ("number", True),
        ("number", 10**15 + 1),
        ("number", float("inf")),
        ("number", float("nan")),
        ("boolean", 1),
        ("boolean", "true"),
        ("date", "2023-02-29"),
        ("date", "20240229"),
        ("date", "2024-02-29T00:00:00Z"),
        ("date", "２０２４-02-29"),
        ("choice", "green"),
        ("choice", ["red"]),
        ("none", "x"),
    ],
    ids=str,
)
def test_values_that_do_not_fit(name, value):
    with pytest.raises(custom.BadValue) as refused:
        custom.merged(FIELDS, {}, {name: value})
    assert refused.value.name == name


def test_values_of_fields_that_are_gone_stay_and_can_be_taken_away():
    assert custom.merged({}, {"old": 1, "older": 2}, {"old": None}) == {"older": 2}


def test_targets_are_due_after_their_hours():
    due = sla.due({"high": {"resolve_hours": 4}}, "high", NOON)

    assert due == sla.Due(triage_at=None, resolve_at=NOON + timedelta(hours=4))
    assert sla.due({}, "high", NOON) == sla.Due(None, None)


def test_the_usual_targets_are_valid():
    assert sla.check(sla.DEFAULTS) == sla.DEFAULTS


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {"worst": {}},
        {"high": 4},
        {"high": {"hours": 4}},
        {"high": {"triage_hours": 0}},
        {"high": {"triage_hours": 1.5}},
        {"high": {"triage_hours": True}},
        {"high": {"resolve_hours": 8761}},
        {"high": {"triage_hours": 5, "resolve_hours": 4}},
    ],
    ids=str,
)
def test_targets_that_cannot_be(raw):
    with pytest.raises(sla.BadTarget):
        sla.check(raw)


@pytest.mark.parametrize(
    ("pattern", "text", "is_like"),
    [
        ("", "anything", True),
        ("*", "", True),
        ("checkout", "Checkout", True),
        ("checkout", "checkout2", False),
        ("shop/*", "shop/cart.py", True),
        ("*/cart.py", "shop/cart.py", True),
        ("*cart*", "shop/cart.py", True),
        ("shop/*/cart.*", "shop/a/b/cart.py", True),
        ("a*a", "a", False),
        ("*.py", "cart.pyc", False),
        ("[ab]", "a", False),
        ("a?b", "axb", False),
    ],
)
def test_patterns(pattern, text, is_like):
    assert ownership.fits(pattern, text) is is_like


@given(st.text("ab*", min_size=1, max_size=8), st.text("ab", max_size=10))
def test_patterns_mean_what_the_regular_expression_means(pattern, text):
    wanted = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
    assert ownership.fits(pattern, text) is wanted


def test_a_pattern_of_many_stars_takes_no_time():
    assert not ownership.fits("*a" * 100 + "b", "a" * 200)


def test_the_first_rule_that_fits_wins():
    rules = [
        SimpleNamespace(component="cart", path="*.js", name="front"),
        SimpleNamespace(component="cart", path="", name="cart"),
        SimpleNamespace(component="", path="", name="all"),
    ]

    def winner(component, path):
        return ownership.first_of(rules, component=component, path=path).name

    assert [winner("cart", "a.js"), winner("cart", "a.py"), winner("mail", "a.js")] == ["front", "cart", "all"]
    assert ownership.first_of(rules[:1], component="mail", path="") is None


def test_50_tags_are_kept_and_51_are_not():
    current = {f"t{number}": "" for number in range(50)}
    assert len(tags.merged(current, {"t0": None, "new": ""})) == 50
    with pytest.raises(tags.TooManyTags):
        tags.merged(current, {"new": ""})


def test_severities_in_their_order():
    order = ["low", "medium", "high", "critical"]
    assert [lifecycle.is_worse(one, "medium") for one in order] == [False, False, True, True]
