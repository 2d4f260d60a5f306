"""What holds for every stack and every message."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bugs.ingest import grouping
from bugs.ingest.grouping import similarity, templates
from bugs.ingest.reading.normalize import normalize

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
REPORT = normalize({}, received_at=NOW)
texts = st.text(max_size=40)
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | texts
    | st.lists(texts, max_size=2)
    | st.dictionaries(texts, texts, max_size=2)
)
platforms = st.sampled_from(["javascript", "node", "python", "java", "cocoa", "other", ""])
odd_frames = st.lists(
    st.dictionaries(st.sampled_from(["module", "function", "filename", "in_app", "lineno"]), values), max_size=12
)
names = st.sampled_from("abcdefgh")
stacks = st.lists(names, min_size=1, max_size=12)


def grouped(functions, lineno=1, **more):
    frames = [
        {"module": "shop", "function": name, "filename": "shop.py", "lineno": lineno, "in_app": True}
        for name in functions
    ]
    return grouping.group(replace(REPORT, exception_type="ValueError", frames=frames, **more))


@given(odd_frames, platforms, texts, texts, texts, st.lists(texts, max_size=3))
def test_grouping_takes_frames_of_any_shape(frames, platform, kind, value, message, fingerprint):
    report = replace(
        REPORT,
        frames=frames,
        platform=platform,
        exception_type=kind,
        exception_value=value,
        message=message,
        fingerprint=fingerprint,
    )
    sent = normalize(
        {"exception": [{"type": kind, "value": value, "stacktrace": {"frames": frames}}], "platform": platform},
        received_at=NOW,
    )
    for found in (
        grouping.group(replace(report, frames=[{"in_app": False, **f} for f in frames])),
        grouping.group(sent),
    ):
        assert len(found.fingerprint) == 32
        assert len(found.reason) <= 20
        assert len(found.outline) <= 50


@given(stacks, st.integers(1, 10**6))
def test_lines_make_no_difference(functions, lineno):
    assert grouped(functions).fingerprint == grouped(functions, lineno).fingerprint


@given(stacks, st.data())
def test_the_depth_of_recursion_makes_no_difference(functions, data):
    place = data.draw(st.integers(0, len(functions) - 1))
    cycle = functions[place : place + data.draw(st.integers(1, 3))]
    rounds = data.draw(st.integers(2, 60))
    once = functions[:place] + cycle * 2 + functions[place + len(cycle) :]
    often = functions[:place] + cycle * rounds + functions[place + len(cycle) :]
    assert grouped(once).fingerprint == grouped(often).fingerprint
    assert grouped(once).outline == grouped(often).outline


@given(texts, st.integers(0, 10**12), st.integers(0, 10**12))
def test_numbers_in_messages_make_no_difference(text, one, other):
    assert templates.template(f"{text} {one} left") == templates.template(f"{text} {other} left")


@given(st.text(max_size=3000))
def test_templates_are_short(text):
    assert len(templates.template(text)) <= templates.TEMPLATE_MAX


weights = st.dictionaries(st.integers(0, 9), st.floats(0.01, 5), max_size=8)


@given(weights, weights)
def test_similarity_is_a_share_and_has_no_side(ours, theirs):
    found = similarity.similarity(ours, theirs)
    assert 0 <= found <= 1
    assert found == similarity.similarity(theirs, ours)
    assert similarity.similarity(ours, ours) == (1 if ours else 0)
