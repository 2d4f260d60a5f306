"""Figures on the stream: one event a project, in three sizes, of the kind that one asked for."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actors import SYSTEM, Principal
from bugs import people, services
from bugs.filters import BadFilter
from bugs.models import Project
from bugs.selectors import figures
from streaming import subscriptions
from streaming.fanout.pulse import Pulse
from streaming.streams import STREAMS, analytics
from streaming.streams.stream import Subscription
from streaming.subscriptions import BadMessage

STREAM = STREAMS["analytics"]
URL = "/api/v1/analytics/"
MOVES = (["triaged"], ["triaged", "resolved"], ["resolved", "reopened"], ["triaged", "in_progress"], ["closed"], [])


@pytest.fixture(autouse=True)
def nothing_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analytics, "_memory", analytics.Memory())


@pytest.fixture
def ops(web: Project, people_of_web: dict[str, Any]) -> Project:
    """Another project of carol's."""
    made = people.make_project(key="OPS", name="Operations", by=SYSTEM)
    people.join(project=made, user=people_of_web["carol"], role="viewer", by=SYSTEM)
    return made


def subscribed(kind: str = "", form: str = "json", **filters: Any) -> Subscription:
    options = {"metrics_type": kind} if kind else {}
    return Subscription("s1", STREAM, form, filters=filters, options=options)


def told(principal: Principal, *asked: Subscription, projects: Any) -> list[Any]:
    """What the subscriptions get at the next beat, each of each project."""
    facts = [Pulse.fact(STREAM, str(project.pk)) for project in projects]
    renderings = STREAM.read(facts, asked)
    return [orjson.loads(body) for one in asked for each in renderings for body in each.bodies(one, principal)]


def shown(principal: Principal, kind: str, project: Project, form: str = "detailed") -> Any:
    (event,) = told(principal, subscribed(kind, form), projects=[project])
    return event["metadata"]["figures"]


# Events ---------------------------------------------------------------------------------------------------


def test_an_event_is_of_one_project(web: Project, bug: Any, as_principal: Callable[[str], Principal]) -> None:
    (event,) = told(as_principal("carol"), subscribed(), projects=[web])
    assert (event["event_type"], event["bug_id"], event["changes"]) == ("analytics_update", None, {})
    metadata = event["metadata"]
    assert {name: metadata[name] for name in ("type", "project_id", "project", "matched", "metrics_type")} == {
        "type": "analytics.updated",
        "project_id": str(web.pk),
        "project": "WEB",
        "matched": True,
        "metrics_type": "bugs",
    }
    assert metadata["as_of"] == event["timestamp"]


def test_the_format_says_how_much(web: Project, as_principal: Callable[[str], Principal]) -> None:
    for kind in figures.KINDS:
        compact, middle, detailed = (
            shown(as_principal("carol"), kind, web, form) for form in ("compact", "json", "detailed")
        )
        assert compact.keys() == {"totals"}
        assert detailed.keys() - middle.keys() == {"series"}
        assert len(middle) > 1


def test_what_has_changed_since_is_told(web: Project, bug: Any, as_principal: Callable[[str], Principal]) -> None:
    carol = as_principal("carol")
    told(carol, subscribed(), projects=[web])
    services.change_status(bug.pk, to="resolved", by=SYSTEM)
    (event,) = told(carol, subscribed(), projects=[web])
    assert event["changes"]["open"] == {"from": 1, "to": 0}
    assert event["changes"].keys() == {"open", "resolved_24h", "resolved_7d"}
    assert told(carol, subscribed(), projects=[web])[0]["changes"] == {}


def test_figures_that_come_back_are_another_event(web: Project, as_principal: Callable[[str], Principal]) -> None:
    events = [told(as_principal("carol"), subscribed(), projects=[web])[0] for _ in range(2)]
    assert events[0]["event_id"] != events[1]["event_id"]


def test_each_gets_the_kind_it_asked_for(web: Project, as_principal: Callable[[str], Principal]) -> None:
    asked = [subscribed(kind, "compact") for kind in ("errors", "performance")]
    first, second = told(as_principal("carol"), *asked, projects=[web])
    assert "errors_1h" in first["metadata"]["figures"]["totals"]
    assert "reopen_rate" in second["metadata"]["figures"]["totals"]


def test_one_is_rendered_once_for_all_who_want_the_same(web: Project, as_principal: Callable[[str], Principal]) -> None:
    (rendering,) = STREAM.read([Pulse.fact(STREAM, str(web.pk))], [subscribed(), subscribed("bugs")])
    (first,), (second,) = (
        rendering.bodies(one, as_principal(name))
        for one, name in [(subscribed(), "bob"), (subscribed("bugs"), "carol")]
    )
    assert first is second


