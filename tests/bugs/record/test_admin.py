"""The operators' console of bugs and projects: looking at all of it, changing through services."""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.urls import reverse

from audit.actors import SYSTEM
from audit.models import Event
from bugs import services
from bugs.models import Bug, IngestKey, Membership, Project, User

BUG_TEXTS = {"description": "", "steps": "", "expected": "", "actual": "", "component": "", "environment": ""}


@pytest.fixture
def operator(console):
    return console


def types_of(bug):
    return list(Event.objects.filter(subject=f"bug:{bug.pk}").order_by("seq").values_list("type", flat=True))


def form_of(bug, **changes):
    values = {
        **BUG_TEXTS,
        "title": bug.title,
        "severity": bug.severity,
        "priority": bug.priority,
        "bug_type": bug.bug_type,
        "release": "",
        "tags": "{}",
        "custom": "{}",
        "due_on": "",
        "status": bug.status,
        "resolution": bug.resolution,
        "assignee": "",
    }
    return {**values, **changes}


def save(operator, bug, **changes):
    return operator.post(reverse("admin:bugs_bug_change", args=[bug.pk]), form_of(bug, **changes))


def inlines(**rows):
    """Form sets of a project page: how many rows each has, and their fields."""
    values = {}
    for name, rows_of in rows.items():
        old = sum("id" in row for row in rows_of)
        values |= {f"{name}-TOTAL_FORMS": len(rows_of), f"{name}-INITIAL_FORMS": old}
        for number, row in enumerate(rows_of):
            values |= {f"{name}-{number}-{field}": value for field, value in row.items()}
    return values


@pytest.mark.parametrize("model", sorted(model.__name__ for model in admin.site._registry if "bugs" in str(model)))
def test_every_list_opens(operator, bug, model):
    assert operator.get(reverse(f"admin:bugs_{model.lower()}_changelist")).status_code == 200


def test_an_operator_changes_a_bug_through_services(operator, bug, join):
    bob = join("bob", "triager")
    answer = save(
        operator,
        bug,
        title="New",
        steps="One",
        severity="critical",
        status="closed",
        resolution="wont_fix",
        assignee=bob.pk,
    )

    assert answer.status_code == 302, answer.context["errors"]
    bug = Bug.objects.get()
    assert (bug.title, bug.steps, bug.status, bug.resolution, bug.assignee) == ("New", "One", "closed", "wont_fix", bob)
    assert set(types_of(bug)) == {
        *("bug.created", "bug.edited", "bug.severity_changed", "bug.severity_escalated"),
        *("bug.status_changed", "bug.assigned"),
    }
    assert Event.objects.filter(type="bug.edited").get().actor.startswith("user:")


def test_custom_values_are_given_whole(operator, web, bug):
    Project.objects.update(custom_fields={"team": {"type": "text"}, "cost": {"type": "number"}})
    services.edit(bug.pk, changes={"custom": {"team": "red"}}, by=SYSTEM)

    assert save(operator, bug, custom='{"cost": 2}').status_code == 302
    assert Bug.objects.get().custom == {"cost": 2}
    assert b"no such custom field" in save(operator, bug, custom='{"colour": 2}').content


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"status": "reopened"}, b"cannot become reopened"),
        ({"status": "triaged", "resolution": "fixed"}, b"has no resolution"),
        ({"tags": "[1"}, b"Enter a valid JSON"),
    ],
)
def test_what_services_refuse_is_said_beside_the_field(operator, bug, changes, message):
    answer = save(operator, bug, **changes)

    assert answer.status_code == 200 and message in answer.content
    assert types_of(bug) == ["bug.created"]


def test_an_assignee_is_a_member(operator, bug, join):
    mallory = join("mallory", None)

    assert b"members of their project" in save(operator, bug, assignee=mallory.pk).content


def test_bugs_are_taken_out_and_brought_back(operator, bug):
    url = reverse("admin:bugs_bug_changelist")
    for action in ("take_out", "take_out", "bring_back"):
        assert operator.post(url, {"action": action, "_selected_action": [str(bug.pk)]}).status_code == 302

    assert types_of(bug) == ["bug.created", "bug.deleted", "bug.restored"]


def test_merged_and_deleted_bugs_are_only_read(operator, web, bug):
    target = services.report(project_id=web.pk, by=SYSTEM, title="The other")
    Bug.objects.filter(pk=bug.pk).update(merged_into=target)

    assert save(operator, bug, title="New").status_code == 403
    assert operator.get(reverse("admin:bugs_bug_change", args=[bug.pk])).status_code == 200


