"""Filters that cannot be understood: each is refused with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugs import query
from bugs.query import parsing

URL = "/api/v1/bugs/"


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("nonsense:1", "unknown_field", 0),
        ("a severity:hihg", "invalid_value", 11),
        ("error_count:many", "invalid_value", 12),
        ("error_count:-1", "invalid_value", 12),
        ("error_count:99999999999", "invalid_value", 12),
        ("created:2026-02-30", "invalid_value", 8),
        ("created:2026-13", "invalid_value", 8),
        ("created:>-99999999d", "invalid_value", 9),
        ("age:soon", "invalid_value", 4),
        ("status:>new", "invalid_operator", 8),
        ("title:>x", "invalid_operator", 7),
        ("is:opne", "invalid_value", 3),
        ("created:none", "invalid_value", 8),
        ("tag:x", "missing_key", 0),
        ("title.x:y", "unknown_field", 0),
        ('a "b', "unbalanced_quote", 2),
        ("(a OR b", "unbalanced_parenthesis", 7),
        ("a)", "unbalanced_parenthesis", 1),
        ("a OR", "incomplete", 4),
        ("title:", "missing_value", 6),
        ('"!!"', "no_word", 0),
        ("a\x00b", "bad_character", 1),
        ("\ud800", "bad_character", 0),
        ("component:a*b*c*d*e*f*g", "invalid_value", 10),
        ("custom.x:1..2026-01-01", "invalid_value", 12),
        ("changed:nothing", "invalid_value", 8),
    ],
)
def test_what_is_wrong_is_pointed_at(text, code, position):
    with pytest.raises(query.BadQuery) as refused:
        query.check(text)

    assert (refused.value.code, refused.value.position) == (code, position)


def test_the_nearest_field_and_value_are_proposed():
    with pytest.raises(query.BadQuery, match="Did you mean severity"):
        query.check("severty:high")
    with pytest.raises(query.BadQuery, match="Did you mean high"):
        query.check("severity:hihg")


@pytest.mark.parametrize(
    ("fits", "over", "code"),
    [
        ("a" * parsing.MAX_LENGTH, "a" * (parsing.MAX_LENGTH + 1), "too_long"),
        ("a " * parsing.MAX_TERMS, "a " * (parsing.MAX_TERMS + 1), "too_many_terms"),
        ("x:1" + ",1" * 0, "number:(" + ",".join(["1"] * 101) + ")", "too_many_terms"),
        ("(" * parsing.MAX_DEPTH + "a" + ")" * parsing.MAX_DEPTH, "(" * 21 + "a" + ")" * 21, "too_deep"),
        ("-" * 20 + "a", "-" * 21 + "a", "too_deep"),
    ],
)
def test_each_bound_holds_and_one_over_it_is_refused(fits, over, code):
    parsing.parse(fits)
    with pytest.raises(query.BadQuery) as refused:
        parsing.parse(over)

    assert refused.value.code == code


@given(st.text(max_size=60) | st.text(alphabet='ab:"()-., *<>=\\', max_size=40))
def test_any_text_is_understood_or_refused(text):
    try:
        query.explain(text)
    except query.BadQuery as error:
        assert 0 <= error.position <= len(text) and error.detail


@pytest.mark.parametrize(
    "q", ["is:opne", "a" * 10_000, "a " * 500, "nonsense:1", 'x "', "error_count:x", "changed:severity"]
)
def test_a_list_answers_400_with_the_place(api, web, people_of_web, q):
    answer = api("bob").get(URL, {"q": q})

    assert answer.status_code == 400, answer.content
    error = answer.json()["errors"][0]
    assert answer.json()["code"] == "invalid_query" and error["pointer"] == "/q" and error["position"] >= 0


def test_nul_is_refused_in_a_list(api, web, people_of_web):
    assert api("bob").get(f"{URL}?q=a%00b").status_code == 400