def test_a_newer_one_replaces_one_of_the_same_project_alone(web: Project, ops: Project) -> None:
    facts = [Pulse.fact(STREAM, str(project.pk)) for project in (web, web, ops)]
    first, second, other = STREAM.read(facts, [subscribed()])
    assert first.latest == second.latest != other.latest


def test_only_projects_that_somebody_wants_are_counted(
    web: Project, ops: Project, as_principal: Callable[[str], Principal], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    kinds = {"bugs": lambda zones, now: counted.extend(zones) or figures.recent.bugs(list(zones), now)}
    monkeypatch.setattr(figures, "KINDS", kinds)
    events = told(as_principal("carol"), subscribed(project=["OPS"]), projects=[web, ops])
    assert [event["metadata"]["project"] for event in events] == ["OPS"]
    assert counted == [ops.pk]


@pytest.mark.parametrize("kind", figures.KINDS)
def test_many_projects_take_as_many_statements_as_one(
    web: Project, people_of_web: dict[str, Any], as_principal: Callable[[str], Principal], kind: str
) -> None:
    many = [web, *(people.make_project(key=f"P{number}", name="p", by=SYSTEM) for number in range(9))]
    taken = []
    for projects in ([web], many):
        with CaptureQueriesContext(connection) as queries:
            assert len(told(as_principal("carol"), subscribed(kind), projects=projects)) == len(projects)
        taken.append(len([one for one in queries if "bugs_membership" not in one["sql"]]))
    assert taken[0] == taken[1] <= 4


# What stirs, what is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event_type", "stirs"),
    [
        *(("bug.created", True), ("bug.edited", True), ("error.received", True), ("error_group.spiking", True)),
        *(("session.updated", False), ("export.progress", False), ("analytics.updated", False)),
    ],
)
def test_bugs_and_errors_make_figures_old(event_type: str, stirs: bool) -> None:
    assert STREAM.stirred_by and STREAM.stirred_by({"type": event_type}) is stirs


def parse(**more: Any) -> Subscription:
    (one,) = subscriptions.parse({"id": "a", "type": "analytics", **more})
    return one


def test_the_kind_is_one_of_three() -> None:
    assert parse(metrics_type="errors").options == {"metrics_type": "errors"}
    with pytest.raises(BadMessage, match="bugs, errors, performance"):
        parse(metrics_type="weather")


def test_projects_can_be_chosen_and_nothing_else() -> None:
    assert parse(filters={"project": "WEB"}).filters == {"project": ["WEB"]}
    assert parse(filters={"project": ["WEB", "OPS"]}).filters == {"project": ["WEB", "OPS"]}
    with pytest.raises(BadMessage, match="by project alone"):
        parse(filters={"severity": "high"})
    with pytest.raises(BadFilter):
        STREAM.clean({"project": ["x" * 201]})


# The present state ----------------------------------------------------------------------------------------


def test_a_snapshot_has_each_project_that_one_may_see(
    web: Project, ops: Project, bug: Any, as_principal: Callable[[str], Principal]
) -> None:
    found = STREAM.snapshot(as_principal("carol"), subscribed("bugs", "compact"))
    assert [item["project"] for item in found.items] == ["OPS", "WEB"] and found.is_whole
    assert found.items[1]["figures"]["totals"]["open"] == 1
    assert orjson.dumps(found.items)
    assert [item["project"] for item in STREAM.snapshot(as_principal("bob"), subscribed()).items] == ["WEB"]
    assert STREAM.snapshot(as_principal("mallory"), subscribed()).items == []
    chosen = STREAM.snapshot(as_principal("carol"), subscribed(project=["OPS"]))
    assert [item["project"] for item in chosen.items] == ["OPS"]


def test_a_snapshot_is_bounded(
    web: Project, ops: Project, as_principal: Callable[[str], Principal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analytics, "SNAPSHOT_LIMIT", 1)
    found = STREAM.snapshot(as_principal("carol"), subscribed())
    assert [item["project"] for item in found.items] == ["OPS"] and not found.is_whole


def test_the_memory_of_what_was_told_is_bounded(monkeypatch: pytest.MonkeyPatch, web: Project, ops: Project) -> None:
    monkeypatch.setattr(analytics, "REMEMBERED", 1)
    memory = analytics.Memory()
    for number, project in enumerate((web, ops, ops, web)):
        changes = memory.changes(project.pk, "bugs", {"open": number})
        assert bool(changes) is (number == 2)
