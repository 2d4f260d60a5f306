"""What a search reads at most, and what it says when there may be more."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.actors import SYSTEM
from bugs import people, selectors, services
from bugs.models import Bug
from bugs.search import candidates, estimates, queries, text, windows

URL = "/api/v1/bugs/search/"


@pytest.fixture
def report(web):
    def make(title, project=web, **fields):
        return services.report(project_id=project.pk, by=SYSTEM, title=title, **fields)

    return make


@pytest.fixture
def common(monkeypatch):
    """Every word is as if many bugs had it, and four bugs are looked at."""
    monkeypatch.setattr(windows, "MAX_BY_WORDS", -1)
    monkeypatch.setattr(windows, "NEVER_BY_WORDS", 0)
    monkeypatch.setattr(windows, "MAX_NEWEST", 4)
    monkeypatch.setattr(windows, "MAX_OF_PROJECTS", 4)


def pages(client, **asked):
    body = client.get(URL, asked).json()
    yield body
    while body["next"]:
        body = client.get(body["next"]).json()
        yield body


def titles(body):
    return [hit["bug"]["title"] for hit in body["results"]]


def test_of_common_words_the_newest_bugs_alone_are_looked_at_and_it_says_so(report, api, common):
    for at in range(6):
        report(f"Payment {at}" if at in (0, 1, 3) else f"Login {at}")
    body = api("carol").get(URL, {"text": "payment"}).json()
    assert titles(body) == ["Payment 3"]
    assert body["ranked"] == {"candidates": 1, "complete": False}
    assert (body["count"], body["count_is"]) == (1, "at_least")


def test_a_window_that_holds_all_is_complete(report, api, common):
    for at in range(4):
        report(f"Payment {at}")
    assert api("carol").get(URL, {"text": "payment"}).json()["ranked"] == {"candidates": 4, "complete": True}


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_by_recency_pages_go_on_beyond_the_window(report, api, common, limit):
    for at in range(15):
        report(f"Payment {at}" if at in (0, 1, 7, 14) else f"Login {at}")
    client = api("carol")
    found = list(pages(client, text="payment", sort="recency", limit=limit))
    assert [title for body in found for title in titles(body)] == ["Payment 14", "Payment 7", "Payment 1", "Payment 0"]
    before = client.get(found[-1]["previous"]).json()
    assert "Payment 0" not in titles(before)


def test_a_filter_with_an_index_narrows_the_window(report, api, common):
    report("Payment old", component="cart")
    for at in range(6):
        report(f"Payment {at}", component="docs")
    assert titles(api("carol").get(URL, {"text": "payment", "component_name": "cart"}).json()) == ["Payment old"]


def test_the_newest_of_several_projects_are_merged(report, web, common, as_principal, monkeypatch):
    monkeypatch.setattr(windows, "WIDE", 2.0)
    other = people.make_project(key="SHOP", name="Other", by=SYSTEM)
    for at in range(6):
        report(f"Payment {at}", project=(web, other)[at % 2])
    query = queries.compiled(text.parse("payment"))
    bugs = Bug.objects.filter(deleted_at=None)
    found = candidates.find(bugs, query, windows.Gate([web.pk, other.pk]))
    newest = Bug.objects.order_by("-created_at", "-id").values_list("pk", flat=True)[:4]
    assert found.ids() == [str(pk) for pk in newest]


def test_few_hits_of_the_window_are_looked_for_by_their_words(report, as_principal, web, common, monkeypatch):
    monkeypatch.setattr(estimates, "with_words", lambda _: 10)
    monkeypatch.setattr(windows, "MAX_BY_WORDS", 3)
    monkeypatch.setattr(windows, "NEVER_BY_WORDS", 100)
    report("Payment old")
    for at in range(6):
        report(f"Login {at}")
    query = queries.compiled(text.parse("payment"))
    found = candidates.find(selectors.bugs_for(as_principal("carol")), query, windows.Gate([web.pk]))
    assert (len(found.rows), found.is_complete) == (1, True)


def test_what_was_cut_off_by_words_is_looked_for_among_the_newest(report, as_principal, web, monkeypatch):
    monkeypatch.setattr(estimates, "with_words", lambda _: 0)
    monkeypatch.setattr(windows, "MAX_BY_WORDS", 2)
    made = [report(f"Payment {at}").pk for at in range(4)]
    query = queries.compiled(text.parse("payment"))
    found = candidates.find(selectors.bugs_for(as_principal("carol")), query, windows.Gate([web.pk]))
    assert found.ids() == [str(pk) for pk in reversed(made)]


def test_the_command_reads_all_bugs_again(report, api):
    report("Checkout fails")
    Bug.objects.update(stems="", words="")
    call_command("reindex", stdout=StringIO())
    assert len(api("carol").get(URL, {"text": "checkout"}).json()["results"]) == 1


def test_the_command_reads_one_project_again(report, web):
    other = people.make_project(key="SHOP", name="Other", by=SYSTEM)
    report("Checkout fails"), report("Checkout fails", project=other)
    Bug.objects.update(stems="", words="")
    call_command("reindex", "--project", "SHOP", stdout=StringIO())
    found = Bug.objects.filter(queries.Matches("'checkout'"))
    assert list(found.values_list("project_id", flat=True)) == [other.pk]


def test_the_command_names_a_project_that_is_not_there(db):
    with pytest.raises(CommandError, match="NOPE"):
        call_command("reindex", "--project", "NOPE")
