"""The figures of grouping: how they are counted, and the floor that they must not fall below."""

import gzip
import json
import random

import pytest

from bench.quality import __main__ as quality
from bench.quality import messages, nuisances, traces
from bench.quality.measures import compare
from bench.quality.ways import NAIVE, attached, fingerprints

JAVA_LIBRARIES = ("java.util.concurrent.FutureTask", "android.os.Handler", "org.apache.http.Client", "java.lang.Thread")
APPLE_LIBRARIES = ("CoreFoundation", "UIKit", "Foundation", "libdispatch.dylib")
WORDS = ("pay", "load", "draw", "sync", "open", "parse", "save", "send", "find", "merge", "split", "close")


def own_frame(kind, chance):
    name = f"{chance.choice(WORDS)}{chance.choice(WORDS).title()}"
    line = str(chance.randrange(1, 500))
    if kind == "java":
        return {
            "module": f"com.shop.{name.title()}${chance.randrange(1, 5)}",
            "function": name,
            "file": "A.java",
            "line": line,
        }
    if kind == "ios":
        return {
            "module": "Shop",
            "function": f"-[{name.title()} {name}:] + {chance.randrange(900)}",
            "file": None,
            "line": None,
        }
    return {
        "module": None,
        "function": f"Object.{name}",
        "file": f"https://shop.example/{chance.choice(WORDS)}.js",
        "line": line,
    }


def library_frame(kind, chance):
    name = chance.choice(WORDS)
    modules = JAVA_LIBRARIES if kind == "java" else APPLE_LIBRARIES
    if kind == "js":
        return {"module": None, "function": name, "file": f"/srv/node_modules/{name}/index.js", "line": "7"}
    return {"module": chance.choice(modules), "function": name, "file": None, "line": None}


def trace(number, chance):
    kind = ("java", "ios", "js")[number % 3]
    frames = [own_frame(kind, chance) for _ in range(chance.randint(3, 8))]
    for _ in range(chance.randint(3, 12)):
        frames.insert(chance.randint(1, len(frames)), library_frame(kind, chance))
    return {
        "kind": kind,
        "frames": frames,
        "exceptions": [{"type": chance.choice(WORDS), "value": ""}],
        "group": number,
    }


@pytest.fixture(scope="module")
def drifted():
    chance = random.Random(7)
    return nuisances.release_drift([trace(number, chance) for number in range(150)], seed=7)


@pytest.mark.parametrize("way", [fingerprints, attached])
def test_a_new_release_does_not_tear_groups_apart(drifted, way):
    found = compare([row["group"] for row in drifted], way(list(traces.reports(drifted))))
    assert found.pair_precision >= 0.99
    assert found.pair_recall == 1.0


def test_similar_stacks_find_groups_that_a_wrapper_tore_apart(drifted):
    chance = random.Random(8)
    for row in drifted:
        frame = chance.choice(row["frames"][:4])
        row = row["frames"].insert(row["frames"].index(frame), frame | {"function": "wrapped"})
    reports, truth = list(traces.reports(drifted)), [row["group"] for row in drifted]
    apart, found = compare(truth, fingerprints(reports)), compare(truth, attached(reports))
    assert apart.pair_recall < 0.6
    assert found.pair_recall > apart.pair_recall + 0.3
    assert found.pair_precision >= 0.99


def test_functions_that_fail_below_one_caller_stay_two_problems():
    chance = random.Random(9)
    both = nuisances.siblings([trace(number, chance) for number in range(60)], seed=9)
    truth = [row["group"] for row in both]
    assert len(set(truth)) == 120
    found = compare(truth, attached(list(traces.reports(both))))
    assert found.pair_precision >= 0.99
    assert found.pair_recall == 1.0


def test_pairs_and_cubes():
    found = compare("aaabb", "xxyyy")
    assert (found.pair_precision, found.pair_recall) == (2 / 4, 2 / 4)
    assert round(found.cubed_precision, 3) == round((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5, 3)
    assert round(found.cubed_recall, 3) == round((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, 3)
    assert found.exact == 0
    assert compare("aab", "xxy").cubed_f1 == compare("aab", "xxy").exact == 1


def test_frames_are_own_as_sdks_say_it():
    def own(kind, **frame):
        event = traces.event({"kind": kind, "frames": [frame], "exceptions": []})
        return event["exception"]["values"][-1]["stacktrace"]["frames"][0]["in_app"]

    assert own("java", module="com.shop.Cart")
    assert not own("java", module="java.util.List")
    assert not own("ios", module="UIKit")
    assert own("ios", module="Shop")
    assert not own("js", file="/srv/node_modules/a/index.js")
    assert own("java", module="java.util.List", in_app=True)


def test_the_innermost_frame_of_a_row_is_the_last_of_an_event():
    row = {
        "kind": "java",
        "frames": [{"function": "inner"}, {"function": "outer"}],
        "exceptions": [{"type": "Outer"}, {"type": "Cause"}],
    }
    (report,) = traces.reports([row])
    assert [frame["function"] for frame in report.frames] == ["outer", "inner"]
    assert report.exception_type == "Outer"


def test_templates_of_known_messages():
    known = messages.labelled(seed=1)
    found = compare([template for template, _ in known], [messages.templates.template(text) for _, text in known])
    assert found.exact >= 0.9
    assert found.pair_precision >= 0.95


def test_without_traces_it_says_what_is_missing(capsys, tmp_path):
    for given in ([], [""], [str(tmp_path)], [str(tmp_path / "missing")]):
        assert quality.main(given) == 2
    assert "make quality DATA=folder" in capsys.readouterr().out


def test_it_prints_every_way_and_whether_promises_are_met(capsys, tmp_path, drifted):
    with gzip.open(tmp_path / traces.FILE, "wt") as out:
        out.writelines(json.dumps(row) + "\n" for row in drifted[:60])
    (tmp_path / "some.log_structured.csv").write_text("Content,EventId\nuser 1 left,E1\nuser 2 left,E1\n")
    assert quality.main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in NAIVE)
    assert "Promised" in said
    assert "some.log_structured" in said
