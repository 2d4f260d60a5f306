"""Changes of bugs on the stream: matched before and after, in three sizes; and what there is when one comes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actors import SYSTEM, Principal
from bugs import services
from bugs.filters import BadFilter
from bugs.models import Bug, Project
from streaming.streams import STREAMS, bugs
from tests.streaming.streams.asking import facts_of, subscribed

Told = Callable[..., list[Any]]
AsPrincipal = Callable[[str], Principal]


def report(project: Project, **fields: Any) -> Bug:
    return services.report(
        project_id=project.pk, by=SYSTEM, **{"title": "Checkout is blank", "severity": "high", **fields}
    )


def move(bug: Bug, *ways: str) -> None:
    for to in ways:
        services.change_status(bug.pk, to=to, by=SYSTEM)


def kinds(events: list[Any]) -> list[str]:
    return [event["event_type"] for event in events]


# Which stream ---------------------------------------------------------------------------------------------


def test_each_change_belongs_to_its_streams(web: Project, told: Told) -> None:
    bug = report(web)
    move(bug, "triaged", "resolved", "closed", "reopened")
    assert kinds(told("new_bugs")) == ["new_bug"]
    assert kinds(told("bug_updates")) == ["status_change"] * 4
    assert [event["changes"]["status"]["to"] for event in told("resolutions")] == ["resolved", "closed"]


# Sizes ----------------------------------------------------------------------------------------------------


def test_the_format_says_how_much_of_the_bug(web: Project, told: Told) -> None:
    bug = report(web, description="It is all white.")
    sizes = {form: told("new_bugs", form)[0] for form in ("compact", "json", "detailed")}
    assert "bug" not in sizes["compact"]["metadata"]
    assert sizes["json"]["metadata"]["bug"] == {
        "reference": f"WEB-{bug.number}",
        "project": "WEB",
        "title": "Checkout is blank",
        "status": "new",
        "severity": "high",
    }
    assert sizes["detailed"]["metadata"]["bug"]["description"] == "It is all white."
    for event in sizes.values():
        event["metadata"].pop("bug", None)
    assert sizes["compact"] == sizes["json"] == sizes["detailed"]
    assert sizes["json"]["bug_id"] == str(bug.pk)


def test_the_bug_is_shown_as_its_event_left_it(web: Project, told: Told) -> None:
    move(report(web), "triaged", "resolved")
    shown = [event["metadata"]["bug"]["status"] for event in told("bug_updates", "detailed")]
    assert shown == ["triaged", "resolved"]


def test_a_deleted_bug_is_not_shown(web: Project, told: Told) -> None:
    services.delete(report(web).pk, by=SYSTEM)
    (event,) = told("bug_updates", "detailed")
    assert event["event_type"] == "deletion" and "bug" not in event["metadata"]


# Filters --------------------------------------------------------------------------------------------------


def matched(events: list[Any]) -> list[bool]:
    return [event["metadata"]["matched"] for event in events]


@pytest.mark.parametrize("filters", [{"status": "triaged"}, {"q": "status:triaged"}], ids=["parameter", "query"])
def test_entering_and_leaving_a_filter_is_told_and_nothing_else(web: Project, told: Told, filters: Any) -> None:
    move(report(web), "triaged", "in_progress", "resolved")
    assert matched(told("bug_updates", filters=filters)) == [True, False]


def test_a_bug_that_never_fits_is_never_told(web: Project, told: Told) -> None:
    move(report(web, severity="low"), "triaged")
    assert told("bug_updates", filters={"severity": ["high", "critical"]}) == []
    assert told("new_bugs", filters={"severity": ["high", "critical"]}) == []


def test_a_bug_that_somebody_else_gets_leaves_whoever_had_it(
    web: Project, told: Told, people_of_web: dict[str, Any]
) -> None:
    bug, bobs = report(web), {"assigned_to": "bob"}
    services.assign(bug.pk, assignee=people_of_web["bob"], by=SYSTEM)
    assert matched(told("bug_updates", filters=bobs)) == [True]
    services.assign(bug.pk, assignee=people_of_web["alice"], by=SYSTEM)
    assert matched(told("bug_updates", filters=bobs))[-1] is False


def test_me_is_whoever_asks(web: Project, told: Told, people_of_web: dict[str, Any]) -> None:
    services.assign(report(web).pk, assignee=people_of_web["bob"], by=SYSTEM)
    mine = {"q": "assignee:me"}
    assert kinds(told("bug_updates", filters=mine, person="bob")) == ["assignment"]
    assert told("bug_updates", filters=mine, person="alice") == []


def test_me_is_whoever_asks_in_one_rendering_too(
    web: Project, people_of_web: dict[str, Any], as_principal: AsPrincipal
) -> None:
    services.assign(report(web).pk, assignee=people_of_web["bob"], by=SYSTEM)
    one = subscribed("bug_updates", filters={"q": "assignee:me"})
    (rendering,) = bugs.read(facts_of(one), [one])
    assert [len(rendering.bodies(one, as_principal(name))) for name in ("alice", "bob", "alice")] == [0, 1, 0]


def test_what_was_created_has_left_nothing(web: Project, as_principal: AsPrincipal) -> None:
    report(web)
    one = subscribed("new_bugs", filters={"status": "triaged"})
    (created,) = facts_of(one)
    told = {**created["data"], "changes": {"status": {"from": "triaged", "to": "new"}}}
    for kind, number in (("bug.created", 0), ("bug.status_changed", 1)):
        (rendering,) = bugs.read([{**created, "type": kind, "data": told}], [one])
        assert len(rendering.bodies(one, as_principal("carol"))) == number


# Work done once -------------------------------------------------------------------------------------------


def test_a_change_is_rendered_once_for_all_who_want_the_same(web: Project, as_principal: AsPrincipal) -> None:
    report(web)
    first, second = (subscribed("new_bugs", filters={"severity": "high"}) for _ in range(2))
    (rendering,) = bugs.read(facts_of(first), [first, second])
    (one,), (other,) = rendering.bodies(first, as_principal("bob")), rendering.bodies(second, as_principal("carol"))
    assert one is other


def test_many_changes_share_their_statements(web: Project, people_of_web: dict[str, Any]) -> None:
    one = subscribed("bug_updates", "detailed", filters={"q": "assignee:me"})
    taken = []
    for _ in range(2):
        for _ in range(5):
            services.assign(report(web).pk, assignee=people_of_web["bob"], by=SYSTEM)
        facts = facts_of(one)
        with CaptureQueriesContext(connection) as queries:
            bugs.read(facts, [one])
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 4


def test_nothing_is_read_for_those_who_want_the_event_alone(web: Project) -> None:
    report(web)
    one = subscribed("new_bugs", "compact")
    facts = facts_of(one)
    with CaptureQueriesContext(connection) as queries:
        bugs.read(facts, [one])
    assert len(queries) == 0


# The present state ----------------------------------------------------------------------------------------


@pytest.fixture
def many(web: Project) -> list[Bug]:
    made = [
        report(web, severity=severity, title=f"{severity} pain") for severity in ("low", "high", "high", "critical")
    ]
    move(made[1], "resolved")
    services.delete(made[3].pk, by=SYSTEM)
    return made


@pytest.mark.parametrize(
    "filters", [{}, {"severity": ["high", "low"]}, {"q": "is:open pain"}, {"has_errors": True}], ids=str
)
def test_a_snapshot_is_what_the_list_says(many: list[Bug], shown: Any, api: Any, filters: dict[str, Any]) -> None:
    listed = api("carol").get("/api/v1/bugs/", filters).json()["results"]
    for kind in ("new_bugs", "bug_updates"):
        items, is_whole = shown(kind, filters=filters)
        assert [item["id"] for item in items] == [bug["id"] for bug in listed] and is_whole


def test_a_snapshot_of_resolutions_has_what_came_to_an_end(many: list[Bug], shown: Any) -> None:
    items, _ = shown("resolutions")
    assert [item["id"] for item in items] == [str(many[1].pk)]


def test_a_snapshot_comes_in_three_sizes(many: list[Bug], shown: Any, api: Any) -> None:
    compact, middle, detailed = (shown("bug_updates", form)[0][0] for form in ("compact", "json", "detailed"))
    assert compact.keys() < middle.keys() < detailed.keys()
    whole = api("carol").get(f"/api/v1/bugs/{detailed['reference']}/").json()
    assert {name: whole[name] for name in detailed} == detailed


@pytest.mark.parametrize(("limit", "is_whole"), [(2, False), (3, True)])
def test_a_snapshot_is_bounded_and_says_so(
    many: list[Bug], shown: Any, monkeypatch: pytest.MonkeyPatch, limit: int, is_whole: bool
) -> None:
    monkeypatch.setattr(bugs, "SNAPSHOT_LIMIT", limit)
    items, whole = shown("bug_updates")
    assert (len(items), whole) == (limit, is_whole)


def test_a_snapshot_has_nothing_of_others(many: list[Bug], shown: Any) -> None:
    assert shown("bug_updates", person="mallory") == ([], True)


def test_what_only_events_can_answer_has_no_snapshot(many: list[Bug], shown: Any) -> None:
    with pytest.raises(BadFilter):
        shown("bug_updates", filters={"q": "changed:severity"})


# What is asked --------------------------------------------------------------------------------------------


def test_a_value_or_a_list_means_the_same() -> None:
    clean = STREAMS["bug_updates"].clean
    assert clean({"severity": "high"}) == clean({"severity": ["high"]}) == {"severity": ["high"]}


@pytest.mark.parametrize(
    "filters", [{"colour": "red"}, {"q": ["a", "b"]}, {"has_errors": ["true"]}, {"q": "is:"}, {"q": "age:>3d"}], ids=str
)
def test_filters_that_mean_nothing_are_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(BadFilter):
        STREAMS["bug_updates"].clean(filters)
