"""What is the same problem and what is another."""

from dataclasses import replace
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
    assert of(exception=one).reason == "v2:in_app"


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
        ({"exception": raised("x", "f", in_app=False)}, "v2:frames"),
        ({"exception": raised("x")}, "v2:type_message"),
        ({"message": "x"}, "v2:message"),
        ({"transaction": "/pay"}, "v2:place"),
        ({}, "v2:place"),
        ({"message": "x", "fingerprint": ["a"]}, "v2:fingerprint"),
        ({"message": "x", "fingerprint": ["{{ default }}"]}, "v2:message"),
        ({"message": "x", "fingerprint": ["{{default}}", "a"]}, "v2:fingerprint"),
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


def test_the_fingerprints_of_version_two_never_change():
    assert of(exception=raised("bad", "pay")).fingerprint == "7e957bb96db9f5d80e91398c760c67f3"
    assert of(exception=raised("bad", "pay", in_app=False)).fingerprint == "45d7ef9c713113df2e9e26c9047f8953"
    assert of(exception=raised("bad 7")).fingerprint == "bdbb3219e125ddd94e4679aaf55757bb"
    assert of(message="order 5 failed").fingerprint == "207f07b4e6a3d92550dec26d3cb54ddc"
    assert of(message="x", fingerprint=["{{ default }}", "a"]).fingerprint == "1a76314f1d7fbd0ddb20211e811444b9"
    assert of(transaction="/orders/7").fingerprint == "18bd30bbfb1431f32774fb0214d41ade"


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        (
            {"exception": raised("x", "outer", "pay")},
            {"exception": ["ValueError"], "frames": ["shop in pay", "shop in outer"]},
        ),
        ({"exception": raised("bad 1")}, {"exception": ["ValueError"], "message": "bad <n>"}),
        ({"message": "user 42 left"}, {"message": "user <n> left"}),
        ({"message": "x", "fingerprint": ["a"]}, {"fingerprint": ["a"]}),
        (
            {"message": "x", "fingerprint": ["{{ default }}", "a"]},
            {"fingerprint": ["{{ default }}", "a"], "default": {"message": "x"}},
        ),
        ({"transaction": "/orders/7"}, {"place": "/orders/<n>"}),
    ],
)
def test_a_group_says_what_made_it(event, parts):
    assert of(**event).parts == parts


def test_the_five_innermost_own_frames_decide():
    deep = [f"step{letter}" for letter in "abcdefgh"]
    assert of(exception=raised("", *deep)).fingerprint == of(exception=raised("", "other", *deep)).fingerprint
    assert of(exception=raised("", *deep)).fingerprint != of(exception=raised("", *deep, "other")).fingerprint


@pytest.mark.parametrize("cycle", [["f"], ["f", "g"], ["f", "g", "h"]])
def test_recursion_of_up_to_three_functions_counts_once(cycle):
    once, often = raised("", "main", *cycle, "end"), raised("", "main", *cycle * 40, "end")
    assert of(exception=once).fingerprint == of(exception=often).fingerprint


def test_frames_of_throwing_alone_do_not_put_crashes_together():
    """Every crash of a program ends in them."""

    def crashed(value):
        return of(
            exception=raised(value, "-[NSException raise]", "objc_exception_throw", kind="NSException", in_app=False)
        )

    assert crashed("index beyond bounds").reason == "v2:frames_message"
    assert crashed("index beyond bounds").fingerprint != crashed("unknown selector").fingerprint


def test_frames_of_throwing_are_passed_over():
    library = raised("", "parse", "objc_exception_throw", in_app=False)
    assert of(exception=library).parts["frames"] == ["shop in parse"]


def test_the_frame_where_every_program_begins_tells_nothing():
    def crashed(*functions):
        frames = [{"module": "app", "function": "main", "in_app": True}]
        frames += [{"module": "lib", "function": name, "in_app": False} for name in functions]
        return of(exception=[{"type": "Crash", "value": "", "stacktrace": {"frames": frames}}])

    assert crashed("draw").reason == "v2:frames"
    assert crashed("draw").fingerprint != crashed("load").fingerprint


def test_frames_without_a_name_need_the_message():
    def failed(value):
        frames = [{"filename": "https://shop.example/app.js", "function": "?", "in_app": True}]
        return of(
            platform="javascript", exception=[{"type": "TypeError", "value": value, "stacktrace": {"frames": frames}}]
        )

    assert failed("a is not a function").reason == "v2:in_app_message"
    assert failed("a is not a function").fingerprint != failed("b is undefined").fingerprint


def test_numbers_in_types_are_part_of_them_and_addresses_are_not():
    def typed(kind):
        return of(exception=raised("x", kind=kind)).fingerprint

    assert typed("Http404") != typed("Http500")
    assert typed("EXC_BAD_ACCESS at 0x10") == typed("EXC_BAD_ACCESS at 0xffe0")


def test_monitoring_agents_make_no_difference():
    watched = raised("", "checkout", "pay")
    watched[0]["stacktrace"]["frames"].insert(
        1, {"module": "sentry_sdk.integrations.wsgi", "function": "wrapped", "in_app": True}
    )
    assert of(exception=watched).fingerprint == of(exception=raised("", "checkout", "pay")).fingerprint


def test_very_long_stacks_and_messages_are_read_in_part():
    deep = grouping.group(
        replace(
            normalize({}, received_at=NOW), frames=raised("", *["f", "g", "h", "i"] * 2_500)[0]["stacktrace"]["frames"]
        )
    )
    assert len(deep.outline) == 50
    found = of(message="x" * 5_000_000)
    assert len(found.parts["message"]) == 300


def test_titles_and_culprits():
    found = of(exception=raised("bad\nand more", "pay"))
    assert (found.title, found.culprit) == ("ValueError: bad", "shop in pay")
    assert len(of(exception=raised("x" * 900)).title) == 300
    assert of().title == "Unnamed error"
    assert of(message="hello\nworld", transaction="/pay").culprit == "/pay"