def test_the_search_box_takes_the_filter_language(operator, web, bug):
    services.report(project_id=web.pk, by=SYSTEM, title="Mail is late", severity="low")
    url = reverse("admin:bugs_bug_changelist")

    found = operator.get(url, {"q": "severity:low"}).content
    assert b"Mail is late" in found and b"Checkout fails" not in found
    assert operator.get(url, {"q": "severity:"}).status_code == 200


def test_an_operator_makes_a_project(operator):
    answer = operator.post(reverse("admin:bugs_project_add"), {"key": "SHOP", "name": "Shop"})

    assert answer.status_code == 302, answer.context["errors"]
    project = Project.objects.get()
    assert (project.key, project.number, project.ingest_keys.count()) == ("SHOP", 1, 1)
    assert Event.objects.filter(type="project.created").count() == 1
    assert operator.post(reverse("admin:bugs_project_add"), {"key": "a b", "name": "x"}).status_code == 200


def test_an_operator_runs_a_project(operator, web, join):
    bob, carol = join("bob", "triager"), join("carol", None)
    bobs, key = Membership.objects.get(user=bob), IngestKey.objects.get()
    values = {
        "name": "Shop",
        "time_zone": "Europe/Zurich",
        "custom_fields": '{"team": {"type": "text"}}',
        "sla": "{}",
        "bugs_from": "fatal",
        "retention_days": "30",
        **inlines(
            memberships=[
                {"id": bobs.pk, "project": web.pk, "user": bob.pk, "role": "triager", "DELETE": "on"},
                {"project": web.pk, "user": carol.pk, "role": "viewer"},
            ],
            group_roles=[],
            ingest_keys=[{"id": key.pk, "project": web.pk}],
        ),
    }
    answer = operator.post(reverse("admin:bugs_project_change", args=[web.pk]), values)

    assert answer.status_code == 302, answer.context["errors"]
    project = Project.objects.get()
    assert (project.name, project.time_zone, project.version) == ("Shop", "Europe/Zurich", 2)
    assert (project.bugs_from, project.attaches_similar, project.retention_days) == ("fatal", False, 30)
    assert list(project.memberships.values_list("user__username", "role")) == [("carol", "viewer")]
    assert not project.ingest_keys.get().is_active
    types = Event.objects.filter(actor__startswith="user:").order_by("seq").values_list("type", flat=True)
    assert list(types) == ["project.updated", "member.left", "member.joined", "ingest_key.switched"]


def test_an_operator_makes_a_key_for_sdks(operator, web):
    url = reverse("admin:bugs_project_changelist")
    operator.post(url, {"action": "add_key", "_selected_action": [str(web.pk)]})

    assert web.ingest_keys.filter(is_active=True).count() == 2
    assert Event.objects.filter(type="ingest_key.made").count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time_zone": "Mars/Olympus"}, b"no such time zone"),
        ({"custom_fields": '{"team": {"type": "colour"}}'}, b"/team/type"),
        ({"sla": '{"worst": {}}'}, b"/worst"),
        ({"retention_days": "3651"}, b"from 1 to 3650"),
        ({"events_per_minute": "0"}, b"from 1 to 1000000"),
    ],
)
def test_bad_projects_are_refused_beside_the_field(operator, web, changes, message):
    values = {"name": "Shop", "time_zone": "UTC", "custom_fields": "{}", "sla": "{}", "bugs_from": "error"}
    rows = inlines(memberships=[], group_roles=[], ingest_keys=[])
    answer = operator.post(reverse("admin:bugs_project_change", args=[web.pk]), {**values, **rows, **changes})

    assert answer.status_code == 200 and message in answer.content and Project.objects.get().version == 1


def test_for_staff_without_a_role_a_bug_is_as_good_as_missing(enter_console, web, bug):
    staff = enter_console(User.objects.create_user("stan", is_staff=True))
    missing = reverse("admin:bugs_bug_change", args=[uuid4()])

    assert save(staff, bug, title="New").status_code == 403 == staff.post(missing, {}).status_code
    assert staff.post(reverse("admin:bugs_project_change", args=[web.pk]), {"name": "x"}).status_code == 403
    assert Bug.objects.get().title == "Checkout fails" and Project.objects.get().name == "Web shop"
