"""Ranked search: what is found, in which order, and by whom."""

import pytest

from audit.actors import SYSTEM
from bugs import people, services
from bugs.search import candidates, text
from bugs.services import comments

URL = "/api/v1/bugs/search/"


@pytest.fixture
def report(web):
    def make(title, project=web, **fields):
        return services.report(project_id=project.pk, by=SYSTEM, title=title, **fields)

    return make


@pytest.fixture
def search(api):
    client = api("carol")

    def ask(text="", **more):
        return client.get(URL, {"text": text, **more}).json()

    return ask


def titles(body):
    return [hit["bug"]["title"] for hit in body["results"]]


def test_a_title_outranks_a_description(report, search):
    report("Payment hangs")
    report("Something else", description="The payment hangs at the end")
    report("Nothing of it")
    assert titles(search("payment")) == ["Payment hangs", "Something else"]


def test_a_description_outranks_a_comment(report, search):
    report("One", description="payment")
    comments.add(report("Two").pk, body="payment", by=SYSTEM)
    assert titles(search("payment")) == ["One", "Two"]


def test_words_match_in_all_their_forms(report, search):
    report("Uploading fails")
    assert titles(search("uploads failing")) == ["Uploading fails"]


def test_a_phrase_wants_its_words_in_a_row(report, search):
    report("The cart button is gone")
    report("A button in the cart")
    assert titles(search('"cart button"')) == ["The cart button is gone"]


def test_an_excluded_word_keeps_bugs_out(report, search):
    report("Login loop on Safari")
    report("Login loop on Chrome")
    assert titles(search("login -safari")) == ["Login loop on Chrome"]


def test_a_beginning_finds_its_words(report, search):
    report("Checkout fails")
    assert titles(search("chec*")) == ["Checkout fails"]


def test_a_beginning_longer_than_the_stem_finds_its_word(report, search):
    report("Subscriptions vanish")
    assert titles(search("subscriptions*")) == ["Subscriptions vanish"]


def test_a_beginning_longer_than_the_stem_finds_every_word_that_begins_so(report, search):
    report("Subscriptions vanish")
    assert titles(search("subscriptio*")) == ["Subscriptions vanish"]


def test_the_filter_language_narrows_a_search(report, search):
    report("Payment hangs", severity="low")
    report("Payment lost", severity="critical")
    assert titles(search("payment", q="severity:critical")) == ["Payment lost"]


def test_names_with_signs_are_cut_as_in_the_bug(report, search):
    report("TypeError in cart.service.js at user-id")
    assert titles(search("cart.service.js user-id")) == ["TypeError in cart.service.js at user-id"]


def test_internal_comments_are_never_found(report, search, api):
    comments.add(report("One").pk, body="mockingbird", by=SYSTEM, is_internal=True)
    assert titles(search("mockingbird")) == []
    assert titles(api("bob").get(URL, {"text": "mockingbird"}).json()) == []


def test_bugs_of_other_projects_are_not_found_nor_counted(report, api, people_of_web):
    other = people.make_project(key="SHOP", name="Other", by=SYSTEM)
    report("Zebracorn here", project=other, component="hidden")
    body = api("carol").get(URL, {"text": "zebracorn"}).json()
    assert (body["results"], body["count"], body["facets"]["component"]) == ([], 0, [])


def test_who_has_no_project_is_refused(report, api):
    report("Zebracorn here")
    assert api("mallory").get(URL, {"text": "zebracorn"}).status_code == 403


def test_deleted_bugs_are_not_found(report, search):
    services.delete(report("Payment hangs").pk, by=SYSTEM)
    assert titles(search("payment")) == []


def test_filters_narrow_a_search(report, search):
    report("Payment hangs", severity="low")
    report("Payment lost", severity="critical")
    assert titles(search("payment", severity="critical")) == ["Payment lost"]


def test_sorted_by_recency(report, search):
    report("Payment payment payment")
    report("Later", description="payment")
    body = search("payment", sort="recency")
    assert titles(body) == ["Later", "Payment payment payment"]
    assert body["ranked"] is None


@pytest.mark.parametrize(("sort", "column"), [("frequency", "error_count"), ("users", "user_count")])
def test_sorted_by_a_count(report, search, sort, column):
    from bugs.models import Bug

    for title, number in (("payment one", 3), ("payment two", 9)):
        Bug.objects.filter(pk=report(title).pk).update(**{column: number})
    assert titles(search("payment", sort=sort)) == ["payment two", "payment one"]


def test_it_says_how_many_were_ranked(report, search, monkeypatch):
    for at in range(3):
        report(f"Payment {at}")
    assert search("payment")["ranked"] == {"candidates": 3, "complete": True}
    monkeypatch.setattr(candidates, "CANDIDATES", 2)
    assert search("payment")["ranked"] == {"candidates": 2, "complete": False}


@pytest.mark.parametrize("sort", ["relevance", "recency"])
def test_pages_hold_every_hit_once(report, api, sort):
    for at in range(5):
        report(f"Payment {'payment ' * at}")
    client, seen = api("carol"), []
    body = client.get(URL, {"text": "payment", "limit": 2, "sort": sort}).json()
    seen += titles(body)
    while body["next"]:
        body = client.get(body["next"]).json()
        seen += titles(body)
    assert len(seen) == len(set(seen)) == 5
    back = client.get(body["previous"]).json()
    assert titles(back) == seen[2:4]


def test_stop_words_alone_find_nothing(report, search):
    report("The end of it")
    assert titles(search("the of")) == []


def test_without_a_text_filters_alone_find(report, search):
    report("One", severity="low")
    assert titles(search(severity="low")) == ["One"]


def test_only_the_columns_wanted(report, search):
    report("Payment hangs")
    assert search("payment", fields="title")["results"][0]["bug"] == {"title": "Payment hangs"}


BAD = [
    ({"text": "a\x00b"}, "/text"),
    ({"text": "x" * (text.MAX_TEXT + 1)}, "/text"),
    ({"text": "x" * 10_000}, "/text"),
    ({"text": "word " * 500}, "/text"),
    ({"text": "a b " * (text.MAX_TERMS // 2) + "c"}, "/text"),
    ({"text": "ab*"}, "/text"),
    ({"sort": "words"}, "/sort"),
    ({"facets": "stems"}, "/facets"),
    ({"fields": "stems"}, "/fields"),
    ({"txt": "a"}, "/txt"),
    ({"similar_to": "x" * 301}, "/similar_to"),
    ({"limit": "201"}, "/limit"),
    ({"cursor": "bad"}, "/cursor"),
]


@pytest.mark.parametrize(("parameters", "pointer"), BAD)
def test_bad_input_is_named(api, parameters, pointer):
    answer = api("carol").get(URL, parameters)
    assert answer.status_code == 400, answer.json()
    assert pointer in str(answer.json()), answer.json()


@pytest.mark.parametrize(
    "typed", ["&|!<->:*", "'", "\\", '"', "a & b | !c", "a:*b", "'':A", "%s %(x)s", "((", "- -", "*"]
)
def test_signs_are_no_operators_and_no_error(report, api, typed):
    report("Payment hangs")
    assert api("carol").get(URL, {"text": typed}).status_code == 200
