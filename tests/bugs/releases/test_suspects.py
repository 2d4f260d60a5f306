"""Commits that changed the code of a stack: what matches, in which order, and what bugs are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit.actors import SYSTEM
from bugs import suspects
from bugs.commits import Commit
from bugs.models import ErrorReport, Release
from bugs.selectors import suspects as selectors
from bugs.services import releases

API = "/api/v1/"
SINCE = datetime(2026, 6, 1, tzinfo=UTC)


def frame(filename: str = "", *, in_app: bool = True, **more: Any) -> dict[str, Any]:
    return {"filename": filename, "in_app": in_app, "function": "pay", **more}


def commit(name: str, *files: str, age: timedelta = timedelta()) -> dict[str, Any]:
    told = {"message": "", "author": "", "committed_at": SINCE - age}
    return {"commit": name, "files": list(files), **told}


def ranked(frames: list[dict[str, Any]], *commits: dict[str, Any]) -> list[str]:
    return [suspect.commit["commit"] for suspect in suspects.rank(frames, commits, since=SINCE)]


@pytest.mark.parametrize(
    ("frame_of", "file"),
    [
        ({"filename": "shop/pay.py"}, "backend/shop/pay.py"),
        ({"abs_path": "/usr/src/app/shop/pay.py"}, "shop/pay.py"),
        ({"abs_path": "C:\\\\app\\\\Shop\\\\Pay.cs"}, "src/Shop/Pay.cs"),
        ({"filename": "app:///src/cart/Basket.tsx?v=3"}, "web/src/cart/Basket.tsx"),
        ({"filename": "webpack:///./src/cart/basket.js"}, "src/cart/basket.js"),
        ({"abs_path": "http://localhost:3000/src/cart/basket.js"}, "src/cart/basket.js"),
        ({"module": "com.acme.shop.Pay$Inner", "filename": "Pay.java"}, "app/src/main/java/com/acme/shop/Pay.java"),
        ({"module": "shop.pay"}, "shop/pay.py"),
        ({"filename": "app.py"}, "app.py"),
    ],
)
def test_a_frame_and_a_file_that_end_alike_are_the_same(frame_of: dict[str, str], file: str) -> None:
    (suspect,) = suspects.rank([frame(**frame_of)], [commit("a", file, "README.md")], since=SINCE)
    assert suspect.score == 1.0 and [match.file for match in suspect.matches] == [file]


def test_a_base_name_that_one_changed_file_has_is_half_a_match() -> None:
    (suspect,) = suspects.rank([frame("basket.js")], [commit("a", "src/cart/basket.js")], since=SINCE)
    assert suspect.score == suspects.BY_NAME


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("basket.js", ["src/cart/basket.js", "old/cart/basket.js"]),  # which of them?
        ("index.js", ["src/cart/index.js"]),  # everybody has one
        ("pkg/__init__.py", ["other/__init__.py"]),
        ("shop/pay.py", ["shop/pay.pyi", "shop/repay.py", "pay/shop.py"]),
        ("shop/pay.py", []),
        ("", ["shop/pay.py"]),
        ("<string>", ["shop/pay.py"]),
    ],
)
def test_what_is_not_sure_enough_is_no_match(name: str, files: list[str]) -> None:
    assert ranked([frame(name)], commit("a", *files)) == []


def test_the_nearer_a_commit_is_to_the_crash_the_more_suspect() -> None:
    frames = [frame("shop/main.py"), frame("lib/far.py", in_app=False), frame("shop/cart.py"), frame("shop/pay.py")]
    commits = [commit("far", "shop/main.py"), commit("near", "shop/pay.py"), commit("between", "shop/cart.py")]
    assert ranked(frames, *commits, commit("none", "docs/pay.md"), commit("theirs", "lib/far.py")) == [
        "near",
        "between",
        "far",
    ]


def test_depth_is_of_the_programs_own_frames() -> None:
    frames = [frame("shop/pay.py"), frame("django/db.py", in_app=False), frame("psycopg/cursor.py", in_app=False)]
    (suspect,) = suspects.rank(frames, [commit("a", "shop/pay.py")], since=SINCE)
    assert [match.depth for match in suspect.matches] == [0]


def test_where_no_frame_is_marked_as_own_all_count() -> None:
    assert ranked([frame("shop/pay.py", in_app=False)], commit("a", "shop/pay.py")) == ["a"]


def test_older_commits_are_less_suspect() -> None:
    commits = [commit("old", "shop/pay.py", age=suspects.HALF_LIFE), commit("new", "shop/pay.py")]
    found = suspects.rank([frame("shop/pay.py")], commits, since=SINCE)
    assert [(one.commit["commit"], one.score) for one in found] == [("new", 1.0), ("old", 0.5)]


def test_of_two_as_near_the_one_that_changed_more_of_the_stack_comes_first() -> None:
    frames = [frame("shop/cart.py"), frame("shop/pay.py")]
    assert ranked(frames, commit("one", "shop/pay.py"), commit("two", "shop/pay.py", "shop/cart.py")) == ["two", "one"]


PATHS = st.text(alphabet="ab/\\.:?~$", max_size=12)


@given(st.lists(st.tuples(PATHS, PATHS, PATHS, st.booleans()), max_size=5), st.lists(PATHS, max_size=5))
def test_no_path_raises_and_every_score_is_a_share(frames: list[Any], files: list[str]) -> None:
    stack = [{"filename": f, "abs_path": a, "module": m, "in_app": own} for f, a, m, own in frames]
    for suspect in suspects.rank(stack, [commit("a", *files)], since=SINCE):
        assert 0 < suspect.score <= 1 and suspect.matches


@pytest.fixture
def pay() -> dict[str, Any]:
    return frame("shop/pay.py", abs_path="/app/shop/pay.py", lineno=7)


def push(web: Any, *commits: Commit) -> None:
    releases.push(web.pk, commits=commits, by=SYSTEM)


def read(api: Any, who: str = "carol") -> dict[str, Any]:
    answer = api(who).get(f"{API}bugs/WEB-1/suspect-commits/")
    assert answer.status_code == 200, answer.content
    document: dict[str, Any] = answer.json()
    return document


def test_a_bug_is_told_the_commits_of_the_release_that_showed_it_first(
    api: Any, web: Any, crash: Any, pay: dict[str, Any]
) -> None:
    now = timezone.now()
    changed = Commit("a1", "Round prices", "ann", ("src/shop/pay.py",), now)
    more = [Commit("b2", "Docs", "ben", ("README.md",), now)]
    releases.publish(project_id=web.pk, version="1.0", commits=[changed, *more], by=SYSTEM)
    releases.publish(project_id=web.pk, version="1.1", commits=[Commit("c3", files=("shop/pay.py",))], by=SYSTEM)
    crash(pay, release="1.0")
    crash(pay, release="1.1")
    told = read(api)
    assert (told["release"], told["basis"], told["basis_release"]) == ("1.0", "release", "1.0")
    assert (told["reports"], told["commits"]) == (2, 2)
    (suspect,) = told["results"]
    assert (suspect["commit"], suspect["author"], suspect["message"]) == ("a1", "ann", "Round prices")
    assert suspect["matches"] == [
        {
            "file": "src/shop/pay.py",
            "filename": "shop/pay.py",
            "function": "pay",
            "line": 7,
            "depth": 0,
            "is_by_name": False,
        }
    ]


def test_without_commits_of_the_release_what_was_pushed_before_is_looked_at(
    api: Any, web: Any, crash: Any, pay: dict[str, Any]
) -> None:
    push(web, Commit("a1", files=("shop/pay.py",)))
    crash(pay)
    push(web, Commit("b2", files=("shop/pay.py",)))  # after the error was seen
    told = read(api)
    assert (told["release"], told["basis"], told["commits"]) == (None, "unreleased", 1)
    assert [suspect["commit"] for suspect in told["results"]] == ["a1"]


def test_without_those_the_release_before_is_looked_at(api: Any, web: Any, crash: Any, pay: dict[str, Any]) -> None:
    releases.publish(project_id=web.pk, version="1.0", commits=[Commit("a1", files=("shop/pay.py",))], by=SYSTEM)
    Release.objects.update(created_at=timezone.now() - timedelta(days=1))
    crash(pay, release="1.1")
    told = read(api)
    assert (told["release"], told["basis"], told["basis_release"]) == ("1.1", "previous_release", "1.0")
    assert [suspect["commit"] for suspect in told["results"]] == ["a1"]


def test_where_nothing_is_known_nobody_is_suspected(api: Any, bug: Any) -> None:
    told = read(api)
    assert (told["basis"], told["reports"], told["results"]) == ("none", 0, [])


def test_reports_that_are_gone_leave_nothing_to_match(api: Any, web: Any, crash: Any, pay: dict[str, Any]) -> None:
    push(web, Commit("a1", files=("shop/pay.py",)))
    crash(pay)
    ErrorReport.objects.all().delete()
    assert read(api)["results"] == []


def test_results_are_bounded(api: Any, web: Any, crash: Any, pay: dict[str, Any]) -> None:
    push(web, *(Commit(f"{number:04}", files=("shop/pay.py",)) for number in range(selectors.RESULTS_MAX + 5)))
    crash(pay, release="1.0")
    assert len(read(api)["results"]) == selectors.RESULTS_MAX
