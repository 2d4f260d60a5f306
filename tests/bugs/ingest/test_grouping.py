"""What is the same problem and what is another."""

from datetime import UTC, datetime

import pytest

from bugs.ingest import grouping
from bugs.ingest.reading.normalize import normalize

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def of(**event):
    return grouping.group(normalize(event, received_at=NOW))


def raised(value="bad", *functions, kind="ValueError", in_app=True, lineno=1):
    frames = [{"module": "shop", "function": name, "in_app": in_app, "lineno": lineno} for name in functions]
    return [{"type": kind, "value": value, "stacktrace": {"frames": frames}}]


def test_lines_values_and_library_frames_make_no_difference():
    one = raised("bad 1", "pay", lineno=1)
    other = raised("worse", "pay", lineno=99)
    other[0]["stacktrace"]["frames"].append({"module": "lib", "function": "call"})
    assert of(exception=one).fingerprint == of(exception=other).fingerprint
    assert of(exception=one).reason == "v1:in_app"


@pytest.mark.parametrize(
    "other",
    [raised("bad", "refund"), raised("bad", "pay", kind="KeyError"), raised("bad", "pay", in_app=False)],
)
def test_other_functions_and_types_are_other_groups(other):
    assert of(exception=raised("bad", "pay")).fingerprint != of(exception=other).fingerprint


def test_recursion_counts_once():
    assert of(exception=raised("", "f", "f", "f")).fingerprint == of(exception=raised("", "f")).fingerprint


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"exception": raised("x", "f", in_app=False)}, "v1:frames"),
        ({"exception": raised("x")}, "v1:type_message"),
        ({"message": "x"}, "v1:message"),
        ({}, "v1:message"),
        ({"message": "x", "fingerprint": ["a"]}, "v1:fingerprint"),
        ({"message": "x", "fingerprint": ["{{ default }}"]}, "v1:message"),
        ({"message": "x", "fingerprint": ["{{default}}", "a"]}, "v1:fingerprint"),
    ],
)
def test_the_first_rule_with_something_to_go_by(event, reason):
    found = of(**event)
    assert found.reason == reason
    assert len(found.fingerprint) == 32


def test_a_default_part_keeps_what_the_default_tells_apart():
    def split(message):
        return of(message=message, fingerprint=["{{ default }}", "tenant"]).fingerprint

    assert split("a") != split("b")
    assert split("a 1") == split("a 2")
    assert of(message="a", fingerprint=["x"]).fingerprint == of(message="b", fingerprint=["x"]).fingerprint


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("user 42 of 7", "user <n> of <n>"),
        ("no 9ec79c33-ec99-42ab-8353-589fcb2e04dc", "no <uuid>"),
        ("at 0xdeadBEEF", "at <hex>"),
        ("commit 33235b9f1", "commit <hex>"),
        ("facade defaced", "facade defaced"),
    ],
)
def test_masks(text, masked):
    assert grouping.mask(text) == masked


def test_the_version_one_fingerprint_never_changes():
    assert of(exception=raised("bad", "pay")).fingerprint == "2c58e462c9a3a5441f1f8191f8ebd02e"
    assert of(message="order 5 failed").fingerprint == "8feb0d3fcd46fec6cdf7f825921b10c0"


def test_titles_and_culprits():
    found = of(exception=raised("bad\nand more", "pay"))
    assert (found.title, found.culprit) == ("ValueError: bad", "shop in pay")
    assert len(of(exception=raised("x" * 900)).title) == 300
    assert of().title == "Unnamed error"
    assert of(message="hello\nworld", transaction="/pay").culprit == "/pay"
