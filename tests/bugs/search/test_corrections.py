"""Mistyped words, the vocabulary, and similar titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.actors import SYSTEM
from bugs import people, services
from bugs.models import Word
from bugs.search import distance, text
from bugs.selectors import similar
from bugs.services import indexing

URL = "/api/v1/bugs/search/"


@pytest.fixture
def report(web):
    def make(title, project=web, **fields):
        return services.report(project_id=project.pk, by=SYSTEM, title=title, **fields)

    return make


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chekcout", "checkout"),
        ("webhok", "webhook"),
        ("tiemout", "timeout"),
        ("lgoin", "login"),
        ("Paymnet", "payment"),
    ],
)
def test_a_mistyped_word_is_put_right_and_told(report, api, typed, meant):
    report(f"A {meant} here")
    body = api("carol").get(URL, {"text": typed}).json()
    assert len(body["results"]) == 1
    assert body["corrected"] == [{"typed": typed.casefold(), "used": meant}]


def test_exact_searches_what_was_typed_and_suggests(report, api):
    report("Checkout fails")
    body = api("carol").get(URL, {"text": "chekcout -now", "exact": "true"}).json()
    assert (body["results"], body["corrected"], body["did_you_mean"]) == ([], [], "checkout -now")


@pytest.mark.parametrize("known", ["checkouts", "chekcout"])
def test_a_word_that_someone_wrote_in_any_form_stays(report, api, known):
    report(f"Checkout and {known} fail")
    body = api("carol").get(URL, {"text": known.removesuffix("s")}).json()
    assert body["corrected"] == []


def test_words_of_other_projects_correct_nothing(report, api, people_of_web):
    other = people.make_project(key="SHOP", name="Other", by=SYSTEM)
    report("Acquisition secret", project=other)
    body = api("carol").get(URL, {"text": "aquisition"}).json()
    assert (body["corrected"], body["did_you_mean"]) == ([], None)


def test_internal_comments_bring_no_words(bug):
    from bugs.services import comments

    comments.add(bug.pk, body="mockingbird", by=SYSTEM, is_internal=True)
    assert not Word.objects.filter(word="mockingbird").exists()


def test_the_vocabulary_keeps_words_and_no_numbers():
    assert indexing.vocabulary(["Ab cart 12345 cart x9y", "l" * 61]) == ["cart", "x9y"]


def test_one_bug_brings_a_bounded_number_of_words():
    many = " ".join(f"word{at}" for at in range(indexing.MAX_VOCABULARY + 1))
    assert len(indexing.vocabulary([many])) == indexing.MAX_VOCABULARY


def test_reindexing_brings_back_what_was_lost(bug, api):
    from bugs.models import Bug

    Bug.objects.update(stems="", words="")
    Word.objects.all().delete()
    assert sum(indexing.reindex_all()) == 1
    assert len(api("carol").get(URL, {"text": "chekcout"}).json()["results"]) == 1


def test_similar_titles_the_most_alike_first(report, api):
    report("Checkout fails on Safari with coupon")
    report("Checkout fails on Safari with a coupon code")
    report("Login loop")
    report("Coupon list is empty")
    body = api("carol").get(URL, {"similar_to": "WEB-1"}).json()
    assert body["results"][0]["bug"]["reference"] == "WEB-2"
    assert "WEB-3" not in [hit["bug"]["reference"] for hit in body["results"]]
    assert body["results"][0]["similarity"] > 0.6


def test_similar_titles_of_a_text_and_never_of_others(report, api, as_principal):
    other = people.make_project(key="SHOP", name="Other", by=SYSTEM)
    report("Checkout fails on Safari", project=other)
    mine = report("Checkout fails on Firefox")
    found = similar.similar_to("checkout fails on safari", principal=as_principal("carol"), limit=5)
    assert [each.id for each in found] == [mine.pk]


def test_a_title_of_stop_words_has_nothing_similar(report, as_principal):
    report("The of and")
    assert similar.similar_to("the of and", principal=as_principal("carol"), limit=5) == []


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6))
def test_distance_is_the_same_both_ways_and_zero_for_itself(one, other):
    assert distance.distance(one, other) == distance.distance(other, one)
    assert (distance.distance(one, other) == 0) == (one == other)


@given(st.text(max_size=80))
def test_any_text_is_terms_or_refused(typed):
    try:
        terms = text.parse(typed)
    except text.BadText:
        return
    assert text.parse(text.written(terms)) == terms or '"' in typed or "-" in typed
