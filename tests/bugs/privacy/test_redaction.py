"""Texts and labels, names that a record knows, and the rules of a project."""

from typing import Any

import pytest

from bugs.privacy import redaction, texts
from bugs.privacy.redaction import BadRules, Rules


def test_a_label_keeps_versions_and_numbers() -> None:
    assert redaction.label("app@1.8.0.1+4155556035") == "app@1.8.0.1+4155556035"


def test_a_label_loses_secrets_and_mail_addresses() -> None:
    assert redaction.label("jane@example.com") == "[redacted:email]"
    assert redaction.label("AKIA" + "ISCFRK09S5EALIPU") == "[redacted:key]"


def test_names_that_the_record_knows_are_taken_out() -> None:
    known = ["Jane Doe", "jdoe83"]
    text = "JANE DOE sees it, log of jdoe83: jane.doe failed"
    assert redaction.text(text, known=known) == (
        "[redacted:name] sees it, log of [redacted:name]: [redacted:name] failed"
    )


def test_a_known_name_is_a_whole_word() -> None:
    assert redaction.text("annabel and Ann-Marie and ann", known=["ann"]) == (
        "annabel and [redacted:name]-Marie and [redacted:name]"
    )


def test_names_of_other_scripts_are_known_too() -> None:
    assert redaction.text("von Åsa Öberg, und Åsas Auto", known=["Åsa", "Öberg"]) == (
        "von [redacted:name] [redacted:name], und Åsas Auto"
    )


@pytest.mark.parametrize("name", ["", "ab", "admin", "root", "  ", "12345", "-._"])
def test_names_that_say_nothing_are_not_looked_for(name: str) -> None:
    text = f"ab {name} admin 12345"
    assert redaction.text(text, known=[name]) == text


def test_a_detector_can_be_switched_off() -> None:
    rules = Rules.of({"off": ["ip"]})
    assert redaction.text("client 121.183.200.45, jane@example.com", rules) == "client 121.183.200.45, [redacted:email]"


@pytest.mark.parametrize(
    ("allowed", "stays"),
    [
        ("help@example.com", True),
        ("HELP@example.com", True),
        ("*@example.com", True),
        ("help@*", True),
        ("example.com", False),
        ("*@other.example", False),
    ],
)
def test_allowed_texts_stay(allowed: str, stays: bool) -> None:
    text = "write to help@example.com"
    assert (redaction.text(text, Rules.of({"allow": [allowed]})) == text) is stays


def test_a_pattern_of_the_project_finds_the_same_in_a_text_whatever_comes_with_it() -> None:
    rules = Rules.of({"patterns": [{"name": "badge", "pattern": "EMP.*END"}, {"name": "last", "pattern": "Z.*Z|Q"}]})
    texts_of = ["EMP 1", "its END", "Q Z", "Z"]
    assert texts.cleaned(texts_of, rules) == [redaction.text(one, rules) for one in texts_of]


def test_a_pattern_of_the_project_is_taken_out_first() -> None:
    rules = Rules.of({"patterns": [{"name": "badge", "pattern": r"EMP-\d+"}]})
    assert (
        redaction.text("EMP-0042 wrote to EMP-7@example.com", rules)
        == "[redacted:badge] wrote to [redacted:badge]@example.com"
    )


@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        ({"patterns": [{"name": "x", "pattern": "(?=a)"}]}, "patterns", "x: "),
        ({"patterns": [{"name": "x", "pattern": "a*"}]}, "patterns", "empty"),
        ({"patterns": [{"name": "X!", "pattern": "a"}]}, "patterns", "X!: "),
        ({"patterns": [{"name": "x", "pattern": "a" * 201}]}, "patterns", "200"),
        ({"patterns": [{"name": "x", "pattern": "((a{100}){100}){100}"}]}, "patterns", "x: "),
        ({"patterns": [{"name": "x", "pattern": "a"}] * 2}, "patterns", "once"),
        ({"patterns": [{"name": str(n), "pattern": "a"} for n in range(21)]}, "patterns", "20"),
        ({"patterns": [{"name": "x"}]}, "patterns", "name and a pattern"),
        ({"off": ["nothing"]}, "off", "nothing: "),
        ({"off": "ip"}, "off", "list"),
        ({"allow": ["*"]}, "allow", "only"),
        ({"allow": ["a"] * 201}, "allow", "200"),
        ({"other": 1}, "other", "other"),
    ],
)
def test_rules_that_cannot_be_followed_are_refused(given: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(BadRules, match=why) as refused:
        Rules.of(given)
    assert refused.value.field == field


def test_rules_are_kept_by_what_they_say() -> None:
    given = {"off": ["ip", "mac"], "allow": ["*@example.com"]}
    assert Rules.of(given) == Rules.of(given) and hash(Rules.of(given)) == hash(Rules.of(given))
    assert Rules.of({}) == redaction.DEFAULT
