"""Reports are redacted field by field: names of users, labels, keys; and what came can be put back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs.ingest.grouping import rules, templates
from bugs.ingest.reading import redaction
from bugs.ingest.reading.normalize import Report, normalize
from bugs.ingest.wire import shapes
from bugs.privacy import names, texts
from bugs.privacy import redaction as privacy
from bugs.privacy.rewriting import Rewriter, gather
from bugs.privacy.rules import DEFAULT, Rules

NOW, ID = datetime(2026, 5, 1, 12, tzinfo=UTC), UUID(int=7)
EMAIL = "zora.quint@mailbox.example"


def read(**event: Any) -> Report:
    return normalize(event, received_at=NOW, event_id=ID)


def redacted(rules_: Rules = DEFAULT, **event: Any) -> Report:
    report = read(**event)
    (report.originals,) = redaction.redact([report], rules_)
    return report


def crash(home: str, name: str, **more: Any) -> dict[str, Any]:
    frame = {"filename": f"{home}/shop/cart.js", "abs_path": f"{home}/shop/cart.js", "function": "", "in_app": True}
    value = f"cannot read {home}/basket.json of {name}"
    raised = {"type": "ReadError", "value": value, "stacktrace": {"frames": [frame]}}
    return {"exception": [raised], "user": {"username": name}, **more}


@pytest.mark.parametrize("homes", [("/home/ann-lee", "/home/bob-ray"), ("C:\\Users\\ann-lee", "C:\\Users\\bob-ray")])
def test_the_same_crash_of_two_users_is_one_group_with_one_title(homes: tuple[str, str]) -> None:
    found = [
        rules.identify((), redacted(**crash(home, name)))[0]
        for home, name in zip(homes, ("ann-lee", "bob-ray"), strict=True)
    ]
    assert found[0] == found[1]
    assert found[0].title.startswith("ReadError: cannot read ") and found[0].title.endswith("of [redacted:name]")


@pytest.mark.parametrize(
    "text",
    [
        f"no account for {EMAIL}",
        "cannot open /home/zquint/app/basket.json",
        "connect to 203.0.113.5:8080 failed",
        "GET https://zora:hunter22@db.example.org/x?token=abcdef123456 is 404",
    ],
)
def test_messages_are_grouped_as_before_they_were_redacted(text: str) -> None:
    clean = privacy.text(text)
    assert clean != text and templates.template(clean) == templates.template(text)


def test_the_name_of_the_user_goes_out_of_what_was_said_and_stays_in_code() -> None:
    frame = {"function": "load_ann83", "filename": "a.py", "context_line": "x = ann83", "vars": {"who": "'ann83'"}}
    report = redacted(
        message="ann83 and joann83",
        user={"username": "ann83"},
        stacktrace={"frames": [frame]},
        extra={"list": ["Ann83"]},
    )
    assert report.message == "[redacted:name] and joann83"
    assert report.extra == {"list": ["[redacted:name]"]}
    assert report.frames[0] == frame | {"in_app": False, "vars": {"who": "'[redacted:name]'"}}


def test_a_name_without_a_letter_is_no_name() -> None:
    report = redacted(message="1 - 2 ... 3", user={"username": " ... ", "name": "-"}, extra={"a": "...", "b": ["-"]})
    assert (report.message, report.extra) == ("1 - 2 ... 3", {"a": "...", "b": ["-"]})


@pytest.mark.parametrize("frame", [{"module": "shop.basket"}, {"filename": "/srv/shop/basket.py"}])
def test_a_name_that_the_code_has_too_is_a_word(frame: dict[str, Any]) -> None:
    report = redacted(message="the basket is empty", user={"username": "basket"}, stacktrace={"frames": [frame]})
    assert report.message == "the basket is empty"
    assert report.user == {"username": "[redacted:name]"}


@pytest.mark.parametrize("user", [{"id": "zquint-9", "username": "zquint-9"}, {"id": EMAIL}, {"id": "203.0.113.9"}])
def test_an_id_that_says_who_it_is_goes_as_well(user: dict[str, str]) -> None:
    assert redacted(user=user).user["id"].startswith("[redacted:")


def test_an_id_that_is_only_a_number_stays() -> None:
    assert redacted(user={"id": 4711, "email": EMAIL}).user == {"id": "4711", "email": "[redacted:email]"}


def test_versions_are_no_addresses() -> None:
    modules = {"torch": "2.9.1.1"}
    contexts = {"os": {"version": "203.0.113.4"}, "vpn": {"peer": "203.0.113.5"}}
    report = redacted(release="1.8.0.1", modules=modules, contexts=contexts)
    assert (report.release, report.modules) == ("1.8.0.1", modules)
    assert report.contexts == {"os": {"version": "203.0.113.4"}, "vpn": {"peer": "[redacted:ip]"}}


def test_secrets_are_known_by_the_names_of_their_fields() -> None:
    request = {
        "url": "/pay",
        "query_string": {"token": "abc"},
        "headers": {"X-Api-Key": "abc", "Accept": "text/html", "X-Forwarded-For": "unknown"},
        "data": {"user": {"password": "abc", "cards": ["abc"]}},
    }
    assert redacted(request=request).request == {
        "url": "/pay",
        "query_string": "token=[redacted:secret]",
        "headers": {"X-Api-Key": "[redacted:secret]", "Accept": "text/html", "X-Forwarded-For": "[redacted:ip]"},
        "data": {"user": {"password": "[redacted:password]", "cards": ["abc"]}},
    }


def test_placeholders_fit_into_columns() -> None:
    report = redacted(transaction=f"/{'x' * 70}/ {EMAIL}", release="r" * 172 + f" {EMAIL}")
    assert report.component.endswith(" ") or report.component.endswith("[redacted:email]")
    assert len(report.component) <= 100 and len(report.release) <= 200
    assert "[redacted:em" not in report.release.replace("[redacted:email]", "")


@pytest.mark.parametrize("tail", [EMAIL, "4012 8888 8888 1881", "+49 171 5550188", "password=wobbegong"])
def test_what_is_cut_leaves_no_half_of_a_secret(tail: str) -> None:
    for cut in range(1, len(tail)):
        kept = redacted(message="x" * (shapes.TEXT_MAX - cut - 1) + " " + tail).message
        assert kept.strip("x ") in ("", "password=", tail[:0]), kept[-40:]


def test_a_long_word_is_cut_where_it_must_be() -> None:
    assert shapes.cut("x" * 50, 20) == "x" * 20
    assert shapes.cut("short", 20) == "short"


_NAMES = st.sampled_from(["note", "password", "who", EMAIL, "token", "ip"])
_LEAVES = st.sampled_from(["plain", EMAIL, f"to {EMAIL}", "203.0.113.9", 4711, 4012888888881881, True, None, 1.5, ""])
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12
)


@given(value=st.dictionaries(_NAMES, _VALUES, max_size=5))
def test_what_came_can_be_put_back(value: dict[str, Any]) -> None:
    report = redacted(extra=value, breadcrumbs=[value, value], contexts={"other": value})
    before = read(extra=value, breadcrumbs=[value, value], contexts={"other": value})
    whole = privacy.restored(orjson.loads(orjson.dumps(report.as_payload())), report.originals)
    for name in ("extra", "breadcrumbs", "contexts", "user_actions"):
        assert whole[name] == getattr(before, name)
    assert EMAIL not in orjson.dumps(report.as_payload()).decode()


@given(value=_VALUES)
def test_many_at_once_are_what_one_alone_is(value: Any) -> None:
    texts: list[str] = []
    keys: set[str] = set()
    gather(value, texts, keys)
    changes = {text: clean for text in {*texts, *keys} if (clean := privacy.text(text)) != text}
    named = {key: kind for key in keys if (kind := names.kind(key))}
    originals: dict[str, str] = {}
    assert Rewriter(changes, named, originals, DEFAULT).value(value, None) == privacy.document(value)[0]
    assert originals == privacy.document(value)[1]


def test_what_was_clean_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    look = texts.Cleaner.changes

    def watched(self: texts.Cleaner, some: Sequence[str]) -> dict[str, str]:
        looked.extend(some)
        return look(self, some)

    monkeypatch.setattr(texts.Cleaner, "changes", watched)
    event: dict[str, Any] = {"message": "the basket of this test is empty", "release": "shop-of-this-test 1.0.0"}
    redacted(**event)
    assert {*event.values()} <= {*looked}
    looked.clear()
    redacted(**event)
    assert not {*event.values()} & {*looked}
