"""The filter language where people meet it: lists, explanations, exports, webhooks, streams."""

from io import StringIO

import pytest
from django.core.management import call_command

from audit.actors import SYSTEM
from bugs import matching, people, query, services
from bugs.filters import BadFilter, BugFilter, clean
from bugs.selectors.matching import filter_documents

URL = "/api/v1/bugs/"


@pytest.fixture
def three(web, people_of_web):
    def report(title, **more):
        return services.report(project_id=web.pk, by=SYSTEM, title=title, **more)

    return [
        report("Payment fails at checkout", severity="critical", component="checkout", tags={"browser": "safari"}),
        report("Fails to pay", severity="high", component="cart", assignee=people_of_web["bob"]),
        report("Colours are wrong", severity="low"),
    ]


def titles(answer):
    assert answer.status_code == 200, answer.content
    return {bug["title"] for bug in answer.json()["results"]}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", {0, 1, 2}),
        ("is:open severity:>=high (component:checkout OR tag.browser:chrome)", {0}),
        ("fails", {0, 1}),
        ('"fails at"', {0}),
        ("pay*", {0, 1}),
        ("assignee:me", {1}),
        ("-is:assigned", {0, 2}),
        ("component:none", {2}),
        ("-component:cart created:>-1d", {0, 2}),
        ("title:fails -description:fails is:mine", {1}),
        ("closed:none age:<1h", {0, 1, 2}),
    ],
)
def test_a_list_takes_a_filter(api, three, q, found):
    assert titles(api("bob").get(URL, {"q": q})) == {three[place].title for place in found}


def test_me_is_whoever_asks(api, three):
    assert titles(api("carol").get(URL, {"q": "assignee:me"})) == set()


def test_a_filter_never_leads_out_of_ones_projects(api, three, people_of_web):
    elsewhere = people.make_project(key="EVIL", name="Elsewhere", by=SYSTEM)
    people.join(project=elsewhere, user=people_of_web["mallory"], role="admin", by=SYSTEM)

    assert titles(api("mallory").get(URL, {"q": "fails OR -fails OR project:WEB"})) == set()


def test_a_page_goes_on_under_its_filter(api, three):
    client = api("bob")
    first = client.get(URL, {"q": "fails", "limit": 1})

    assert titles(client.get(first.json()["next"])) == {three[0].title}


def test_plain_parameters_stay_beside_it(api, three):
    client = api("bob")
    assert titles(client.get(f"{URL}?component_name=cart&component_name=checkout&q=pay")) == {three[1].title}
    assert titles(client.get(URL, {"has_attachments": "true"})) == set()
    assert titles(client.get(URL, {"assigned_to": "bob", "project": "WEB"})) == {three[1].title}


def test_a_filter_is_explained(api, three):
    answer = api("bob").get(f"{URL}query/", {"q": "severity:>=high (a OR age:>7d)"}).json()

    assert answer["meaning"] == 'severity is at least high and (the texts have the word "a" or age is above 7d)'
    assert answer["fields_used"] == ["severity", "age"] and not answer["is_live"] and not answer["is_for_triggers"]


def test_an_explanation_points_at_what_is_wrong(api, three):
    answer = api("bob").get(f"{URL}query/", {"q": "a severity:hihg"})

    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["reason"], error["position"], error["length"]) == ("invalid_value", 11, 4)


def test_what_changes_with_time_alone_is_refused_live():
    for text in ("age:>7d", "a OR -idle:<1h", "is:open,overdue"):
        with pytest.raises(BadFilter):
            clean({"q": text}, is_live=True)
        assert clean({"q": text}) == {"q": text}
    with pytest.raises(BadFilter):
        clean({"q": "changed:severity"})
    assert clean({"q": "changed:severity"}, is_live=True)


def test_every_list_parameter_can_be_asked_in_memory():
    assert set(BugFilter.base_filters) == {*matching.TESTS, "q"}


def test_plain_parameters_mean_the_same_in_memory(three, as_principal):
    documents = filter_documents([bug.pk for bug in three])
    wanted = clean({"severity": ["high", "critical"], "assigned_to": ["bob"], "q": "fails", "has_errors": False})
    matches = matching.matcher(wanted, principal=as_principal("bob"))

    assert [name for name, document in documents.items() if matches(document)] == [str(three[1].pk)]


def test_what_an_event_changed_is_asked_of_the_event(three, as_principal):
    document = next(iter(filter_documents([three[0].pk]).values()))
    changes = {"severity": {"from": "low", "to": "critical"}}
    ask = {
        text: query.matcher(text, principal=as_principal("bob")) for text in ("changed:severity", "severity.was:<high")
    }

    assert all(matches({**document, "changes": changes}) for matches in ask.values())
    assert not any(matches(document) for matches in ask.values())


def test_internal_comments_are_not_found(api, three):
    bob, one = api("bob"), f"{URL}{three[0].pk}/comments/"
    bob.post(one, {"body": "secretword", "is_internal": True}, format="json")
    bob.post(one, {"body": "publicword"}, format="json")

    assert titles(api("carol").get(URL, {"q": "publicword secretword"})) == set()
    assert titles(api("carol").get(URL, {"q": "comment:publicword"})) == {three[0].title}


def test_the_reference_page_is_up_to_date():
    call_command("filter_reference", check=True, stdout=StringIO())
